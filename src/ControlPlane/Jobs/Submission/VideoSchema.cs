using System.Text.Json.Nodes;
using Microsoft.OpenApi;

namespace VmDataset.ControlPlane.Jobs.Submission;

/// <summary>What a type cannot tell of a job's video: its presets, and that unknown fields are refused.</summary>
internal static class VideoSchema
{
    public static void OfRequest(OpenApiSchema request)
    {
        ((OpenApiSchema)request.Properties![VideoSpecReader.Field]).Description = "Brings every sample's video and stills into one form, so that a trainer need not: size (the aspect is kept, the rest is filled with the border's colour), number of frames, rate, H.264 that browsers play. Any of its fields, or a preset by trainer. Samples take longer then. Default: samples stay as the generators make them.";
    }

    public static void OfSpec(OpenApiSchema spec)
    {
        spec.AdditionalPropertiesAllowed = false;
        spec.Examples = [JsonNode.Parse("""{"preset": "wan2.2", "width": 512, "height": 512}""")!];
        ((OpenApiSchema)spec.Properties!["preset"]).Enum = [.. VideoPreset.All.Select(static preset => JsonValue.Create(preset.Name))];
        ((OpenApiSchema)spec.Properties["codec"]).Enum = [JsonValue.Create(VideoSpec.H264)];
    }
}
