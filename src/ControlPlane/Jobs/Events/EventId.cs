namespace VmDataset.ControlPlane.Jobs.Events;

/// <summary>
/// How much of a job's events a client has: any instance goes on from there with the store alone. It is given with the events and
/// comes back as <c>Last-Event-ID</c>.
/// </summary>
/// <param name="Control">The entries of the job's history.</param>
/// <param name="Failures">The failures.</param>
/// <param name="Ended">Whether that was all.</param>
internal readonly partial record struct EventId(int Control, FailurePosition Failures, bool Ended = false)
{
    public const string Header = "Last-Event-ID";

    /// <summary>That of a client that has nothing.</summary>
    public static EventId None { get; } = new(0, FailurePosition.None);

    public static bool TryParse(string text, out EventId id)
    {
        id = None;
        if (Form().Match(text) is not { Success: true } match) return false;
        var failures = new FailurePosition(Number(match.Groups[2]), (int)Number(match.Groups[3]), match.Groups[4].Value);
        id = new EventId((int)Number(match.Groups[1]), failures, match.Groups[5].Success);
        return true;
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{Control}-{Failures.At}-{Failures.Count}-{Failures.Hash}{(Ended ? "-end" : "")}");

    private static long Number(Group group) => long.Parse(group.ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^([0-9]{1,6})-([0-9]{1,15})-([0-9]{1,9})-([0-9a-f]{16})(-end)?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Form();
}
