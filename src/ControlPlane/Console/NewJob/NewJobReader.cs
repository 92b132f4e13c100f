using VmDataset.ControlPlane.Console.Forms;
using VmDataset.ControlPlane.Generators;
using VmDataset.ControlPlane.Jobs.Plans;
using VmDataset.ControlPlane.Jobs.Submission;
using VmDataset.ControlPlane.Planning;

namespace VmDataset.ControlPlane.Console.NewJob;

/// <summary>Completes the form for a new job: generators, their parameters, what is wrong, the plan.</summary>
internal sealed class NewJobReader(
    GeneratorDirectory directory, ParameterDirectory parameters, JobRequestReader requests, PlanService plans, PlanViewer viewer)
{
    // A page of more would hardly be read, and of each the source is.
    private const int MaxChoices = 200;
    private const int MaxWithParameters = 8;

    public async Task<(NewJobModel Model, JsonElement Body)> ReadAsync(JobForm form, CancellationToken cancellationToken)
    {
        var all = await directory.ListAsync(cancellationToken);
        var chosen = form.Generators.ToHashSet(StringComparer.Ordinal);
        var matches = all.Where(each => chosen.Contains(each.Name)
            || (each.Usable && (form.Category.Length == 0 || GeneratorCategory.Is(each.Category, form.Category))
                && each.Name.Contains(form.Search, StringComparison.OrdinalIgnoreCase)));
        var (fields, schemas) = await ParametersAsync(form, all, cancellationToken);
        var model = new NewJobModel
        {
            Form = form,
            Choices = [.. matches.OrderByDescending(each => chosen.Contains(each.Name))
                .ThenBy(static each => each.Category, GeneratorCategory.Order).ThenBy(static each => each.Name, StringComparer.Ordinal)
                .Take(Math.Max(MaxChoices, chosen.Count)).Select(each => new GeneratorChoiceRow(
                    each.Name, each.Description, each.Category, chosen.Contains(each.Name), each.Problem))],
            Categories = GeneratorCategory.Of(all.Where(static each => each.Usable).Select(static each => each.Category)),
            Usable = all.Count(static each => each.Usable),
            Parameters = fields,
            HasCost = !plans.IsLocal,
        };
        return (model, form.ToBody(schemas));
    }

    /// <summary>The form with its plan, or with what is wrong: as POST /v1/jobs/plan answers.</summary>
    public async Task<NewJobModel> PlanAsync(NewJobModel model, JsonElement body, CancellationToken cancellationToken)
    {
        var (job, errors) = await requests.ReadAsync(body, cancellationToken);
        if (job is null) return model with { Errors = errors };
        var planned = await plans.DescribeAsync(job, cancellationToken);
        return model with
        {
            Plan = plans.IsLocal ? viewer.ForMachine(planned) : viewer.ForFleet(planned, job, plans.Fleet, plans.Region),
        };
    }

    private async Task<(IReadOnlyList<GeneratorParameters> Fields, IReadOnlyDictionary<string, ParameterSchema> Schemas)> ParametersAsync(
        JobForm form, IReadOnlyList<GeneratorInfo> all, CancellationToken cancellationToken)
    {
        Dictionary<string, ParameterSchema> schemas = new(StringComparer.Ordinal);
        if (form.All || form.Generators.Count > MaxWithParameters) return ([], schemas);
        List<GeneratorParameters> fields = [];
        foreach (var name in form.Generators)
        {
            if (all.FirstOrDefault(each => each.Name == name) is not { Usable: true } generator) continue;
            var (schema, problem) = await parameters.OfAsync(generator, cancellationToken);
            if (schema is not null) schemas[name] = schema;
            fields.Add(new GeneratorParameters(name, schema is null ? [] : [.. ParameterField.Of(schema)],
                schema is { Names.Count: > 0 } ? null : problem ?? "It takes no parameters."));
        }

        return (fields, schemas);
    }
}
