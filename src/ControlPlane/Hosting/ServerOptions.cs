namespace VmDataset.ControlPlane.Hosting;

/// <summary>The API's process: its address, its generators and its worker.</summary>
public sealed record ServerOptions : IValidatableObject
{
    /// <summary>TCP port on 127.0.0.1; 0 takes any free one. ASP.NET Core's own address settings go before it.</summary>
    [WholeNumber(0, 65_535)]
    public int Port { get; init; } = 8080;

    /// <summary>Whether this process also draws samples; if not, its jobs wait on the queue for other workers.</summary>
    [Setting]
    public required bool EmbeddedWorker { get; init; }

    /// <summary>The folders of generators; of two generators with one name, that of the earlier folder counts.</summary>
    [Folders("generators", Unless = nameof(GeneratorsIndex))]
    public IReadOnlyList<string> GeneratorsDir { get; init; } = ["generators"];

    /// <summary>A file that describes the generators where their folder is not; null reads the folder.</summary>
    [Setting]
    public string? GeneratorsIndex { get; init; }

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (GeneratorsIndex is not null && !File.Exists(GeneratorsIndex))
            yield return new($"GENERATORS_INDEX is '{GeneratorsIndex}', which is no file; "
                + "allowed: a file made by 'Worker index <folder>'.");
        if (GeneratorsIndex is not null && EmbeddedWorker)
            yield return new("GENERATORS_INDEX is set and EMBEDDED_WORKER is true; "
                + "allowed: one of them, as a worker needs the generators themselves.");
    }
}
