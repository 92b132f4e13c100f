using VmDataset.ControlPlane.Auth.Keys;
using VmDataset.ControlPlane.Console.Forms;
using VmDataset.ControlPlane.Console.Layout;
using VmDataset.ControlPlane.Operations.DeadLetters;

namespace VmDataset.ControlPlane.Console.Operations;

/// <summary>The page of those who run the server, and the keys on it.</summary>
internal static class OperationsEndpoints
{
    public static void MapOperations(this IEndpointRouteBuilder pages)
    {
        var operations = pages.MapGroup("/operations").RequireRole(Role.Read);
        operations.MapGet("", GetAsync);
        operations.MapDeadLetterActions();
        operations.MapPost("/keys", CreateKeyAsync).RequireRole(Role.Admin);
        operations.MapGet("/keys/{key}/revoke", AskRevoke).RequireRole(Role.Admin);
        operations.MapPost("/keys/{key}/revoke", RevokeAsync).RequireRole(Role.Admin);
    }

    private static async Task<IResult> GetAsync([FromQuery(Name = "job_id")] string? jobId, HttpRequest request, Caller caller,
        OperationsReader reader, CancellationToken cancellationToken)
    {
        var query = new DeadLetterQuery { JobId = string.IsNullOrEmpty(jobId) ? null : jobId };
        List<ValidationError> errors = [];
        query.Read(errors);
        return errors.Count > 0 ? Problem.Invalid(errors) : PageResult.Of<OperationsPage>(
            await reader.ReadAsync(caller, query.JobId, cancellationToken) with { Message = OperationsMessages.Of(request.Query) });
    }

    private static async Task<IResult> CreateKeyAsync(HttpRequest request, Caller caller, KeyStore keys, OperationsReader reader,
        TimeProvider time, CancellationToken cancellationToken)
    {
        var form = await request.ReadFormAsync(cancellationToken);
        // A day ends with it, in UTC.
        var expires = form["expires_at"].ToString() is { Length: > 0 } day ? day + "T23:59:59Z" : null;
        var (wanted, errors) = KeyRequestReader.Read(FormFields.Object(("name", form["name"].ToString()), ("role", form["role"].ToString()),
            ("expires_at", expires), ("max_open_jobs", FormFields.Scalar(form["max_open_jobs"])),
            ("max_open_samples", FormFields.Scalar(form["max_open_samples"]))), time.GetUtcNow());
        if (wanted is null)
        {
            return PageResult.Of<OperationsPage>(await reader.ReadAsync(caller, null, cancellationToken) with
            {
                Errors = errors,
                Texts = form.ToDictionary(static field => field.Key, static field => field.Value.ToString()),
            }, StatusCodes.Status400BadRequest);
        }

        var (key, text) = await keys.CreateAsync(wanted, cancellationToken);
        // Not by way of another address: the text is told in this answer alone.
        return PageResult.Of<OperationsPage>(await reader.ReadAsync(caller, null, cancellationToken) with { Made = KeyView.Of(key, text) });
    }

    private static IResult AskRevoke(string key) => KeyText.IsId(key)
        ? PageResult.Of<AskPage>(new AskModel("Revoke this key?",
            $"The key {key} is refused from then on, at other instances within {KeyStore.Freshness.TotalSeconds} seconds. Jobs that it submitted go on.",
            $"/operations/keys/{key}/revoke", "Revoke the key", []))
        : Problem.NotFound($"There is no key '{key}'.");

    private static async Task<IResult> RevokeAsync(string key, KeyStore keys, CancellationToken cancellationToken) =>
        KeyText.IsId(key) && await keys.DeleteAsync(key, cancellationToken) ? new SeeOther("/operations?done=revoke#keys")
            : Problem.NotFound($"There is no key '{key}'; it may have been revoked.");
}
