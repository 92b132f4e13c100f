using System.Text;
using System.Text.Json;
using VmDataset.Pipeline.Jobs;
using VmDataset.Pipeline.Json;
using VmDataset.Pipeline.Parameters;
using VmDataset.Pipeline.Records;

namespace VmDataset.Pipeline.Tests.Records;

public class ManifestHeadTests
{
    private static readonly JsonSerializerOptions Indented = new(WireJson.Options) { WriteIndented = true };

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_head_of_a_manifest_is_read_from_its_first_bytes(bool indented)
    {
        var json = Json(indented);
        var cut = json.AsSpan(0, json.AsSpan().IndexOf("\"samples\""u8) + 40);

        var head = ManifestHead.Parse(cut)!;

        head.Generator.ShouldBe("alpha");
        (head.NumSamples, head.Seconds, head.CpuSeconds, head.MaxRssMb, head.Files, head.Bytes).ShouldBe((1_000, 117.5, 110.25, 96.9, 5_000, 38_000_000));
    }

    [Fact]
    public void A_parameter_named_samples_is_not_taken_for_the_samples()
    {
        ParameterSet.TryRead(JsonElement.Parse("""{"samples": [1, 2]}"""), out var set, out _);

        ManifestHead.Parse(Json(indented: false, set))!.Seconds.ShouldBe(117.5);
    }

    [Theory]
    [InlineData("")]
    [InlineData("no JSON")]
    [InlineData("{}")]
    [InlineData("""{"samples": []}""")]
    [InlineData("""{"generator": "alpha", "num_samples": 10""")]
    [InlineData("""{"generator": 7, "num_samples": "x", "samples": []}""")]
    public void A_text_that_is_no_manifest_has_no_head(string json) => ManifestHead.Parse(Encoding.UTF8.GetBytes(json)).ShouldBeNull();

    private static byte[] Json(bool indented, ParameterSet? parameters = null) => JsonSerializer.SerializeToUtf8Bytes(new Manifest
    {
        Generator = "alpha",
        Version = "0123456789abcdef",
        Domain = "shape",
        StartIndex = 0,
        NumSamples = 1_000,
        BaseSeed = 42,
        Parameters = parameters,
        OutputFormat = OutputFormat.Files,
        Files = 5_000,
        Bytes = 38_000_000,
        Seconds = 117.5,
        CpuSeconds = 110.25,
        MaxRssMb = 96.9,
        FinishedAt = DateTimeOffset.UnixEpoch,
        Samples = [.. Enumerable.Range(0, 1_000).Select(static i => new SampleRecord { Index = i, Seed = i, Fingerprint = "ab", Seconds = 0.1, Files = [] })],
    }, indented ? Indented : WireJson.Options);
}
