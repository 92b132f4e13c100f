using Microsoft.Data.Sqlite;
using VmDataset.Bench.Scale.Jobs;
using VmDataset.Bench.Scale.S3;
using VmDataset.Bench.Scale.Sqs;
using VmDataset.Pipeline.Local;
using VmDataset.Pipeline.Queue;

namespace VmDataset.Bench.Scale.Api;

/// <summary>The store and queue behind an API, seen from outside.</summary>
internal abstract class ApiStore(IStoreFill fill)
{
    public IStoreFill Fill { get; } = fill;

    /// <summary>Calls to the store; none of a folder.</summary>
    public abstract Calls Calls();

    /// <summary>Batches of a job that were sent to the queue; the parts of its dataset are not counted.</summary>
    public abstract long Sent(string jobId);

    /// <summary>Puts a dead letter on the dead-letter queue.</summary>
    protected abstract Task BuryAsync(string body, string group);

    public async Task FillAsync(params IEnumerable<ScaleJob> jobs)
    {
        foreach (var job in jobs)
        {
            Fill.AddAll(job.Objects(), job.Job.CreatedAt);
            foreach (var letter in job.DeadLetters()) await BuryAsync(letter, job.Job.Id);
        }
    }

    public static ApiStore Of(FastAws aws) => new OnAws(aws);

    public static ApiStore Of(string dataDir) => new OnFolder(dataDir);

    private sealed class OnAws(FastAws aws) : ApiStore(new BucketFill(aws.S3.Bucket))
    {
        public override Calls Calls() => aws.S3.Calls;

        public override long Sent(string jobId) => aws.Sqs.Tasks.Sent(jobId);

        protected override Task BuryAsync(string body, string group)
        {
            aws.Sqs.Dead.Send(new QueuedMessage(Guid.NewGuid().ToString(), body, group) { Reason = ScaleJob.Reason });
            return Task.CompletedTask;
        }
    }

    private sealed class OnFolder(string dataDir) : ApiStore(new FolderFill(dataDir))
    {
        private readonly string _path = Path.Combine(dataDir, "queue.db");
        private readonly SqliteDeadLetterQueue _dead = new SqliteBatchQueue(Path.Combine(dataDir, "queue.db"), maxReceives: 10).DeadLetters;

        public override Calls Calls() => default;

        // Nobody takes a message, so all that were sent still wait.
        public override long Sent(string jobId)
        {
            using var connection = new SqliteConnection($"Data Source={_path};Mode=ReadOnly");
            connection.Open();
            using var count = connection.CreateCommand();
            count.CommandText = "SELECT COUNT(*) FROM messages WHERE group_id = $job AND body LIKE $batch";
            count.Parameters.AddWithValue("$job", jobId);
            count.Parameters.AddWithValue("$batch", $"%{FastQueue.BatchField}%");
            return (long)count.ExecuteScalar()!;
        }

        protected override Task BuryAsync(string body, string group) =>
            _dead.SendAsync(new OutgoingMessage(body, group), ScaleJob.Reason);
    }
}
