using System.Text.Json;
using VmDataset.Pipeline.Generators;
using VmDataset.Pipeline.Jobs;
using VmDataset.Pipeline.Parameters;
using VmDataset.Pipeline.Records;
using VmDataset.Pipeline.Storage;
using VmDataset.Worker.Batches;

namespace VmDataset.Worker.Tests.Batches;

public sealed class ParameterTests : IAsyncDisposable
{
    private const string Generator = "configured-generator";

    private readonly WorkerHarness _worker = new(lanes: 1);

    public ValueTask DisposeAsync() => _worker.DisposeAsync();

    [Fact]
    public async Task Parameters_change_the_samples_and_keep_their_output_apart()
    {
        var plain = Message(null);
        var set = Message("""{"num_dots": 9, "level": "hard", "grid_size": 5}""");
        foreach (var body in new[] { plain, set, Message("""{"grid_size": 5, "level": "hard", "num_dots": 9}""") })
            (await _worker.ProcessAsync(body)).ShouldBe(BatchOutcome.Acknowledge);

        var (one, other) = (await ManifestAsync(plain), await ManifestAsync(set));
        one.Parameters.ShouldBeNull();
        other.Parameters!.Json.ShouldBe("""{"grid_size":5,"level":"hard","num_dots":9}""");
        other.Samples.Select(static sample => sample.Fingerprint).ShouldNotBe(one.Samples.Select(static sample => sample.Fingerprint));
        (await MetadataAsync(set)).ShouldStartWith("hard False 5 9 ");
        (await MetadataAsync(plain)).ShouldStartWith("easy False 3 4 ");
        // Each set of parameters has its own proof of reuse; the same set in another order has none of its own.
        (await _worker.KeysAsync("reuse/")).Count.ShouldBe(2);
    }

    [Theory]
    [InlineData(Generator, """{"dots": 9}""", "The generator has no parameter 'dots'; allowed: difficulty, image_size, num_dots")]
    [InlineData(Generator, """{"num_dots": 10}""", "The parameter 'num_dots' is 10; allowed: an integer, at least 2, at most 9.")]
    [InlineData("ok-generator", """{"num_dots": 9}""", "The generator takes no parameters.")]
    public async Task Parameters_that_the_generator_does_not_take_are_given_up_without_a_retry(string generator, string parameters, string reason)
    {
        var body = Message(parameters, generator);
        (await _worker.ProcessAsync(body)).ShouldBe(BatchOutcome.Acknowledge);

        var record = (await _worker.KeysAsync(ObjectKeys.FailedPrefix(JobId(body)))).ShouldHaveSingleItem();
        var failure = (await _worker.Store.GetJsonAsync<FailureRecord>(record))!;
        failure.Kind.ShouldBe(FailureKind.UnusableGenerator);
        failure.Message.ShouldStartWith(reason);
        BatchMessageParser.Parse((await _worker.Queue.DeadLetters.PeekAsync(1)).ShouldHaveSingleItem().Body).Message!.Parameters!.Json.ShouldBe(parameters.Replace(" ", ""));
    }

    [Fact]
    public async Task Parameters_are_tried_again_with_the_sample()
    {
        await _worker.ProcessAsync(Message("""{"difficulty": "impossible"}"""));

        var (again, _) = BatchMessageParser.Parse((await _worker.Queue.ReceiveAsync(1, TimeSpan.FromMinutes(1), TimeSpan.Zero, [])).ShouldHaveSingleItem().Body);
        (again!.Attempt, again.Parameters!.Json).ShouldBe((2, """{"difficulty":"impossible"}"""));
    }

    [Fact]
    public async Task Parameters_are_read_without_running_the_generator()
    {
        var catalog = _worker.Get<GeneratorCatalog>();
        var runtime = _worker.Get<IGeneratorRuntime>();
        (await runtime.ParametersAsync(catalog.Find(Generator)!)).Schema!.Names.ShouldContain("num_dots");
        (await runtime.ParametersAsync(catalog.Find("endless-generator")!)).ShouldBe(new ParameterDiscovery(null, null));
    }

    private static string Message(string? parameters, string generator = Generator) =>
        $$"""{"type": "{{generator}}", "start_index": 0, "num_samples": 2, "seed": 7{{(parameters is null ? "" : $", \"parameters\": {parameters}")}}}""";

    private static string JobId(string body) => BatchMessageParser.Parse(body).Message!.JobId;

    private async Task<Manifest> ManifestAsync(string body) =>
        (await _worker.Store.GetJsonAsync<Manifest>((await _worker.KeysAsync(ObjectKeys.DonePrefix(JobId(body)))).ShouldHaveSingleItem()))!;

    private async Task<string> MetadataAsync(string body)
    {
        var key = (await _worker.KeysAsync(ObjectKeys.DataPrefix(JobId(body)))).First(static key => key.EndsWith("metadata.json", StringComparison.Ordinal));
        return (await _worker.Store.GetJsonAsync<JsonDocument>(key))!.RootElement.GetProperty("says").GetString()!;
    }
}
