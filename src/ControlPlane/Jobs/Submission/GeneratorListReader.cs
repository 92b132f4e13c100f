using VmDataset.ControlPlane.Generators;

namespace VmDataset.ControlPlane.Jobs.Submission;

/// <summary>
/// Reads the fields <c>generators</c> - usable generators, perhaps with parameters, a number of samples and a name of their own, or
/// <c>all</c> - and <c>parameters</c>, which holds for each of them.
/// </summary>
internal sealed class GeneratorListReader(GeneratorDirectory directory, ParametersReader parameters)
{
    public const string ParametersField = "parameters";

    private const string Field = "generators";
    private const string AsField = "as";
    private const string SamplesField = "samples";
    private const string Rule = "an array of 1 to 1,000 generator names, or \"all\"";
    private static readonly string[] KnownOfItem = ["name", AsField, SamplesField, ParametersField];

    // Looking for near names costs more than all the rest, and nobody reads the hundredth suggestion.
    private const int MaxSuggestions = 20;

    /// <returns>The generators in the order asked for; empty when an error was noted.</returns>
    public async Task<IReadOnlyList<JobGenerator>> ReadAsync(JsonFields fields, CancellationToken cancellationToken)
    {
        if (fields.Find(Field, required: true, Rule) is not { } value) return [];
        var wanted = JsonFields.TextOf(value) == "all" ? await AllAsync(fields, cancellationToken)
            : value.ValueKind == JsonValueKind.Array && value.GetArrayLength() is >= 1 and <= JobLimits.MaxGenerators
                ? await NamedAsync(fields, value, cancellationToken)
            : null;
        if (wanted is not null) return await WithParametersAsync(fields, wanted, cancellationToken);

        fields.Refuse(Field, $"{Field} is {JsonFields.DescribeArray(value)}; allowed: {Rule}.");
        return [];
    }

    private async Task<IReadOnlyList<Wanted>> AllAsync(JsonFields fields, CancellationToken cancellationToken)
    {
        List<Wanted> usable = [];
        var shared = fields.Find(ParametersField, required: false, "");
        foreach (var generator in (await directory.ListAsync(cancellationToken)).Where(static generator => generator.Usable))
        {
            // All that can be made without more words: one that asks for more shall not hold up the others.
            if (await parameters.SufficesAsync(generator, shared, cancellationToken))
                usable.Add(new Wanted(0, new Item(generator.Name), generator));
        }

        if (usable.Count is > 0 and <= JobLimits.MaxGenerators) return usable;
        fields.Refuse(Field, usable.Count == 0
            ? $"{Field} is \"all\", but no generator is usable here; allowed: generators that GET /v1/generators shows as usable."
            : $"{Field} is \"all\", which is {usable.Count} generators; allowed: {Rule}.");
        return [];
    }

    private async Task<IReadOnlyList<Wanted>> NamedAsync(JsonFields fields, JsonElement array, CancellationToken cancellationToken)
    {
        var errorsBefore = fields.Errors.Count;
        Dictionary<string, int> seen = new(StringComparer.Ordinal);
        List<(int At, Item Item)> items = [];
        foreach (var (at, element) in array.EnumerateArray().Index())
        {
            if (ReadItem(fields, at, element) is not { } item) continue;
            if (!seen.TryAdd(item.NameInJob, at))
                fields.Refuse($"{Field}[{at}]", $"{Field}[{at}] repeats {Field}[{seen[item.NameInJob]}], \"{item.NameInJob}\"; allowed: each name once. The same generator may be there again under another name, such as {{\"name\": \"{item.Name}\", \"{AsField}\": \"{item.Name}-2\"}}.");
            else
                items.Add((at, item));
        }

        var found = await directory.FindAsync([.. items.Select(static each => each.Item.Name).Distinct()], cancellationToken);
        var byName = found.OfType<GeneratorInfo>().ToDictionary(static each => each.Name, StringComparer.Ordinal);
        List<Wanted> usable = [];
        var suggestions = 0;
        foreach (var (at, item) in items)
        {
            var (name, generator) = (item.Name, byName.GetValueOrDefault(item.Name));
            if (generator is { Usable: true }) usable.Add(new Wanted(at, item, generator));
            else if (generator is not null) fields.Refuse(
                $"{Field}[{at}]", $"{Field}[{at}] is \"{name}\", which cannot be used: {generator.Problem} Allowed: what GET /v1/generators shows as usable.");
            else fields.Refuse($"{Field}[{at}]",
                $"{Field}[{at}] is \"{name}\", which is not here; {(suggestions++ < MaxSuggestions ? Suggest(name) : "")}allowed: what GET /v1/generators lists.");
        }

        return fields.Errors.Count == errorsBefore ? usable : [];
    }

    /// <summary>Reads a name, or <c>{"name": …, "as": …, "samples": …, "parameters": …}</c>.</summary>
    /// <returns>Null if an error was noted.</returns>
    private static Item? ReadItem(JsonFields fields, int at, JsonElement element)
    {
        if (element.ValueKind != JsonValueKind.Object) return NameOf(fields, at, element) is { } only ? new Item(only) : null;
        var item = new JsonFields(element);
        item.RefuseUnknownAndRepeated(KnownOfItem);
        var name = item.Find("name", required: true, "a generator's name");
        var alias = item.Text(AsField, required: false, GeneratorName.IsValid, GeneratorName.Rule);
        var samples = item.WholeNumber(SamplesField, required: false, 1, JobLimits.MaxSamples);
        foreach (var error in item.Errors) fields.Refuse($"{Field}[{at}].{error.Field}", $"{Field}[{at}].{error.Message}");
        return name is { } text && NameOf(fields, at, text) is { } valid && item.Errors.Count == 0
            ? new Item(valid, alias, samples, item.Find(ParametersField, required: false, "")) : null;
    }

    private static string? NameOf(JsonFields fields, int at, JsonElement text)
    {
        if (JsonFields.TextOf(text) is { } name && GeneratorName.IsValid(name)) return name;
        fields.Refuse($"{Field}[{at}]",
            $"{Field}[{at}] is {JsonFields.Describe(text)}; allowed: a generator's name, which is {GeneratorName.Rule}.");
        return null;
    }

    private async Task<IReadOnlyList<JobGenerator>> WithParametersAsync(
        JsonFields fields, IReadOnlyList<Wanted> wanted, CancellationToken cancellationToken)
    {
        var errorsBefore = fields.Errors.Count;
        var shared = fields.Find(ParametersField, required: false, "");
        if (wanted.Count == 0 && shared is { } unread && !ParameterSet.TryRead(unread, out _, out var wrong))
            fields.Refuse(ParametersField, $"{ParametersField} {wrong}");
        var mistakes = 0;
        List<JobGenerator> ready = [];
        foreach (var (at, item, generator) in wanted)
        {
            List<(string Field, JsonElement Value)> given = [];
            if (shared is { } ofAll) given.Add((ParametersField, ofAll));
            if (item.Parameters is { } ofOne) given.Add(($"{Field}[{at}].{ParametersField}", ofOne));
            var set = await parameters.ReadAsync(generator, given, $"{Field}[{at}].{ParametersField}", Refuse, cancellationToken);
            ready.Add(JobGenerator.Of(generator) with
            {
                Name = item.NameInJob,
                Generator = item.NameInJob == item.Name ? null : item.Name,
                Samples = item.Samples,
                Parameters = set,
            });
            // What is wrong for one generator is often so for each of hundreds.
            if (mistakes > MaxSuggestions) break;
        }

        return fields.Errors.Count == errorsBefore ? ready : [];

        void Refuse(ValidationError error)
        {
            if (mistakes++ < MaxSuggestions) fields.Refuse(error.Field, error.Message);
        }
    }

    private string Suggest(string name)
    {
        var near = NameSuggestions.To(name, directory.Names());
        return near.Count == 0 ? "" : $"near it: {string.Join(", ", near)}; ";
    }

    /// <param name="Name">The generator.</param>
    /// <param name="As">Its name within the job; null for its own.</param>
    /// <param name="Samples">Samples of it; null for as many as of each.</param>
    /// <param name="Parameters">What is set of it; null for nothing.</param>
    private sealed record Item(string Name, string? As = null, int? Samples = null, JsonElement? Parameters = null)
    {
        public string NameInJob => As ?? Name;
    }

    private readonly record struct Wanted(int At, Item Item, GeneratorInfo Generator);
}
