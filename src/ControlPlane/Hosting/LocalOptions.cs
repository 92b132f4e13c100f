namespace VmDataset.ControlPlane.Hosting;

/// <summary>Where the local backend and an embedded worker keep their files.</summary>
public sealed record LocalOptions
{
    /// <summary>The folder of all their files; it is created if it is missing.</summary>
    [Folder]
    public string DataDir { get; init; } = "data";
}

[OptionsValidator]
internal sealed partial class LocalOptionsValidator : IValidateOptions<LocalOptions>;
