using VmDataset.Pipeline.Aws;
using VmDataset.Pipeline.Jobs;
using VmDataset.Pipeline.Local;
using VmDataset.Pipeline.Records;
using VmDataset.Pipeline.Storage;
using VmDataset.Pipeline.Tests.DeadLetters;
using VmDataset.Tests.Aws;

namespace VmDataset.Pipeline.Tests.Records;

/// <summary>What the log keeps on every store.</summary>
public abstract class ControlLogContract
{
    private readonly string _job = $"job-{Guid.NewGuid():N}";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    protected abstract IObjectStore Store { get; }

    [Fact]
    public async Task Events_come_back_in_order_and_whole()
    {
        var log = Log();
        await log.AppendAsync(_job, _ => log.Event(JobEventType.Paused) with { By = "somebody" }, Token);
        var (control, added) = await log.AppendAsync(_job, _ => log.Event(JobEventType.Retried) with { Generator = "a", TimeoutSeconds = 7, Reason = "why" }, Token);

        added!.Number.ShouldBe(2);
        control.Events[^1].ShouldBe(added);
        (await Log().ReadAsync(_job, Token)).Events.ShouldBe(control.Events);
        (await Log().ReadAsync("another", Token)).Events.ShouldBeEmpty();
    }

    [Fact]
    public async Task Each_of_many_simultaneous_writers_gets_its_number_and_has_seen_all_events_before_it()
    {
        const int Writers = 12;
        List<int>[] seen = [.. Enumerable.Range(0, Writers).Select(_ => new List<int>())];
        await Task.WhenAll(Enumerable.Range(0, Writers).Select(i => Task.Run(() => Log().AppendAsync(_job, control =>
        {
            seen[i].Add(control.Events.Count);
            return new JobEvent { Number = 0, Type = JobEventType.Paused, At = DateTimeOffset.UtcNow, By = $"{i}" };
        }, Token), Token)));

        var events = (await Log().ReadAsync(_job, Token)).Events;
        events.Select(static each => each.Number).ShouldBe(Enumerable.Range(1, Writers));
        foreach (var each in events) seen[int.Parse(each.By!, System.Globalization.CultureInfo.InvariantCulture)][^1].ShouldBe(each.Number - 1);
    }

    [Fact]
    public async Task A_writer_without_an_event_adds_nothing()
    {
        var log = Log();
        await log.AppendAsync(_job, _ => log.Event(JobEventType.Cancelled), Token);
        var (control, added) = await Log().AppendAsync(_job, _ => null, Token);
        added.ShouldBeNull();
        control.Events.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_recent_reading_is_shared_until_it_is_too_old_or_this_process_adds_an_event()
    {
        var (log, other) = (Log(), Log());
        (await log.ReadRecentAsync(_job, TimeSpan.FromHours(1))).Events.ShouldBeEmpty();
        await other.AppendAsync(_job, _ => other.Event(JobEventType.Paused), Token);
        (await log.ReadRecentAsync(_job, TimeSpan.FromHours(1))).Paused.ShouldBeFalse();
        (await log.ReadRecentAsync(_job, TimeSpan.Zero)).Paused.ShouldBeTrue();
        await log.AppendAsync(_job, _ => log.Event(JobEventType.Cancelled), Token);
        (await log.ReadRecentAsync(_job, TimeSpan.FromHours(1))).Events.Count.ShouldBe(2);
    }

    private JobEventLog Log() => new(Store, TimeProvider.System);
}

public sealed class LocalControlLogTests : ControlLogContract, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    // Made before the writers of a test start: a second one on the folder would remove what the first has in it.
    public LocalControlLogTests() => Store = new FileSystemObjectStore(_folder.Path);

    protected override IObjectStore Store { get; }

    public void Dispose() => _folder.Dispose();
}

public sealed class S3ControlLogTests : ControlLogContract, IAsyncLifetime
{
    private AwsResources _aws = null!;
    private S3ObjectStore _store = null!;

    protected override IObjectStore Store => _store;

    public async ValueTask InitializeAsync()
    {
        _aws = await AwsResources.CreateAsync();
        _store = new S3ObjectStore(_aws.S3, _aws.Options, TimeProvider.System);
    }

    public ValueTask DisposeAsync()
    {
        _store?.Dispose();
        _aws?.Dispose();
        return ValueTask.CompletedTask;
    }
}
