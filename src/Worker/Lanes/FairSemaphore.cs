namespace VmDataset.Worker.Lanes;

/// <summary>Lends a number of places. Where they are scarce, the group with the fewest gets the next, among equals the one that was served
/// longest ago: two groups have half of the places each, however many each asks for. Within a group first come, first served.</summary>
internal sealed class FairSemaphore(int places)
{
    private readonly Lock _lock = new();
    // Those that hold a place or wait for one.
    private readonly Dictionary<string, Group> _groups = new(StringComparer.Ordinal);
    private int _free = places;
    private long _turn;

    public bool IsWanted
    {
        get
        {
            lock (_lock) return _groups.Values.Any(static group => group.Waiting.Count > 0);
        }
    }

    public async Task EnterAsync(string name, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        LinkedListNode<TaskCompletionSource> place;
        Group group;
        lock (_lock)
        {
            if (!_groups.TryGetValue(name, out group!)) _groups.Add(name, group = new Group());
            if (_free > 0)
            {
                _free--;
                Serve(group);
                return;
            }

            place = group.Waiting.AddLast(new TaskCompletionSource());
        }

        await using var leaving = cancellationToken.UnsafeRegister(_ => Withdraw(name, group, place, cancellationToken), null);
        await place.Value.Task;
    }

    /// <summary>Gives a place back. Whoever gets it goes on within this call, up to what it waits for next: with a lane, until its sample
    /// is asked for. Behind the caller's other work the lane would stand still.</summary>
    public void Leave(string name)
    {
        LinkedListNode<TaskCompletionSource> place;
        lock (_lock)
        {
            _groups[name].Held--;
            RemoveIfDone(name, _groups[name]);
            var next = _groups.Values.Where(static group => group.Waiting.Count > 0).MinBy(static group => (group.Held, group.LastTurn));
            if (next is null)
            {
                _free++;
                return;
            }

            place = next.Waiting.First!;
            next.Waiting.RemoveFirst();
            Serve(next);
        }

        place.Value.SetResult();
    }

    private void Serve(Group group) => (group.Held, group.LastTurn) = (group.Held + 1, ++_turn);

    private void Withdraw(string name, Group group, LinkedListNode<TaskCompletionSource> place, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            // Lent meanwhile: whoever asked has it and gives it back.
            if (place.List is null) return;
            group.Waiting.Remove(place);
            RemoveIfDone(name, group);
        }

        place.Value.SetCanceled(cancellationToken);
    }

    private void RemoveIfDone(string name, Group group)
    {
        if (group is { Held: 0, Waiting.Count: 0 }) _groups.Remove(name);
    }

    private sealed class Group
    {
        public int Held { get; set; }

        public long LastTurn { get; set; }

        public LinkedList<TaskCompletionSource> Waiting { get; } = [];
    }
}
