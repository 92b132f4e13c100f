using Microsoft.Extensions.DependencyInjection;
using VmDataset.ControlPlane.Tests.Operations;
using VmDataset.Pipeline.Dispatch;
using VmDataset.Pipeline.Queue;
using VmDataset.Pipeline.Records;

namespace VmDataset.ControlPlane.Tests.Jobs.Submission;

public class StoppedSubmissionTests
{
    [Fact]
    public async Task A_stop_lets_a_submission_come_to_its_next_check_point()
    {
        var queue = new SlowQueue(TimeSpan.FromSeconds(3));
        await using var api = Api.Empty(services => services.AddSingleton<IBatchQueue>(queue));
        api.AddGenerator("alpha");
        // Two and a half chunks; the answer comes while the first is being sent.
        var job = (await api.PostJobAsync($$"""{"generators": ["alpha"], "samples": {{JobSubmitter.Chunk * 5 / 2}}, "batch_size": 1}""")).GetProperty("id").GetString()!;
        queue.Sent.ShouldBe(0);

        await api.StopAsync();

        queue.Sent.ShouldBe(JobSubmitter.Chunk);
        // Marked as paused: whoever looks next need not wait to see whether the sender is dead.
        new FileInfo(Path.Combine(api.DataDir, "store", ObjectKeys.Sent(job, 0, JobSubmitter.Chunk))).Length.ShouldBe(1);
    }
}
