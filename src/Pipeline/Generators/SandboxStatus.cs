namespace VmDataset.Pipeline.Generators;

/// <summary>How generators are confined here.</summary>
/// <param name="Name"><c>landlock-</c> and the kernel's version of it, <c>off</c> or <c>unsupported</c>.</param>
/// <param name="Whole">Whether it keeps all that docs/security.md promises.</param>
/// <param name="Unconfined">Acts that a sandbox is to refuse and that they can still do, a phrase each.</param>
public sealed record SandboxStatus(string Name, bool Whole, IReadOnlyList<string> Unconfined)
{
    /// <summary>Goes on from "generators run".</summary>
    public string Detail => Name switch
    {
        "off" => "without a sandbox, as SANDBOX is off",
        "unsupported" => "without a sandbox, as this kernel has no Landlock for them",
        _ => $"in a sandbox ({Name})" + (Whole ? "" : $" that does not confine {string.Join(", ", Unconfined)}"),
    };
}
