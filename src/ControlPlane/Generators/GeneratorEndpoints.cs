namespace VmDataset.ControlPlane.Generators;

/// <summary>Lists generators, and whether they can be used.</summary>
internal static class GeneratorEndpoints
{
    public static void AddGenerators(this WebApplicationBuilder builder)
    {
        builder.Services.DescribeSchema<TrialFailure>(static failure =>
            failure.Description = "The kind of failure of a generator's trial.");
        builder.Services.AddSingleton<TrialResultStore>().AddSingleton<GeneratorDirectory>().AddSingleton<ParameterDirectory>()
            .AddSingleton<ParametersReader>().AddSingleton<ClockReadDirectory>().AddSingleton<GeneratorReader>();
    }

    public static void MapGenerators(this IEndpointRouteBuilder api)
    {
        var generators = api.MapGroup("generators").WithTags("Generators");

        generators.MapGet("", ListAsync).WithName("list_generators").WithSummary("List generators")
            .WithDescription("Every generator in the folders of generators at present, with the reason for each one that cannot be used. An idle worker tries each generator by drawing one sample; check holds the result. Jobs may request a generator that has not been tried yet.");

        generators.MapGet("{name}", GetAsync).WithName("get_generator").WithSummary("Get a generator")
            .WithDescription("One generator of the list with its parameters, the functions of the clock that it reads and, after a failed check, the traceback and the generator's output.")
            .ProducesProblem(StatusCodes.Status404NotFound);
    }

    private static async Task<Ok<GeneratorList>> ListAsync(
        [AsParameters] GeneratorListQuery query, GeneratorReader reader, CancellationToken cancellationToken) =>
        TypedResults.Ok(new GeneratorList
        {
            Items = [.. (await reader.ListAsync(cancellationToken))
                .Where(each => query.Category is null || GeneratorCategory.Is(each.Category, query.Category))],
        });

    private static async Task<Results<Ok<GeneratorView>, ProblemHttpResult>> GetAsync(
        [AsParameters] GeneratorRoute route, GeneratorReader reader, CancellationToken cancellationToken) =>
        await reader.FindAsync(route.Name, cancellationToken) is { } view ? TypedResults.Ok(view) : route.NotFound();
}
