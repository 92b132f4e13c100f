using System.Diagnostics;
using System.Globalization;
using Amazon.SQS;
using Amazon.SQS.Model;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using VmDataset.Pipeline.Aws;
using VmDataset.Pipeline.Dispatch;
using VmDataset.Pipeline.Jobs;
using VmDataset.Pipeline.Local;
using VmDataset.Pipeline.Queue;
using VmDataset.Pipeline.Records;

namespace VmDataset.Submission;

/// <summary>Measurements, each run in a process of its own, which prints its <see cref="Figures"/>.</summary>
internal static class Measurement
{
    private const int BatchSize = 10;

    /// <summary>Submits jobs as the control plane does, with its own services; the object store is a folder.</summary>
    /// <param name="ready">Whether somebody asked for the API's readiness before, as everything that hosts it does; that is not
    /// measured.</param>
    public static async Task ProductAsync(string queueUrl, int messages, int runs, bool ready)
    {
        var folder = Directory.CreateTempSubdirectory("vmds-bench-");
        try
        {
            using var memory = new MemoryWatch();
            List<double> seconds = [];
            var watch = Stopwatch.StartNew();
            // The first run pays for the services too.
            await using var services = Services(queueUrl);
            var store = new FileSystemObjectStore(folder.FullName);
            var log = new JobEventLog(store, TimeProvider.System);
            var submitter = new JobSubmitter(services.GetRequiredService<IBatchQueue>(), store,
                new ProgressReader(store, log, TimeProvider.System), log, TimeProvider.System, NullLogger<JobSubmitter>.Instance);
            if (ready)
            {
                await services.GetRequiredService<IBatchQueue>().GetDepthAsync();
                watch.Restart();
            }

            for (var run = 0; run < runs; run++)
            {
                await submitter.SubmitAsync(Job(messages));
                seconds.Add(watch.Elapsed.TotalSeconds);
                watch.Restart();
            }

            memory.Figures(seconds, messages, (long)messages * runs).Print();
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>Sends the first messages of the same job, ten in a request, one request after another, through the same client.</summary>
    public static async Task OneByOneAsync(string queueUrl, int messages, int first)
    {
        using var memory = new MemoryWatch();
        var watch = Stopwatch.StartNew();
        await using var services = Services(queueUrl);
        var sqs = services.GetRequiredService<IAmazonSQS>();
        var job = Job(messages);
        var all = from range in job.Range(job.Generators[0]).Split(job.BatchSize)
                  from generator in job.Generators
                  select BatchMessage.For(job, generator, range).ToJson();
        foreach (var ten in all.Take(first).Chunk(10))
        {
            var answer = await sqs.SendMessageBatchAsync(queueUrl, [.. ten.Select((body, i) =>
                new SendMessageBatchRequestEntry(i.ToString(CultureInfo.InvariantCulture), body) { MessageGroupId = job.Id })]);
            if (answer.Failed is { Count: > 0 }) throw new InvalidOperationException("The stub refused a message.");
        }

        memory.Figures([watch.Elapsed.TotalSeconds], first, first).Print();
    }

    private static ServiceProvider Services(string queueUrl)
    {
        // The stub takes any.
        Environment.SetEnvironmentVariable("AWS_ACCESS_KEY_ID", "bench");
        Environment.SetEnvironmentVariable("AWS_SECRET_ACCESS_KEY", "bench");
        return new ServiceCollection().AddLogging().AddSingleton(TimeProvider.System).AddAwsPorts(new AwsOptions
        {
            Region = "eu-central-1",
            EndpointUrl = new Uri(new Uri(queueUrl), "/"),
            QueueUrl = queueUrl,
            DeadLetterQueueUrl = queueUrl + "-dlq",
            Bucket = "none",
        }).BuildServiceProvider();
    }

    /// <summary>Two hundred generators, as a large job has them; ten samples a message.</summary>
    private static Job Job(int messages)
    {
        const int generators = 200;
        var job = new Job
        {
            Id = JobId.New(DateTimeOffset.UtcNow),
            CreatedAt = DateTimeOffset.UtcNow,
            Generators = [.. Enumerable.Range(0, generators)
                .Select(static i => new JobGenerator($"G-{i:D3}_some_task_data_generator", null))],
            StartIndex = 0,
            Samples = messages / generators * BatchSize,
            BatchSize = BatchSize,
            Seed = 42,
            OutputFormat = OutputFormat.Files,
        };
        return DispatchGeneration.Current(job, JobControlState.None)[0].TotalBatches == messages ? job
            : throw new InvalidOperationException($"{messages} messages are no multiple of {generators}.");
    }
}
