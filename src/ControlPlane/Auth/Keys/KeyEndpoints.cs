namespace VmDataset.ControlPlane.Auth.Keys;

/// <summary>Creates, lists and revokes keys; identifies the caller.</summary>
internal static class KeyEndpoints
{
    public static void MapKeys(this IEndpointRouteBuilder api)
    {
        var keys = api.MapGroup("keys").WithTags("Access").RequireRole(Role.Admin);

        keys.MapPost("", CreateAsync).WithName("create_key").WithSummary("Create a key")
            .WithDescription("The answer holds the key's text, once: the server keeps only its hash. Send it as Authorization: Bearer, or as X-Api-Key.")
            .AcceptsJson<KeyRequest>(KeyRequestReader.Example);

        keys.MapGet("", ListAsync).WithName("list_keys").WithSummary("List keys")
            .WithDescription("All keys without their secrets, ordered by id, including expired ones and those whose record cannot be read.");

        keys.MapDelete("{key}", DeleteAsync).WithName("revoke_key").WithSummary("Revoke a key")
            .WithDescription("This instance of the API refuses the key immediately, others within 30 seconds. Jobs that the key submitted go on.")
            .ProducesProblem(StatusCodes.Status404NotFound);

        api.MapGet("whoami", WhoAmI).WithTags("Access").WithName("whoami").WithSummary("Identify the caller")
            .WithDescription("The identity, role and limits of the caller.");
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

    private static async Task<Ok<Page<KeyView>>> ListAsync(
        [AsParameters] KeyQuery query, KeyStore store, CancellationToken cancellationToken)
    {
        var (keys, next) = await store.ListAsync(query.Size, query.Cursor, cancellationToken);
        var views = keys.Select(static key => KeyView.Of(key.Id, key.Record));
        return TypedResults.Ok(new Page<KeyView> { Items = [.. views], NextCursor = next });
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> DeleteAsync(
        [Description("The key's id."), Example("4be1c09a7d52")] string key, KeyStore store, CancellationToken cancellationToken) =>
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

    private sealed class KeyQuery : PageQuery
    {
        protected override bool IsCursor(string text) => KeyText.IsId(text);
    }
}
