using VmDataset.ControlPlane.Console.Layout;
using VmDataset.ControlPlane.Console.Runs;
using VmDataset.ControlPlane.Jobs.Submission;
using VmDataset.ControlPlane.Jobs.Views;

namespace VmDataset.ControlPlane.Console.NewJob;

/// <summary>The form for a new job. Every button sends the whole form; only Submit makes something of it.</summary>
internal static class NewJobEndpoints
{
    public const string Path = "/jobs/new";

    public static void MapNewJob(this IEndpointRouteBuilder pages)
    {
        pages.MapGet(Path, GetAsync).RequireRole(Role.Submit);
        pages.MapPost(Path, PostAsync).RequireRole(Role.Submit);
    }

    private static async Task<IResult> GetAsync(string? from, string[]? generators, NewJobReader reader, RunReader runs,
        IOptions<Microsoft.AspNetCore.Http.Json.JsonOptions> json, CancellationToken cancellationToken)
    {
        var form = new JobForm
        {
            Generators = generators ?? [],
            Texts = new Dictionary<string, string> { ["samples"] = "100" },
        };
        if (!string.IsNullOrEmpty(from))
        {
            var (view, problem) = await runs.ReadAsync(from, cancellationToken);
            if (view?.Spec is not { } spec) return problem ?? Problem.Of(StatusCodes.Status409Conflict, view!.Reason!);
            form = JobForm.Of(spec, json.Value.SerializerOptions);
        }

        return PageResult.Of<NewJobPage>((await reader.ReadAsync(form, cancellationToken)).Model);
    }

    private static async Task<IResult> PostAsync(HttpRequest request, Caller caller, NewJobReader reader, JobSubmission submission,
        SampleDrawer drawer, CancellationToken cancellationToken)
    {
        var fields = await request.ReadFormAsync(cancellationToken);
        var form = JobForm.Read(fields);
        var (model, body) = await reader.ReadAsync(form, cancellationToken);
        // htmx sends the button that was pressed last with what the form asks for by itself too.
        if (fields["draw"].ToString() is { Length: > 0 } drawn && fields["do"].ToString() is ("" or "draw"))
        {
            model = model with { Drawn = await drawer.DrawAsync(model, drawn, caller, cancellationToken) };
            return ProblemPages.IsPart(request) && model.Drawn is not null
                ? PageResult.Of<DrawnBox>(model.Drawn) : PageResult.Of<NewJobPage>(model);
        }

        switch (fields["do"].ToString())
        {
            case "submit":
                return await SubmitAsync(model, body, caller, submission, cancellationToken);
            case "plan":
                model = await reader.PlanAsync(model, body, cancellationToken);
                if (model.Plan is not null) model = model with { Curl = Curl.Post(request, "/v1/jobs", body.GetRawText()) };
                return ProblemPages.IsPart(request) ? PageResult.Of<PlanBox>(model)
                    : PageResult.Of<NewJobPage>(model, model.Plan is null ? StatusCodes.Status400BadRequest : StatusCodes.Status200OK);
            case "choices" when ProblemPages.IsPart(request):
                return PageResult.Of<ChoiceList>(model);
            case "parameters" when ProblemPages.IsPart(request):
                return PageResult.Of<ParameterForm>(model);
            default:
                return PageResult.Of<NewJobPage>(model);
        }
    }

    private static async Task<IResult> SubmitAsync(NewJobModel model, JsonElement body, Caller caller, JobSubmission submission,
        CancellationToken cancellationToken)
    {
        // Of one page, the same request twice is one job, and another request is another.
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(body.GetRawText())));
        var answer = await submission.SubmitAsync(body, $"console-{model.Form.Nonce}-{hash[..16]}", caller, cancellationToken);
        if (answer.Result is Accepted<JobView> { Value: { } job }) return new SeeOther($"/jobs/{job.Id}?done=submit");
        var problem = (ProblemHttpResult)answer.Result;
        return problem.ProblemDetails is HttpValidationProblemDetails invalid
            ? PageResult.Of<NewJobPage>(model with
            {
                Errors = [.. invalid.Errors
                    .SelectMany(static field => field.Value.Select(message => new ValidationError(field.Key, message)))],
            }, problem.StatusCode)
            : PageResult.Of<NewJobPage>(model with { Problem = problem.ProblemDetails.Detail }, problem.StatusCode);
    }
}
