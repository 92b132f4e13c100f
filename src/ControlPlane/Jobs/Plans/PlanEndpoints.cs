using Microsoft.OpenApi;
using VmDataset.ControlPlane.Jobs.Submission;
using VmDataset.ControlPlane.Planning;
using VmDataset.Pipeline.Planning;

namespace VmDataset.ControlPlane.Jobs.Plans;

/// <summary>Time and cost of a job, before it is submitted.</summary>
internal static class PlanEndpoints
{
    public static void AddPlans(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<PlanViewer>().AddSingleton<Calibration>();
        builder.Services.DescribeSchema<PlanRequest>(static request =>
        {
            GeneratorChoiceSchema.OfRequest(request);
            VideoSchema.OfRequest(request);
            AboutReader.Describe(request);
            if (request.Properties!["fleet"] is OpenApiSchema fleet) fleet.Description =
                "The AWS fleet to reckon for, as far as it differs from the deployed one. On the local backend it asks for a plan for AWS.";
        });
        builder.Services.DescribeSchema<FleetRequest>(static fleet => fleet.AdditionalPropertiesAllowed = false);
        builder.Services.DescribeSchema<PlanBasis>(static basis => basis.Description = "The source of a generator's figures in a plan.");
        builder.Services.DescribeSchema<FunctionArchitecture>(static each => each.Description = "The processor architecture of the function.");
        builder.Services.DescribeSchema<ScalingMode>(static mode => mode.Description =
            "The way in which the mapping from SQS to Lambda grows: by 300 messages a minute from 5 on, or with pollers that are paid by the hour.");
    }

    public static void MapPlans(this IEndpointRouteBuilder api) =>
        api.MapPost("jobs/plan", CreateAsync).RequireRole(Role.Submit).WithTags("Jobs").WithName("plan_job").WithSummary("Plan a job")
            .WithDescription("Says how long a job will take and, on AWS, how much it will cost, before it is submitted. The body is a job's, with two fields more. The figures are those of the generators' earlier jobs; a generator without one has those of an average generator, and basis says so. Nothing is sent.")
            .AcceptsJson<PlanRequest>(JobRequest.Example);

    private static async Task<Results<Ok<PlanView>, ProblemHttpResult>> CreateAsync(
        HttpRequest request, Caller caller, JobRequestReader reader, PlanService plans, PlanViewer viewer, Calibration calibration,
        CancellationToken cancellationToken)
    {
        var (body, problem) = await JsonBody.ReadAsync(request, JobRequest.Example, optional: false, cancellationToken);
        if (body is not { } given) return problem!;
        var fields = new JsonFields(given);
        var (fleet, region) = FleetRequest.Read(fields, plans.Fleet, plans.Region, plans.Prices);
        var calibrate = fields.Flag(PlanRequest.CalibrateField) == true;
        var (job, errors) = await reader.ReadAsync(given, cancellationToken, PlanRequest.FleetField, PlanRequest.CalibrateField);
        if (job is null || fields.Errors.Count > 0) return Problem.Invalid([.. errors, .. fields.Errors]);
        if (calibrate)
        {
            if (calibration.Refusal(job) is { } refusal) return Problem.Invalid(refusal);
            await calibration.RunAsync(job, caller.Id, cancellationToken);
        }

        var planned = await plans.DescribeAsync(job, cancellationToken);
        var isForFleet = !plans.IsLocal || fields.Find(PlanRequest.FleetField, required: false, "") is not null;
        return TypedResults.Ok(isForFleet ? viewer.ForFleet(planned, job, fleet, region) : viewer.ForMachine(planned));
    }
}
