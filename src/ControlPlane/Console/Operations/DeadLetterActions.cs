using VmDataset.ControlPlane.Console.Layout;
using VmDataset.ControlPlane.Operations.DeadLetters;

namespace VmDataset.ControlPlane.Console.Operations;

/// <summary>Redrives and deletes dead letters, one or a job's.</summary>
internal static class DeadLetterActions
{
    public static void MapDeadLetterActions(this RouteGroupBuilder operations)
    {
        var letters = operations.MapGroup("/dead-letters").RequireRole(Role.Admin);
        letters.MapPost("/redrive", (HttpRequest request, DeadLetterService service, CancellationToken cancellationToken) =>
            HandleAsync(request, "redrive", service.RedriveAsync, cancellationToken));
        letters.MapGet("/delete", Ask);
        letters.MapPost("/delete", (HttpRequest request, DeadLetterService service, CancellationToken cancellationToken) =>
            HandleAsync(request, "delete", service.RemoveAsync, cancellationToken));
    }

    private static IResult Ask(string? id, [FromQuery(Name = "job_id")] string? jobId)
    {
        if (string.IsNullOrEmpty(id) && !JobId.IsValid(jobId ?? "")) return Problem.Invalid(DeadLetterQuery.WrongJob(jobId));
        var which = string.IsNullOrEmpty(id) ? $"All dead letters of the job {jobId} are" : $"The dead letter {id} is";
        return PageResult.Of<AskPage>(new AskModel("Delete for good?", $"{which} removed for good. Their samples still count as failed.",
            "/operations/dead-letters/delete", "Delete", [string.IsNullOrEmpty(id) ? ("job_id", jobId!) : ("id", id)]));
    }

    private static async Task<IResult> HandleAsync(HttpRequest request, string done,
        Func<DeadLetterFilter, CancellationToken, CancellationToken, Task<DeadLetterCounts>> handle, CancellationToken cancellationToken)
    {
        var form = await request.ReadFormAsync(cancellationToken);
        var (id, jobId) = (form["id"].ToString(), form["job_id"].ToString());
        if (id.Length == 0 && !JobId.IsValid(jobId)) return Problem.Invalid(DeadLetterQuery.WrongJob(jobId));
        using var pause = new CancellationTokenSource(RequestBudget.Time);
        var filter = id.Length > 0 ? new DeadLetterFilter { Id = id } : new DeadLetterFilter { JobId = jobId };
        var counts = await handle(filter, pause.Token, cancellationToken);
        if (id.Length > 0 && counts is { Taken: 0, Refused.Count: 0, More: false })
            return Problem.NotFound($"There is no dead letter '{id}', or another caller is reading it at this moment.");
        return new SeeOther($"/operations?done={done}&taken={counts.Taken}&kept={counts.Refused.Count}&more={(counts.More ? "true" : "false")}");
    }
}
