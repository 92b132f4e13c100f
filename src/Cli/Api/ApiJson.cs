namespace VmDataset.Cli.Api;

/// <summary>A page of a list.</summary>
internal sealed record Page<T>
{
    public required IReadOnlyList<T> Items { get; init; }

    public string? NextCursor { get; init; }
}

/// <summary>Readers that are compiled ahead: the program starts without building them.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(Job))]
[JsonSerializable(typeof(Page<Job>), TypeInfoPropertyName = "JobPage")]
[JsonSerializable(typeof(Page<Failure>), TypeInfoPropertyName = "FailurePage")]
[JsonSerializable(typeof(FailureCausePage))]
[JsonSerializable(typeof(Plan))]
[JsonSerializable(typeof(Generator))]
[JsonSerializable(typeof(Page<Generator>), TypeInfoPropertyName = "GeneratorPage")]
[JsonSerializable(typeof(Preview))]
[JsonSerializable(typeof(Export))]
[JsonSerializable(typeof(Page<Export>), TypeInfoPropertyName = "ExportPage")]
[JsonSerializable(typeof(Caller))]
[JsonSerializable(typeof(Health))]
[JsonSerializable(typeof(Page<DeadLetter>), TypeInfoPropertyName = "DeadLetterPage")]
[JsonSerializable(typeof(DeadLetterOutcome))]
[JsonSerializable(typeof(Key))]
[JsonSerializable(typeof(Page<Key>), TypeInfoPropertyName = "KeyPage")]
[JsonSerializable(typeof(Fleet))]
[JsonSerializable(typeof(ExportedCredentials))]
[JsonSerializable(typeof(JsonElement))]
internal sealed partial class ApiJson : JsonSerializerContext;
