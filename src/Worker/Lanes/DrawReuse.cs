namespace VmDataset.Worker.Lanes;

/// <summary>What a draw may take over from the draws before it in its lane.</summary>
/// <param name="Fresh">Nothing: it gets a process forked for it alone.</param>
/// <param name="KeepAfter">Samples of one process after which it may keep the generator's own modules instead of importing them for
/// each; 0 for never.</param>
public sealed record DrawReuse(bool Fresh, int KeepAfter)
{
    public static readonly DrawReuse None = new(true, 0);

    /// <summary>The process, which imports the generator's own modules for each sample.</summary>
    public static readonly DrawReuse Process = new(false, 0);

    /// <summary>The process and the modules. The lane imports them twice to find that they may be kept, which takes as long as is saved by
    /// about six samples: a process that draws few does without.</summary>
    public static readonly DrawReuse Modules = new(false, 4);

    /// <summary>The same from the second sample on.</summary>
    public static readonly DrawReuse ModulesAtOnce = new(false, 1);
}
