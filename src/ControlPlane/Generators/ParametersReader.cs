namespace VmDataset.ControlPlane.Generators;

/// <summary>Reads what a request sets of a generator, and checks it against what the generator offers.</summary>
internal sealed class ParametersReader(ParameterDirectory directory)
{
    /// <summary>Whether the generator requires none but the given ones.</summary>
    /// <param name="given">An object of parameters; null for none.</param>
    public async Task<bool> SufficesAsync(GeneratorInfo generator, JsonElement? given, CancellationToken cancellationToken) =>
        (await directory.OfAsync(generator, cancellationToken)).Schema is not { Required.Count: > 0 } schema
        || schema.Required.All(name => given is { ValueKind: JsonValueKind.Object } values && values.TryGetProperty(name, out _));

    /// <param name="given">Objects of parameters, each with the field it stood in; of a name that two set, the later counts.</param>
    /// <param name="field">The field in which required ones are missed where none is given.</param>
    /// <returns>The parameters; null for none, or with a mistake noted.</returns>
    public async Task<ParameterSet?> ReadAsync(GeneratorInfo generator, IReadOnlyList<(string Field, JsonElement Value)> given,
        string field, Action<ValidationError> refuse, CancellationToken cancellationToken)
    {
        Dictionary<string, (string Field, JsonElement Value)> values = new(StringComparer.Ordinal);
        foreach (var (place, value) in given)
        {
            if (!ParameterSet.TryRead(value, out var one, out var wrong))
            {
                refuse(new ValidationError(place, $"{place} {wrong}"));
                return null;
            }

            foreach (var parameter in one?.Values ?? []) values[parameter.Name] = (place, parameter.Value);
        }

        var (schema, problem) = await directory.OfAsync(generator, cancellationToken);
        if (values.Count == 0 && schema is not { Required.Count: > 0 }) return null;
        if (schema is null)
        {
            foreach (var place in values.Values.Select(static value => value.Field).Distinct())
                refuse(new ValidationError(place,
                    $"{place}: the generator '{generator.Name}' {(problem is null ? "takes no parameters" : $"is not known to take parameters ({problem.TrimEnd('.')})")}; allowed: none for it."));
            return null;
        }

        var mistakes = values.Select(value => Mistake(generator, schema, value.Key, value.Value.Field, value.Value.Value))
            .OfType<ValidationError>().ToList();
        var missed = given.Count == 0 ? field : given[^1].Field;
        mistakes.AddRange(schema.Required.Where(name => !values.ContainsKey(name)).Select(name => new ValidationError($"{missed}.{name}",
            $"{missed}.{name} is missing, and the generator '{generator.Name}' requires it; allowed: {schema.Allowed(name)}.")));
        mistakes.ForEach(refuse);
        if (mistakes.Count > 0) return null;
        var merged = JsonSerializer.SerializeToElement(values.ToDictionary(static value => value.Key, static value => value.Value.Value));
        if (ParameterSet.TryRead(merged, out var set, out var size)) return set;
        refuse(new ValidationError(given[^1].Field, $"{given[^1].Field}: all that is set of the generator '{generator.Name}' {size}"));
        return null;
    }

    private static ValidationError? Mistake(GeneratorInfo generator, ParameterSchema schema, string name, string field, JsonElement value)
    {
        var path = $"{field}.{name}";
        if (schema.Has(name))
            return schema.FindMistake(name, value) is { } mistake
                ? new ValidationError(path, $"{path} {mistake.TrimEnd('.')}, for the generator '{generator.Name}'.") : null;
        var near = NameSuggestions.To(name, schema.Names);
        return new ValidationError(path,
            $"{path} is no parameter of the generator '{generator.Name}'; {(near.Count == 0 ? "" : $"near it: {string.Join(", ", near)}; ")}allowed: {string.Join(", ", schema.Names)}.");
    }
}
