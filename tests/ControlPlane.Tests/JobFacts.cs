using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using VmDataset.Pipeline.Datasets;
using VmDataset.Pipeline.Jobs;
using VmDataset.Pipeline.Queue;
using VmDataset.Pipeline.Ranges;
using VmDataset.Pipeline.Records;
using VmDataset.Pipeline.Storage;

namespace VmDataset.ControlPlane.Tests;

/// <summary>Writes what a worker would write.</summary>
internal static class JobFacts
{
    public const string Domain = "shape";

    public static async Task PutTextAsync(this Api api, string key, string text)
    {
        using var content = new MemoryStream(Encoding.UTF8.GetBytes(text));
        await api.Store.PutAsync(key, content);
    }

    public static Task FinishAsync(this Api api, Job job, string generator, int start, int count, int attempt = 1, string? worker = "worker-1:71", Func<int, int>? puzzle = null, Func<SampleRecord, SampleRecord>? change = null) =>
        api.Store.FinishAsync(job, generator, start, count, attempt, worker, puzzle, change);

    /// <summary>Marks a range as finished. Samples of one <paramref name="puzzle"/> are equal; each index has its own unless that says else.</summary>
    public static Task FinishAsync(
        this IObjectStore store, Job job, string generator, int start, int count, int attempt = 1, string? worker = "worker-1:71", Func<int, int>? puzzle = null,
        Func<SampleRecord, SampleRecord>? change = null)
    {
        var range = new SampleRange(start, count);
        return store.PutJsonAsync(ObjectKeys.Done(job.Id, generator, range), new Manifest
        {
            Generator = generator,
            Version = "0123456789abcdef",
            Domain = Domain,
            StartIndex = start,
            NumSamples = count,
            BaseSeed = job.Seed,
            OutputFormat = job.OutputFormat,
            Files = count * 2,
            Bytes = count * 30,
            Seconds = count,
            FinishedAt = DateTimeOffset.UtcNow,
            Attempt = attempt,
            Worker = worker,
            Shard = job.OutputFormat == OutputFormat.WebDataset ? new Shard(ObjectKeys.Shard(job.Id, generator, range), 10_240, "ab") : null,
            Samples = [.. Enumerable.Range(start, count).Select(index => new SampleRecord
            {
                Index = index,
                Seed = job.Seed + index,
                Fingerprint = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{puzzle?.Invoke(index) ?? index}"))),
                Seconds = 0.5,
                Files = [new SampleFileRecord("first_frame.png", 10, "cd"), new SampleFileRecord("prompt.txt", 20, "ef")],
            }).Select(sample => change?.Invoke(sample) ?? sample)],
        });
    }

    public static Task FailAsync(this Api api, Job job, string generator, int start, int count, int attempt = 1, string message = "no solvable position found") =>
        api.Store.PutJsonAsync(ObjectKeys.Failed(job.Id, generator, new SampleRange(start, count)), new FailureRecord
        {
            Generator = generator,
            StartIndex = start,
            NumSamples = count,
            BaseSeed = job.Seed,
            Attempt = attempt,
            Kind = FailureKind.Raised,
            Message = message,
            ExceptionType = "ValueError",
            Traceback = "Traceback (most recent call last): …",
            LogTail = "drawing…",
            FailedAt = DateTimeOffset.UtcNow,
            Worker = "worker-2:5",
        });

    public static Task DeadLetterAsync(this Api api, Job job, string generator, int start, int count, int round = 0) =>
        api.Store.PutJsonAsync(ObjectKeys.Dead(job.Id, round, generator, new SampleRange(start, count)),
            new DeadRange { Reason = "It failed three times.", DiedAt = DateTimeOffset.UtcNow });

    /// <summary>Takes every message off the queue. Those about datasets are not returned.</summary>
    public static async Task<IReadOnlyList<BatchMessage>> DrainAsync(this Api api)
    {
        List<BatchMessage> messages = [];
        while (await api.Queue.ReceiveAsync(10, TimeSpan.FromMinutes(1), TimeSpan.Zero) is { Count: > 0 } received)
        {
            foreach (var message in received)
            {
                if (DatasetTask.Parse(message.Body) is null) messages.Add(BatchMessageParser.Parse(message.Body).Message!);
                await api.Queue.DeleteAsync(message);
            }
        }

        return messages;
    }

    /// <summary>A job whose submission died after so many messages, an hour ago or just now.</summary>
    public static async Task<Job> HalfSubmitAsync(this Api api, int sent, TimeSpan ago)
    {
        var job = new Job
        {
            Id = JobId.New(api.Time.GetUtcNow() - ago),
            CreatedAt = api.Time.GetUtcNow() - ago,
            Generators = [new JobGenerator("alpha", null), new JobGenerator("beta", null)],
            StartIndex = 5,
            Samples = 25,
            BatchSize = 10,
            Seed = 42,
            OutputFormat = OutputFormat.Files,
        };
        await api.Services.GetRequiredService<JobStore>().CreateAsync(job);
        var messages = from range in job.Range(job.Generators[0]).Split(job.BatchSize)
                       from generator in job.Generators
                       select new OutgoingMessage(BatchMessage.For(job, generator, range).ToJson(), job.Id);
        if (sent == 0) return job;
        await api.Queue.SendAsync([.. messages.Take(sent)]);
        var key = ObjectKeys.Sent(job.Id, 0, sent);
        await api.PutTextAsync(key, "");
        File.SetLastWriteTimeUtc(Path.Combine(api.DataDir, "store", key), (api.Time.GetUtcNow() - ago).UtcDateTime);
        return job;
    }
}
