using Microsoft.AspNetCore.Http.HttpResults;
using VmDataset.ControlPlane.Auth;
using VmDataset.ControlPlane.Http;
using VmDataset.Pipeline.Generators;
using VmDataset.Pipeline.Json;
using VmDataset.Pipeline.Records;

namespace VmDataset.ControlPlane.Generators;

/// <summary>Generators: which there are and whether they can be used.</summary>
internal static class GeneratorEndpoints
{
    public static void AddGenerators(this WebApplicationBuilder builder) => builder.Services
        .AddSingleton<TrialResultStore>().AddSingleton<GeneratorDirectory>().AddSingleton<ParameterDirectory>().AddSingleton<ParametersReader>();

    public static void MapGenerators(this IEndpointRouteBuilder app)
    {
        var generators = app.MapGroup("/v1/generators").WithTags("Generators").RejectUnknownQuery()
            .ProducesValidationProblem().ProducesProblem(StatusCodes.Status500InternalServerError);

        generators.MapGet("", ListAsync).RequireRole(Role.Read).WithName("list_generators").WithSummary("List generators")
            .WithDescription("Every folder of the generators directory as it is now, with the reason where it cannot be used. An idle worker tries each by drawing a sample of it; what came of that is its check. Jobs may ask for one that is not tried yet.");

        generators.MapGet("{name}", GetAsync).RequireRole(Role.Read).WithName("get_generator").WithSummary("Look at a generator")
            .WithDescription("One generator of the list, and what can be set of it; of a check that failed also the traceback and what the generator printed.")
            .ProducesProblem(StatusCodes.Status404NotFound);
    }

    private static async Task<Ok<GeneratorList>> ListAsync(GeneratorDirectory directory, CancellationToken cancellationToken) =>
        TypedResults.Ok(new GeneratorList { Items = [.. (await directory.ListAsync(cancellationToken)).Select(static generator => View(generator, whole: false))] });

    private static async Task<Results<Ok<GeneratorView>, ProblemHttpResult>> GetAsync(
        string name, GeneratorDirectory directory, ParameterDirectory parameters, CancellationToken cancellationToken)
    {
        if (!GeneratorName.IsValid(name))
            return Problem.Invalid(new ValidationError("name", $"name is '{name}'; allowed: {GeneratorName.Rule}."));
        if ((await directory.FindAsync([name], cancellationToken))[0] is not { } generator)
            return Problem.NotFound($"There is no generator '{name}'; GET /v1/generators lists them.");
        if (!generator.Usable) return TypedResults.Ok(View(generator, whole: true));
        var (schema, problem) = await parameters.OfAsync(generator, cancellationToken);
        return TypedResults.Ok(View(generator, whole: true) with { Parameters = schema, ParametersProblem = problem });
    }

    private static GeneratorView View(GeneratorInfo generator, bool whole) => new()
    {
        Name = generator.Name,
        Usable = generator.Usable,
        Problem = generator.Problem,
        Description = generator.Description,
        Domain = generator.Check?.Domain ?? generator.Domain,
        Entry = generator.Entry,
        Flags = generator.Flags,
        Version = generator.Version.Length == 0 ? null : generator.Version,
        Check = GeneratorTrialView.Of(generator, whole),
    };
}
