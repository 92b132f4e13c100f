namespace VmDataset.Worker.Options;

/// <summary>How far generators, which are foreign code, are confined: docs/security.md.</summary>
public enum SandboxMode
{
    /// <summary>With what the kernel has.</summary>
    Auto,

    /// <summary>As far as is promised, or not at all: where the kernel cannot, nothing is drawn.</summary>
    Required,

    /// <summary>Not at all.</summary>
    Off,
}
