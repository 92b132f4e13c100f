using VmDataset.ControlPlane.Generators;

namespace VmDataset.ControlPlane.Jobs.Submission;

/// <summary>
/// Reads the fields <c>generators</c> - names of usable generators, perhaps with parameters, or <c>all</c> - and <c>parameters</c>,
/// which holds for each of them.
/// </summary>
internal sealed class GeneratorListReader(GeneratorDirectory directory, ParametersReader parameters)
{
    public const string ParametersField = "parameters";

    private const string Field = "generators";
    private const string Rule = "an array of 1 to 1,000 generator names, or \"all\"";
    private static readonly string[] KnownOfItem = ["name", ParametersField];

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

        var was = value.ValueKind == JsonValueKind.Array ? $"an array of {value.GetArrayLength()}" : JsonFields.Describe(value);
        fields.Refuse(Field, $"{Field} is {was}; allowed: {Rule}.");
        return [];
    }

    private async Task<IReadOnlyList<Wanted>> AllAsync(JsonFields fields, CancellationToken cancellationToken)
    {
        List<Wanted> usable = [];
        var shared = fields.Find(ParametersField, required: false, "");
        foreach (var generator in (await directory.ListAsync(cancellationToken)).Where(static generator => generator.Usable))
        {
            // All that can be made without more words: one that asks for more shall not hold up the others.
            if (await parameters.SufficesAsync(generator, shared, cancellationToken)) usable.Add(new Wanted(0, generator, null));
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
        List<(int At, string Name, JsonElement? Parameters)> names = [];
        foreach (var (at, element) in array.EnumerateArray().Index())
        {
            var (nameElement, own) = element.ValueKind == JsonValueKind.Object ? ReadItem(fields, at, element) : (element, null);
            if (nameElement is not { } text) continue;
            if (JsonFields.TextOf(text) is not { } name || !GeneratorName.IsValid(name))
                fields.Refuse($"{Field}[{at}]",
                    $"{Field}[{at}] is {JsonFields.Describe(text)}; allowed: a generator's name, which is {GeneratorName.Rule}.");
            else if (!seen.TryAdd(name, at))
                fields.Refuse($"{Field}[{at}]", $"{Field}[{at}] repeats {Field}[{seen[name]}], \"{name}\"; allowed: each generator once.");
            else
                names.Add((at, name, own));
        }

        var found = await directory.FindAsync([.. names.Select(static wanted => wanted.Name)], cancellationToken);
        List<Wanted> usable = [];
        var suggestions = 0;
        foreach (var ((at, name, own), generator) in names.Zip(found))
        {
            if (generator is { Usable: true }) usable.Add(new Wanted(at, generator, own));
            else if (generator is not null) fields.Refuse(
                $"{Field}[{at}]", $"{Field}[{at}] is \"{name}\", which cannot be used: {generator.Problem} Allowed: what GET /v1/generators shows as usable.");
            else fields.Refuse($"{Field}[{at}]",
                $"{Field}[{at}] is \"{name}\", which is not here; {(suggestions++ < MaxSuggestions ? Suggest(name) : "")}allowed: what GET /v1/generators lists.");
        }

        return fields.Errors.Count == errorsBefore ? usable : [];
    }

    /// <summary>Reads <c>{"name": …, "parameters": …}</c>.</summary>
    private static (JsonElement? Name, JsonElement? Parameters) ReadItem(JsonFields fields, int at, JsonElement element)
    {
        var item = new JsonFields(element);
        item.RefuseUnknownAndRepeated(KnownOfItem);
        var name = item.Find("name", required: true, "a generator's name");
        foreach (var error in item.Errors) fields.Refuse($"{Field}[{at}].{error.Field}", $"{Field}[{at}].{error.Message}");
        return (name, item.Find(ParametersField, required: false, ""));
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
        foreach (var (at, generator, own) in wanted)
        {
            List<(string Field, JsonElement Value)> given = [];
            if (shared is { } ofAll) given.Add((ParametersField, ofAll));
            if (own is { } ofOne) given.Add(($"{Field}[{at}].{ParametersField}", ofOne));
            var set = await parameters.ReadAsync(generator, given, $"{Field}[{at}].{ParametersField}", Refuse, cancellationToken);
            ready.Add(JobGenerator.Of(generator) with { Parameters = set });
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

    private readonly record struct Wanted(int At, GeneratorInfo Generator, JsonElement? Parameters);
}
