using Microsoft.Data.Sqlite;
using VmDataset.Pipeline.Local;
using VmDataset.Pipeline.Queue;
using VmDataset.Pipeline.Storage;
using VmDataset.Pipeline.Tests.DeadLetters;

namespace VmDataset.Pipeline.Tests.Queue;

public sealed class SqliteBatchQueueTests : BatchQueueContract, IDisposable
{
    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(1);

    private readonly TemporaryFolder _folder = new();
    private readonly SqliteBatchQueue _queue;

    public SqliteBatchQueueTests() => _queue = Open();

    protected override IBatchQueue Queue => _queue;

    protected override IDeadLetterQueue DeadLetters => _queue.DeadLetters;

    protected override IBatchQueue OutOfReach() => WithoutFile(_folder);

    /// <summary>A queue whose file is gone.</summary>
    internal static SqliteBatchQueue WithoutFile(TemporaryFolder folder)
    {
        var queue = new SqliteBatchQueue(folder.Combine("gone", "queue.db"), MaxReceives);
        SqliteConnection.ClearAllPools();
        Directory.Delete(folder.Combine("gone"), recursive: true);
        return queue;
    }

    protected override TimeSpan ShortLease => TimeSpan.FromMilliseconds(150);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_group_is_drained_with_its_last_message()
    {
        await Queue.SendAsync([new OutgoingMessage("a", "one"), new OutgoingMessage("b", "one"), new OutgoingMessage("c", "two")], Token);
        var messages = await ReceiveAsync(3);
        List<string> drained = [];
        foreach (var message in messages.OrderBy(static each => each.Body, StringComparer.Ordinal))
        {
            await Queue.DeleteAsync(message, Token);
            while (_queue.Drained.TryRead(out var group)) drained.Add($"{message.Body}: {group}");
        }

        drained.ShouldBe(["b: one", "c: two"]);
    }

    [Fact]
    public async Task Messages_leased_by_a_killed_process_are_released_and_the_delivery_does_not_count()
    {
        await Queue.SendAsync([new OutgoingMessage("a", "job"), new OutgoingMessage("b", "job")], Token);
        await ReceiveAsync(2);
        var reopened = Open();
        reopened.ReleaseOrphans().ShouldBe(2);
        var again = await reopened.ReceiveAsync(10, TimeSpan.FromMinutes(1), TimeSpan.Zero, Token);
        again.Count.ShouldBe(2);
        again.ShouldAllBe(static message => message.ReceiveCount == 1);
    }

    [Fact]
    public async Task A_damaged_file_is_a_queue_out_of_reach()
    {
        SqliteConnection.ClearAllPools();
        await File.WriteAllTextAsync(_folder.Combine("queue.db"), new string('x', 8192), Token);
        (await Should.ThrowAsync<ServiceUnreachableException>(() => Queue.GetDepthAsync(cancellationToken: Token))).InnerException.ShouldBeOfType<SqliteException>();
        Should.Throw<ServiceUnreachableException>(Open);
    }

    [Fact]
    public async Task Depth_can_be_asked_of_one_group()
    {
        await Queue.SendAsync([new OutgoingMessage("a", "one"), new OutgoingMessage("b", "two"), new OutgoingMessage("c", "two")], Token);
        await DeadLetters.SendAsync(new OutgoingMessage("d", "one"), "why", Token);
        (await Queue.GetDepthAsync("one", Token)).ShouldBe(new QueueDepth(1, 0, 1));
        (await Queue.GetDepthAsync("two", Token)).ShouldBe(new QueueDepth(2, 0, 0));
    }

    [Fact]
    public async Task The_queue_knows_the_age_of_the_oldest_waiting_message()
    {
        _queue.OldestAge().ShouldBeNull();
        await Queue.SendAsync([new OutgoingMessage("first", "job")], Token);
        await Eventually.BeTrueAsync(() => Task.FromResult(_queue.OldestAge() > TimeSpan.FromMilliseconds(50)));
        await Queue.ReceiveAsync(1, TimeSpan.FromMinutes(1), TimeSpan.Zero, Token);
        _queue.OldestAge().ShouldBeNull();
    }

    [Fact]
    public async Task A_file_from_before_ages_and_traces_were_kept_still_serves()
    {
        await Queue.SendAsync([new OutgoingMessage("old", "job")], Token);
        await using (var connection = new SqliteConnection($"Data Source={_folder.Combine("queue.db")}"))
        {
            await connection.OpenAsync(Token);
            await using var drop = connection.CreateCommand();
            drop.CommandText = "ALTER TABLE messages DROP COLUMN sent_at; ALTER TABLE messages DROP COLUMN trace_parent";
            await drop.ExecuteNonQueryAsync(Token);
        }

        var reopened = Open();

        reopened.OldestAge().ShouldBeNull();
        await reopened.SendAsync([new OutgoingMessage("new", "job")], Token);
        (await ReceiveAsync(2)).Select(static message => message.Body).ShouldBe(["old", "new"]);
    }

    [Fact]
    public async Task Groups_take_turns_and_within_a_group_the_oldest_comes_first()
    {
        await Queue.SendAsync([.. Enumerable.Range(0, 4).Select(i => new OutgoingMessage($"huge {i}", "m-huge"))], Token);
        await Queue.SendAsync([.. Enumerable.Range(0, 2).Select(i => new OutgoingMessage($"small {i}", "z-small"))], Token);
        await Queue.SendAsync([new OutgoingMessage("by hand", "")], Token);

        (await ReceiveAsync(4)).Select(static message => message.Body).ShouldBe(["huge 0", "small 0", "by hand", "huge 1"]);
        // The turn goes on with the next receive.
        (await ReceiveAsync(1)).Single().Body.ShouldBe("small 1");
        (await ReceiveAsync(2)).Select(static message => message.Body).ShouldBe(["huge 2", "huge 3"]);
    }

    [Fact]
    public async Task A_message_given_back_comes_before_those_sent_later()
    {
        await Queue.SendAsync([new OutgoingMessage("a", "job"), new OutgoingMessage("b", "job")], Token);
        await Queue.RenewAsync((await ReceiveAsync(1)).Single(), TimeSpan.Zero, Token);
        (await ReceiveAsync(2)).Select(static message => message.Body).ShouldBe(["a", "b"]);
    }

    [Fact]
    public async Task A_receiver_may_leave_groups_alone()
    {
        await Queue.SendAsync([new OutgoingMessage("a", "one"), new OutgoingMessage("b", "two"), new OutgoingMessage("c", "three")], Token);
        (await Queue.ReceiveAsync(10, Lease, TimeSpan.Zero, ["one", "three", "four"], Token)).ShouldHaveSingleItem().Body.ShouldBe("b");
        var waiting = Queue.ReceiveAsync(10, Lease, TimeSpan.FromSeconds(20), ["one", "three", "two"], Token);
        await Queue.SendAsync([new OutgoingMessage("d", "one"), new OutgoingMessage("e", "\"new\"")], Token);
        (await waiting).ShouldHaveSingleItem().Body.ShouldBe("e");
        (await Queue.ReceiveAsync(10, Lease, TimeSpan.Zero, Token)).Count.ShouldBe(3);
    }

    [Fact]
    public async Task Many_receivers_share_the_messages()
    {
        await Queue.SendAsync([.. Enumerable.Range(0, 200).Select(i => new OutgoingMessage($"{i}", "job"))], Token);
        var received = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            List<string> mine = [];
            while (await Queue.ReceiveAsync(3, TimeSpan.FromMinutes(5), TimeSpan.Zero, Token) is { Count: > 0 } some)
                mine.AddRange(some.Select(static message => message.Body));
            return mine;
        })));
        received.SelectMany(static mine => mine).Order().ShouldBe(Enumerable.Range(0, 200).Select(i => $"{i}").Order());
    }

    private SqliteBatchQueue Open() => new(_folder.Combine("queue.db"), MaxReceives);
}
