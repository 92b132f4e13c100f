using VmDataset.ControlPlane.Console.Forms;
using VmDataset.ControlPlane.Console.Layout;
using VmDataset.ControlPlane.Jobs.Control;

namespace VmDataset.ControlPlane.Console.Runs;

/// <summary>What a person does to a job: the same operations as the API's, behind forms.</summary>
internal static class RunActions
{
    public static void MapRunActions(this RouteGroupBuilder job)
    {
        foreach (var action in new[] { RunAction.Cancel, RunAction.Delete })
        {
            job.MapGet("/" + action.Name, (string id, RunReader reader, CancellationToken cancellationToken) =>
                ConfirmAsync(id, action, null, reader, cancellationToken)).RequireRole(Role.Submit);
        }

        job.MapGet("/retry", ConfirmRetryAsync).RequireRole(Role.Submit);
        job.MapPost("/pause", PauseAsync).RequireRole(Role.Submit);
        job.MapPost("/resume", ResumeAsync).RequireRole(Role.Submit);
        job.MapPost("/cancel", CancelAsync).RequireRole(Role.Submit);
        job.MapPost("/retry", RetryAsync).RequireRole(Role.Submit);
        job.MapPost("/delete", DeleteAsync).RequireRole(Role.Submit);
    }

    private static async Task<IResult> ConfirmAsync(string id, RunAction action, string? generator, RunReader reader,
        CancellationToken cancellationToken)
    {
        var (view, problem) = await reader.ReadAsync(id, cancellationToken);
        return view is null ? problem! : PageResult.Of<ConfirmPage>(new ConfirmModel(view, action, generator));
    }

    private static async Task<IResult> ConfirmRetryAsync(string id, string? generator, string? cause, RunReader reader, CauseRanges causes,
        CancellationToken cancellationToken)
    {
        if (string.IsNullOrEmpty(cause)) return await ConfirmAsync(id, RunAction.Retry, generator, reader, cancellationToken);
        var (retry, errors) = RetryRequest.Read(FormFields.Object(("generator", FormFields.Text(generator)), ("cause", cause)));
        if (retry is null) return Problem.Invalid(errors);
        var (snapshot, view, problem) = await reader.FindAsync(id, cancellationToken);
        if (snapshot is null) return problem!;
        var (itsGenerator, ranges, refusal) = await causes.FindAsync(snapshot.Job, snapshot.Progress, retry, cancellationToken);
        return refusal is not null ? refusal
            : PageResult.Of<ConfirmPage>(new ConfirmModel(view!, RunAction.Retry, itsGenerator, cause, ranges.SampleCount));
    }

    private static async Task<IResult> PauseAsync(string id, Caller caller, JobOperations operations,
        CancellationToken cancellationToken) =>
        After(id, "pause", await operations.PauseAsync(id, caller, cancellationToken));

    private static async Task<IResult> ResumeAsync(string id, Caller caller, JobOperations operations,
        CancellationToken cancellationToken) =>
        After(id, "resume", await operations.ResumeAsync(id, caller, cancellationToken));

    private static async Task<IResult> CancelAsync(string id, HttpRequest request, Caller caller, JobOperations operations,
        CancellationToken cancellationToken)
    {
        var form = await request.ReadFormAsync(cancellationToken);
        var fields = FormFields.Object(("reason", form["reason"].ToString().Trim() is { Length: > 0 } reason ? reason : null));
        var (cancel, errors) = CancelRequest.Read(fields);
        return cancel is null ? Problem.Invalid(errors)
            : After(id, "cancel", await operations.CancelAsync(id, caller, cancel, cancellationToken));
    }

    private static async Task<IResult> RetryAsync(string id, HttpRequest request, Caller caller, JobOperations operations,
        CancellationToken cancellationToken)
    {
        var form = await request.ReadFormAsync(cancellationToken);
        var fields = FormFields.Object(("generator", FormFields.Text(form["generator"])), ("cause", FormFields.Text(form["cause"])),
            ("timeout_seconds", FormFields.Scalar(form["timeout_seconds"])));
        var (retry, errors) = RetryRequest.Read(fields);
        return retry is null ? Problem.Invalid(errors)
            : After(id, "retry", await operations.RetryAsync(id, caller, retry, cancellationToken));
    }

    private static async Task<IResult> DeleteAsync(string id, Caller caller, JobOperations operations, CancellationToken cancellationToken)
    {
        var (removed, problem) = await operations.DeleteAsync(id, caller, cancellationToken);
        return problem is null ? new SeeOther($"/jobs?done={(removed ? "delete" : "deleting")}") : problem;
    }

    private static IResult After(string id, string done, INestedHttpResult result) =>
        result.Result is ProblemHttpResult problem ? problem : new SeeOther($"/jobs/{id}?done={done}");
}
