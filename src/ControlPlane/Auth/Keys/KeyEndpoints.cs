using Microsoft.AspNetCore.Http.HttpResults;
using VmDataset.ControlPlane.Http;
using VmDataset.Pipeline.Json;

namespace VmDataset.ControlPlane.Auth.Keys;

/// <summary>Keys: make, list, revoke; and who one is.</summary>
internal static class KeyEndpoints
{
    public static void MapKeys(this IEndpointRouteBuilder app)
    {
        var keys = app.MapGroup("/v1/keys").WithTags("Access").RejectUnknownQuery()
            .ProducesValidationProblem().ProducesProblem(StatusCodes.Status500InternalServerError);

        keys.MapPost("", CreateAsync).RequireRole(Role.Admin).WithName("create_key").WithSummary("Make a key")
            .WithDescription("The answer holds the key's text, this once: the server keeps its hash alone. Send it as Authorization: Bearer, or as X-Api-Key.")
            .Accepts<KeyRequest>("application/json")
            .ProducesProblem(StatusCodes.Status413PayloadTooLarge).ProducesProblem(StatusCodes.Status415UnsupportedMediaType);

        keys.MapGet("", ListAsync).RequireRole(Role.Admin).WithName("list_keys").WithSummary("List keys")
            .WithDescription("All keys without their secrets, ordered by id, expired ones and those whose record cannot be read too.");

        keys.MapDelete("{key}", DeleteAsync).RequireRole(Role.Admin).WithName("revoke_key").WithSummary("Revoke a key")
            .WithDescription("It is refused here at once, and within 30 seconds by other instances of the API. Jobs that it submitted go on.")
            .ProducesProblem(StatusCodes.Status404NotFound);

        app.MapGet("/v1/whoami", WhoAmI).RequireRole(Role.Read).WithTags("Access").RejectUnknownQuery().WithName("whoami").WithSummary("Look at oneself")
            .WithDescription("Who the server takes the caller for.")
            .ProducesValidationProblem().ProducesProblem(StatusCodes.Status500InternalServerError);
    }

    private static async Task<Results<Created<KeyView>, ProblemHttpResult>> CreateAsync(
        HttpRequest request, KeyStore store, TimeProvider time, CancellationToken cancellationToken)
    {
        var (body, problem) = await JsonBody.ReadAsync(request, KeyRequestReader.Example, optional: false, cancellationToken);
        if (body is not { } fields) return problem!;
        var (wanted, errors) = KeyRequestReader.Read(fields, time.GetUtcNow());
        if (wanted is null) return Problem.Invalid(errors);
        var (key, text) = await store.CreateAsync(wanted, cancellationToken);
        return TypedResults.Created((string?)null, KeyView.Of(key, text));
    }

    private static async Task<Results<Ok<Page<KeyView>>, ProblemHttpResult>> ListAsync(
        string? limit, string? cursor, KeyStore store, CancellationToken cancellationToken)
    {
        List<ValidationError> errors = [];
        var size = PageLimits.Read(limit, errors);
        if (cursor is not null && !KeyText.IsId(cursor)) errors.Add(PageLimits.WrongCursor(cursor));
        if (errors.Count > 0) return Problem.Invalid(errors);
        var (keys, next) = await store.ListAsync(size, cursor, cancellationToken);
        return TypedResults.Ok(new Page<KeyView> { Items = [.. keys.Select(static key => KeyView.Of(key.Id, key.Record))], NextCursor = next });
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> DeleteAsync(string key, KeyStore store, CancellationToken cancellationToken) =>
        KeyText.IsId(key) && await store.DeleteAsync(key, cancellationToken)
            ? TypedResults.NoContent()
            : Problem.NotFound($"There is no key '{key}'; GET /v1/keys lists them.");

    private static Ok<CallerView> WhoAmI(Caller caller, AccessLimits limits) => TypedResults.Ok(new CallerView
    {
        Id = caller.Id,
        Name = caller.Name,
        Role = caller.Role!.Value,
        MaxOpenJobs = limits.OpenJobs(caller),
        MaxOpenSamples = limits.OpenSamples(caller),
        RequestsPerMinute = limits.RequestsPerMinute,
    });
}
