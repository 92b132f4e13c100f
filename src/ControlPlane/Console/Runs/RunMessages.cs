namespace VmDataset.ControlPlane.Console.Runs;

/// <summary>What became of an action, as the page after it says. Only these can be said, whatever an address holds.</summary>
internal static class RunMessages
{
    public static string? Of(string? done) => done switch
    {
        "submit" => "The job is submitted.",
        "pause" => "The job is paused: work on it stops within moments, and finished samples stay.",
        "resume" => "The job is resumed: its missing samples are on the queue.",
        "cancel" => "The job is cancelled: work on it stops within moments, and finished samples stay.",
        "retry" => "The missing samples are on the queue again, with fresh attempts.",
        "export" => "A worker makes the export.",
        "exported" => "The export is there.",
        "delete" => "The job is deleted.",
        "deleting" => "The job is deleted; the removal of its data goes on.",
        _ => null,
    };
}
