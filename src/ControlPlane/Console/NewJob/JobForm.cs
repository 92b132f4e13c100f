using System.Text.Json.Nodes;
using VmDataset.ControlPlane.Console.Forms;
using VmDataset.ControlPlane.Jobs.Views;

namespace VmDataset.ControlPlane.Console.NewJob;

/// <summary>The texts of the form for a new job. It judges none of them: the API's own readers do.</summary>
public sealed record JobForm
{
    /// <summary>The form's fields that are fields of the API too.</summary>
    internal static readonly string[] Plain =
    [
        "samples", "seed", "output_format", "batch_size", "start_index", "max_failed_samples", "max_failed_percent", "failure_budget_per",
        "max_cost_usd", "deadline_seconds", "timeout_seconds", "webhook_url",
    ];

    /// <summary>A text, also where it looks like a number.</summary>
    internal const string Name = "name";

    /// <summary>The form's field for those that it has no place for: an object of the API's fields, which replace the others.</summary>
    internal const string Others = "others";

    private static readonly string[] WithoutPlace = ["splits", "holdout", "holdout_split", "unique_against", "about"];

    internal static readonly string[] Video = ["preset", "width", "height", "frames", "fps"];

    /// <summary>Whether every usable generator is meant.</summary>
    public bool All { get; init; }

    /// <summary>The names of the chosen generators.</summary>
    public IReadOnlyList<string> Generators { get; init; } = [];

    /// <summary>A part of the names of generators to choose from.</summary>
    public string Search { get; init; } = "";

    /// <summary>The category of the generators to choose from; empty for all.</summary>
    public string Category { get; init; } = "";

    /// <summary>Texts by field: those of the API, <c>video.preset</c>, <c>parameters</c>, and <c>parameter:GENERATOR:NAME</c>.</summary>
    public IReadOnlyDictionary<string, string> Texts { get; init; } = new Dictionary<string, string>();

    public bool Unique { get; init; }

    public bool KeepOriginal { get; init; }

    /// <summary>Random, and the same for every sending of one page: a form that is sent twice makes one job.</summary>
    public string Nonce { get; init; } = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8));

    public string Text(string field) => Texts.GetValueOrDefault(field, "");

    public static string Parameter(string generator, string name) => $"parameter:{generator}:{name}";

    internal static JobForm Read(IFormCollection form) => new()
    {
        All = form["all"] == "true",
        Generators = [.. form["generators"].OfType<string>().Where(static name => name.Length > 0).Distinct()
            .Take(JobLimits.MaxGenerators)],
        Search = form["search"].ToString().Trim(),
        Category = form["category"].ToString(),
        Texts = form.Where(static field => !string.IsNullOrWhiteSpace(field.Value))
            .ToDictionary(static field => field.Key, static field => field.Value[0]!.Trim(), StringComparer.Ordinal),
        Unique = form["unique"] == "true",
        KeepOriginal = form["video.keep_original"] == "true",
        Nonce = form["nonce"].ToString() is { Length: 16 } nonce && nonce.All(char.IsAsciiHexDigitLower) ? nonce : new JobForm().Nonce,
    };

    /// <summary>The form that makes a job again.</summary>
    internal static JobForm Of(JobSpecView spec, JsonSerializerOptions json)
    {
        var request = JsonSerializer.SerializeToElement(spec, json);
        Dictionary<string, string> texts = new(StringComparer.Ordinal);
        foreach (var name in Plain)
            if (request.TryGetProperty(name, out var value)) texts[name] = Said(value);
        if (spec.Parameters is { } shared) texts["parameters"] = shared.Json;
        // The list of generators has each of them once, without a number.
        var isMix = spec.Generators.Any(static choice => choice.As is not null || choice.Samples is not null);
        foreach (var choice in isMix ? [] : spec.Generators)
        {
            foreach (var parameter in choice.Parameters?.Values ?? [])
                texts[Parameter(choice.Name, parameter.Name)] = Said(parameter.Value);
        }

        var others = FormFields.Object(WithoutPlace.Concat(isMix ? ["generators"] : []).Select(name =>
            (name, request.TryGetProperty(name, out var value) ? JsonNode.Parse(value.GetRawText()) : null)));
        if (others.GetPropertyCount() > 0) texts[Others] = others.GetRawText();
        if (request.TryGetProperty("video", out var video))
            foreach (var name in Video)
                if (video.TryGetProperty(name, out var value)) texts["video." + name] = Said(value);
        return new JobForm
        {
            Generators = [.. spec.Generators.Select(static generator => generator.Name).Distinct()],
            Texts = texts,
            Unique = spec.Unique == true,
            KeepOriginal = spec.Video?.KeepOriginal == true,
        };
    }

    /// <summary>The body that POST /v1/jobs takes.</summary>
    /// <param name="schemas">The parameters of those generators that have fields in the form.</param>
    internal JsonElement ToBody(IReadOnlyDictionary<string, ParameterSchema> schemas)
    {
        JsonNode generators = All ? "all" : new JsonArray([.. Generators.Select(name => Choice(name, schemas))]);
        List<(string, JsonNode?)> fields = [("generators", generators)];
        fields.Add(("parameters", FormFields.Value(Text("parameters"))));
        fields.AddRange(Plain.Select(field => (field, FormFields.Scalar(Text(field)))));
        fields.Add(("unique", Unique ? true : null));
        fields.Add((Name, Text(Name) is { Length: > 0 } called ? called : null));
        fields.Add(("video", VideoValue()));
        var others = FormFields.Value(Text(Others));
        if (others is not JsonObject given) fields.Add((Others, others));
        else fields =
        [
            .. fields.Where(field => !given.ContainsKey(field.Item1)),
            .. given.Select(static field => (field.Key, field.Value?.DeepClone())),
        ];
        return FormFields.Object(fields);
    }

    /// <summary>The body that POST /v1/generators/{name}/preview takes for one sample as the job would draw it.</summary>
    internal JsonElement ToPreview(string generator, IEnumerable<ParameterField> fields) => FormFields.Object(
        ("samples", 1), ("seed", FormFields.Scalar(Text("seed"))), ("video", VideoValue()),
        ("parameters", Over(FormFields.Value(Text("parameters")), ParametersOf(generator, fields))));

    // As in a job: a generator's own parameter goes before one of all generators.
    private static JsonNode? Over(JsonNode? shared, JsonObject? own)
    {
        if (own is null || shared is not JsonObject all) return shared ?? own;
        foreach (var (name, value) in own) all[name] = value?.DeepClone();
        return all;
    }

    private JsonNode Choice(string name, IReadOnlyDictionary<string, ParameterSchema> schemas) =>
        ParametersOf(name, schemas.TryGetValue(name, out var schema) ? ParameterField.Of(schema) : []) is not { } parameters ? name
            : new JsonObject { ["name"] = name, ["parameters"] = parameters };

    private JsonObject? ParametersOf(string generator, IEnumerable<ParameterField> fields)
    {
        var parameters = new JsonObject();
        foreach (var field in fields)
            if (field.Read(Text(Parameter(generator, field.Name))) is { } value) parameters[field.Name] = value;
        return parameters.Count > 0 ? parameters : null;
    }

    private JsonObject? VideoValue()
    {
        var video = new JsonObject();
        foreach (var name in Video)
            if (FormFields.Scalar(Text("video." + name)) is { } value) video[name] = value;
        if (KeepOriginal) video["keep_original"] = true;
        return video.Count > 0 ? video : null;
    }

    private static string Said(JsonElement value) => value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();
}
