using System.Text.Json;
using VmDataset.Pipeline.Jobs;
using VmDataset.Pipeline.Parameters;
using VmDataset.Pipeline.Ranges;
using VmDataset.Pipeline.Records;
using VmDataset.Pipeline.Storage;
using VmDataset.Pipeline.Videos;

namespace VmDataset.Pipeline.Tests.Records;

/// <summary>What a job that has ended teaches of its generators.</summary>
public sealed class MeasurementTests : LocalStoreTests
{
    private readonly MeasurementStore _measurements;
    private readonly MeasurementRecorder _recorder;

    public MeasurementTests()
    {
        _measurements = new MeasurementStore(Store, TimeProvider.System);
        _recorder = new MeasurementRecorder(Store, _measurements, TimeProvider.System);
    }

    [Fact]
    public async Task A_job_teaches_seconds_processor_share_files_bytes_memory_and_failures()
    {
        var job = Job("job-a");
        await FinishAsync(job, start: 0, seconds: 0.2);
        await FinishAsync(job, start: 100, seconds: 0.2);

        await RecordAsync(job, failed: 50);

        var measured = (await _measurements.FindAsync(job.Generators[0], cancellationToken: Token))!;
        measured.Basis.ShouldBe(PlanBasis.Measured);
        measured.Samples.ShouldBe(200);
        measured.MeanSeconds.ShouldBe(0.2, 1e-6);
        measured.CpuShare.ShouldNotBeNull().ShouldBe(0.75, 1e-9);
        (measured.FilesPerSample, measured.BytesPerSample, measured.MemoryMb).ShouldBe((5, 1_000, 96));
        measured.FailureShare.ShouldBe(0.2);
        (measured.Version, measured.JobId).ShouldBe(("v1", "job-a"));
    }

    [Fact]
    public async Task A_job_teaches_once_however_often_its_end_is_looked_at()
    {
        var job = Job("job-b");
        await FinishAsync(job, start: 0, seconds: 0.2);

        await RecordAsync(job);
        await RecordAsync(job);

        (await _measurements.FindAsync(job.Generators[0], cancellationToken: Token))!.Samples.ShouldBe(100);
    }

    [Fact]
    public async Task A_second_job_is_added_to_the_first()
    {
        var (first, second) = (Job("job-c"), Job("job-d"));
        await FinishAsync(first, start: 0, seconds: 0.2);
        await FinishAsync(second, start: 0, seconds: 0.4);

        await RecordAsync(first);
        await RecordAsync(second);

        var measured = (await _measurements.FindAsync(first.Generators[0], cancellationToken: Token))!;
        (measured.Samples, measured.JobId).ShouldBe((200, "job-d"));
        measured.MeanSeconds.ShouldBe(0.3, 1e-6);
    }

    [Fact]
    public async Task Conformed_samples_are_measured_by_themselves_and_without_a_record_taken_as_those_that_are_not()
    {
        var (plain, conformed) = (Job("job-g"), Job("job-h") with { Video = new VideoSpec { Width = 512 } });
        await FinishAsync(plain, start: 0, seconds: 0.2);
        await RecordAsync(plain);
        (await ReadAsync(conformed)).ShouldBe(0.2, 1e-6);

        await FinishAsync(conformed, start: 0, seconds: 2);
        await RecordAsync(conformed);

        (await ReadAsync(conformed)).ShouldBe(2, 1e-6);
        (await ReadAsync(plain)).ShouldBe(0.2, 1e-6);
        (await ReadAsync(conformed with { Video = new VideoSpec { Width = 256 } })).ShouldBe(0.2, 1e-6);

        async Task<double> ReadAsync(Job job) => (await _measurements.ReadAsync(job.Generators, job.Video, Token))[0]!.MeanSeconds;
    }

    [Fact]
    public async Task Samples_with_parameters_are_measured_by_themselves_and_without_a_record_taken_as_those_without()
    {
        ParameterSet.TryRead(JsonElement.Parse("""{"size": 20}"""), out var set, out _);
        var (plain, large) = (Job("job-e"), Job("job-f", set));
        await FinishAsync(plain, start: 0, seconds: 0.2);
        await RecordAsync(plain);
        (await _measurements.ReadAsync(large.Generators, cancellationToken: Token))[0]!.MeanSeconds.ShouldBe(0.2, 1e-6);

        await FinishAsync(large, start: 0, seconds: 2);
        await RecordAsync(large);

        (await _measurements.ReadAsync(large.Generators, cancellationToken: Token))[0]!.MeanSeconds.ShouldBe(2, 1e-6);
        (await _measurements.ReadAsync(plain.Generators, cancellationToken: Token))[0]!.MeanSeconds.ShouldBe(0.2, 1e-6);
    }

    [Fact]
    public async Task A_job_without_a_finished_sample_teaches_nothing_and_an_unreadable_record_is_none()
    {
        var job = Job("job-g");
        await RecordAsync(job);
        (await _measurements.FindAsync(job.Generators[0], cancellationToken: Token)).ShouldBeNull();

        using (var damaged = new MemoryStream("no JSON"u8.ToArray()))
            await Store.PutAsync(ObjectKeys.Measurement("alpha", null), damaged, cancellationToken: Token);
        _measurements.Forget();

        (await _measurements.ReadAsync(job.Generators, cancellationToken: Token)).ShouldBe([null]);
    }

    private static Job Job(string id, ParameterSet? parameters = null) => new()
    {
        Id = id,
        CreatedAt = DateTimeOffset.UtcNow,
        Generators = [new JobGenerator("alpha", "v1", parameters)],
        StartIndex = 0,
        Samples = 1_000,
        BatchSize = 100,
        Seed = 42,
        OutputFormat = OutputFormat.Files,
    };

    private async Task RecordAsync(Job job, int failed = 0)
    {
        if (failed > 0)
            await Store.PutJsonAsync(ObjectKeys.Dead(job.Id, 0, "alpha", new SampleRange(500, failed)), new DeadRange { Reason = "It failed.", DiedAt = DateTimeOffset.UtcNow }, cancellationToken: Token);
        await _recorder.RecordAsync(job, await Progress.ReadAsync(job, Token), Token);
    }

    private async Task FinishAsync(Job job, int start, double seconds)
    {
        const int Count = 100;
        await Store.PutJsonAsync(ObjectKeys.Done(job.Id, "alpha", new SampleRange(start, Count)), new Manifest
        {
            Generator = "alpha",
            Version = "v1",
            Domain = "shape",
            StartIndex = start,
            NumSamples = Count,
            BaseSeed = job.Seed,
            OutputFormat = OutputFormat.Files,
            Files = Count * 5,
            Bytes = Count * 1_000,
            Seconds = seconds * Count,
            CpuSeconds = 0.75 * seconds * Count,
            MaxRssMb = 96,
            FinishedAt = DateTimeOffset.UtcNow,
            Samples = [.. Enumerable.Range(start, Count).Select(i => new SampleRecord { Index = i, Seed = i, Fingerprint = "ab", Seconds = seconds, Files = [] })],
        }, cancellationToken: Token);
    }
}
