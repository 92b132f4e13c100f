using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using VmDataset.ControlPlane.Jobs.Submission;
using VmDataset.Pipeline.Aws;
using VmDataset.Pipeline.Local;
using VmDataset.Pipeline.Queue;
using VmDataset.Pipeline.Storage;
using VmDataset.Tests.Aws;

namespace VmDataset.ControlPlane.Tests.Jobs.Submission;

/// <summary>Two instances of the API on one store and queue, asked for the same at the same time.</summary>
public sealed class RacingSubmissionTests
{
    [Fact]
    public async Task Two_instances_on_the_local_stores_make_20_jobs_of_200_submissions_with_20_keys()
    {
        using var folder = new TemporaryFolder();
        await RaceAsync(new FileSystemObjectStore(folder.Combine("store")), new SqliteBatchQueue(folder.Combine("queue.db"), 3), submissions: 200, keys: 20);
    }

    [Fact]
    public async Task Two_instances_on_S3_and_SQS_make_6_jobs_of_60_submissions_with_6_keys()
    {
        using var aws = await AwsResources.CreateAsync();
        using var store = new S3ObjectStore(aws.S3, aws.Options, TimeProvider.System);
        await RaceAsync(store, new SqsBatchQueue(aws.Sqs, aws.Options, TimeProvider.System, NullLogger<SqsBatchQueue>.Instance), submissions: 60, keys: 6);
    }

    private static async Task RaceAsync(IObjectStore store, IBatchQueue queue, int submissions, int keys)
    {
        void Share(IServiceCollection services) => services.AddSingleton(store).AddSingleton(queue);
        await using var first = Api.Empty(Share);
        await using var second = Api.Empty(Share);
        foreach (var api in new[] { first, second }) api.AddGenerator("alpha");

        var answers = await Task.WhenAll(Enumerable.Range(0, submissions).Select(i => PostAsync(i % 2 == 0 ? first : second, $"key {i % keys}", 10 + (i % keys))));

        var jobs = answers.GroupBy(static answer => answer.GetProperty("id").GetString()!).ToList();
        jobs.Count.ShouldBe(keys);
        jobs.ShouldAllBe(job => job.Count() == submissions / keys);
        // A seed of its own each, drawn once: whoever lost the race told the winner's.
        jobs.ShouldAllBe(static job => job.Select(answer => answer.At("spec.seed").GetInt32()).Distinct().Count() == 1);
        (await second.GetAsync("/v1/jobs?limit=100")).GetProperty("items").EnumerateArray().Select(static job => job.GetProperty("id").GetString()!)
            .ShouldBe(jobs.Select(static job => job.Key), ignoreOrder: true);
    }

    private static async Task<JsonElement> PostAsync(Api api, string key, int samples)
    {
        using var client = api.Client();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/jobs")
        {
            Content = new StringContent($$"""{"generators": ["alpha"], "samples": {{samples}}}""", Encoding.UTF8, "application/json"),
        };
        request.Headers.Add(IdempotentSubmissions.Header, key);
        using var answer = await client.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        answer.StatusCode.ShouldBe(HttpStatusCode.Accepted, text);
        return JsonElement.Parse(text);
    }
}
