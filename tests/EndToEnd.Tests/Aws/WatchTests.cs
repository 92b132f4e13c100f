namespace VmDataset.EndToEnd.Tests.Aws;

public class WatchTests
{
    [Fact]
    public async Task A_job_of_a_poller_is_watched_to_its_end()
    {
        await using var cloud = await Deployment.StartAsync(Server.Misbehaving);
        var job = await cloud.Api.SubmitAsync(new { generators = new[] { "raises-generator" }, samples = 5, seed = 1000 });
        await using var events = await EventListener.OpenAsync(cloud.Api.Client, job);
        await events.NextAsync();
        await using var poller = new WorkerProcess(Server.Misbehaving, cloud.Aws.Environment(), lanes: 1);

        var all = await events.RestAsync();

        all[^1].Type.ShouldBe("end");
        all.Last(static each => each.Type == "failure").Data.GetProperty("attempt").GetInt32().ShouldBe(3);
        var batch = (await cloud.Api.GetAsync($"/v1/jobs/{job}/batches?state=failed")).GetProperty("items")[0];
        batch.GetProperty("samples_done").GetInt32().ShouldBe(4);
        batch.GetProperty("workers")[0].GetString()!.ShouldStartWith($"{Environment.MachineName}:");
    }
}
