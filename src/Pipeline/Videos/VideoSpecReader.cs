using VmDataset.Pipeline.Json;

namespace VmDataset.Pipeline.Videos;

/// <summary>Reads the field <c>video</c> of a job or a message, and knows every rule that it has.</summary>
public static class VideoSpecReader
{
    public const string Field = "video";

    private const string Rule = "an object with one or more of preset, width, height, frames, fps, codec, keep_original";
    private static readonly string[] Known = ["preset", "width", "height", "frames", "fps", "codec", "keep_original"];

    /// <returns>The form, with a preset's figures filled in; null if there is none or, with errors noted, it is wrong.</returns>
    public static VideoSpec? Read(JsonFields fields)
    {
        if (fields.Find(Field, required: false, Rule) is not { } value) return null;
        if (value.ValueKind != JsonValueKind.Object || !value.EnumerateObject().Any())
        {
            fields.Refuse(Field,
                $"{Field} is {(value.ValueKind == JsonValueKind.Object ? "an object without fields" : JsonFields.Describe(value))}; allowed: {Rule}.");
            return null;
        }

        var own = new JsonFields(value);
        own.RefuseUnknownAndRepeated(Known);
        var preset = own.Text("preset", required: false, static name => VideoPreset.Find(name) is not null, VideoPreset.Names) is { } name
            ? VideoPreset.Find(name) : null;
        var spec = new VideoSpec
        {
            Preset = preset?.Name,
            Width = Side(own, "width", preset) ?? preset?.Width,
            Height = Side(own, "height", preset) ?? preset?.Height,
            Frames = Frames(own, preset) ?? preset?.Frames,
            Fps = own.WholeNumber("fps", required: false, 1, VideoSpec.MaxFps) ?? preset?.Fps,
            Codec = own.Text("codec", required: false, static codec => codec == VideoSpec.H264, $"\"{VideoSpec.H264}\"") ?? VideoSpec.H264,
            KeepOriginal = own.Flag("keep_original") == true ? true : null,
        };
        foreach (var error in own.Errors) fields.Refuse($"{Field}.{error.Field}", $"{Field}.{error.Message}");
        return own.Errors.Count == 0 ? spec : null;
    }

    private static int? Side(JsonFields own, string field, VideoPreset? preset)
    {
        // 4:2:0 has one value of colour for two pixels a side.
        var step = preset?.Side ?? 2;
        return Stepped(own, field, VideoSpec.MinSide, VideoSpec.MaxSide, step, 0, preset, $"multiples of {step}");
    }

    private static int? Frames(JsonFields own, VideoPreset? preset) => Stepped(own, "frames", 1, VideoSpec.MaxFrames, preset?.Step ?? 1, 1,
        preset, $"{preset?.Step}n + 1");

    private static int? Stepped(JsonFields own, string field, int min, int max, int step, int rest, VideoPreset? preset, string rule)
    {
        if (own.WholeNumber(field, required: false, min, max) is not { } number) return null;
        if ((number - rest) % step == 0) return number;
        var below = number - ((number - rest) % step);
        int[] near = [.. new[] { below, below + step }.Where(each => each >= min && each <= max)];
        var (first, last) = (min + ((((rest - min) % step) + step) % step), max - ((max - rest) % step));
        own.Refuse(field, string.Create(CultureInfo.InvariantCulture,
            $"{field} is {number}; allowed{(preset is null ? "" : $" with preset {preset.Name}")}: {rule} from {first:N0} to {last:N0}, next to it {string.Join(" and ", near)}."));
        return null;
    }
}
