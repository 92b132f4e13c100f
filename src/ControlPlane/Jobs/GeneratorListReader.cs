using System.Text.Json;
using VmDataset.ControlPlane.Generators;
using VmDataset.Pipeline.Generators;
using VmDataset.Pipeline.Jobs;
using VmDataset.Pipeline.Json;

namespace VmDataset.ControlPlane.Jobs;

/// <summary>Reads the field <c>generators</c>: names of usable generators, or <c>all</c>.</summary>
internal sealed class GeneratorListReader(GeneratorDirectory directory)
{
    private const string Field = "generators";
    private const string Rule = "an array of 1 to 1,000 generator names, or \"all\"";

    // Looking for near names costs more than all the rest, and nobody reads the hundredth suggestion.
    private const int MaxSuggestions = 20;

    /// <returns>The generators in the order asked for; empty when an error was noted.</returns>
    public async Task<IReadOnlyList<JobGenerator>> ReadAsync(JsonFields fields, CancellationToken cancellationToken)
    {
        if (fields.Find(Field, required: true, Rule) is not { } value) return [];
        if (JsonFields.TextOf(value) == "all") return await AllAsync(fields, cancellationToken);
        if (value.ValueKind == JsonValueKind.Array && value.GetArrayLength() is >= 1 and <= JobLimits.MaxGenerators)
            return await NamedAsync(fields, value, cancellationToken);

        var was = value.ValueKind == JsonValueKind.Array ? $"an array of {value.GetArrayLength()}" : JsonFields.Describe(value);
        fields.Refuse(Field, $"{Field} is {was}; allowed: {Rule}.");
        return [];
    }

    private async Task<IReadOnlyList<JobGenerator>> AllAsync(JsonFields fields, CancellationToken cancellationToken)
    {
        List<JobGenerator> usable = [.. (await directory.ListAsync(cancellationToken))
            .Where(static generator => generator.Usable).Select(JobGenerator.Of)];
        if (usable.Count is > 0 and <= JobLimits.MaxGenerators) return usable;
        fields.Refuse(Field, usable.Count == 0
            ? $"{Field} is \"all\", but no generator is usable here; allowed: generators that GET /v1/generators shows as usable."
            : $"{Field} is \"all\", which is {usable.Count} generators; allowed: {Rule}.");
        return [];
    }

    private async Task<IReadOnlyList<JobGenerator>> NamedAsync(JsonFields fields, JsonElement array, CancellationToken cancellationToken)
    {
        var errorsBefore = fields.Errors.Count;
        Dictionary<string, int> seen = new(StringComparer.Ordinal);
        List<(int At, string Name)> names = [];
        foreach (var (at, element) in array.EnumerateArray().Index())
        {
            if (JsonFields.TextOf(element) is not { } name || !GeneratorName.IsValid(name))
                fields.Refuse($"{Field}[{at}]", $"{Field}[{at}] is {JsonFields.Describe(element)}; allowed: a generator's name, which is {GeneratorName.Rule}.");
            else if (!seen.TryAdd(name, at))
                fields.Refuse($"{Field}[{at}]", $"{Field}[{at}] repeats {Field}[{seen[name]}], \"{name}\"; allowed: each generator once.");
            else
                names.Add((at, name));
        }

        var found = await directory.FindAsync([.. names.Select(static wanted => wanted.Name)], cancellationToken);
        List<JobGenerator> usable = [];
        var suggestions = 0;
        foreach (var ((at, name), generator) in names.Zip(found))
        {
            if (generator is { Usable: true }) usable.Add(JobGenerator.Of(generator));
            else if (generator is not null) fields.Refuse($"{Field}[{at}]", $"{Field}[{at}] is \"{name}\", which cannot be used: {generator.Problem} Allowed: what GET /v1/generators shows as usable.");
            else fields.Refuse($"{Field}[{at}]", $"{Field}[{at}] is \"{name}\", which is not here; {(suggestions++ < MaxSuggestions ? Suggest(name) : "")}allowed: what GET /v1/generators lists.");
        }

        return fields.Errors.Count == errorsBefore ? usable : [];
    }

    private string Suggest(string name)
    {
        var near = NearNames.To(name, directory.Names());
        return near.Count == 0 ? "" : $"near it: {string.Join(", ", near)}; ";
    }
}
