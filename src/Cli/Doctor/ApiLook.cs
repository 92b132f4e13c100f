using VmDataset.Cli.Api;
using VmDataset.Cli.Output;

namespace VmDataset.Cli.Doctor;

/// <summary>Looks at what the API tells: whether it is there, takes the key, has workers and generators.</summary>
internal static class ApiLook
{
    public static async Task<IReadOnlyList<Finding>> LookAsync(ApiClient api, CancellationToken cancellationToken)
    {
        List<Finding> found = [await HealthAsync(api, cancellationToken)];
        try
        {
            var caller = await api.GetAsync("/v1/whoami", ApiJson.Default.Caller, cancellationToken);
            found.Add(Finding.Ok("key", $"{api.Address} takes you for {caller.Value.Name}, role {caller.Value.Role}"));
        }
        catch (ApiException exception)
        {
            return [.. found, Finding.Wrong("key", exception.Message), Finding.Skipped("workers", "the API refuses"),
                Finding.Skipped("generators", "the API refuses")];
        }

        return [.. found, await TryAsync("workers", () => WorkersAsync(api, cancellationToken)),
            await TryAsync("generators", () => GeneratorsAsync(api, cancellationToken))];
    }

    // 503 comes with the same document.
    private static async Task<Finding> HealthAsync(ApiClient api, CancellationToken cancellationToken)
    {
        try
        {
            var health = (await api.GetAsync("/health/ready", ApiJson.Default.Health, cancellationToken)).Value;
            var details = string.Join("; ", (health.Checks ?? new Dictionary<string, HealthCheck>())
                .Where(static each => each.Value.Status != "healthy").Select(static each => $"{each.Key}: {each.Value.Detail}"));
            return health.Status == "healthy" ? Finding.Ok("api", $"{api.Address} is ready")
                : Finding.Note("api", $"{api.Address} is {health.Status}: {details}");
        }
        catch (ApiException exception) when (exception.Status is not null)
        {
            return Finding.Wrong("api", exception.Message);
        }
    }

    private static async Task<Finding> WorkersAsync(ApiClient api, CancellationToken cancellationToken)
    {
        var fleet = (await api.GetAsync("/v1/fleet", ApiJson.Default.Fleet, cancellationToken)).Value;
        var queue = fleet.Queue is { } depths ? $"{depths.Queued ?? 0} messages queued, {depths.InFlight ?? 0} in flight" : "no depths";
        if (fleet.Worker is { } worker) return Finding.Ok("workers", $"the API's own worker has {worker.Lanes} lanes, {worker.Busy} busy; {queue}");
        if (fleet.Queue is { Queued: > 0, InFlight: null or 0 })
            return Finding.Wrong("workers", $"{queue}: nobody works on them. On AWS the mapping may be disabled, elsewhere no worker started");
        if (fleet.Function is { } function)
            return Finding.Ok("workers", $"function {function.Name}, {function.ConcurrentExecutions?.Latest ?? 0:0} at once; {queue}");
        return Finding.Note("workers", $"workers of their own do not report; {queue}");
    }

    private static async Task<Finding> GeneratorsAsync(ApiClient api, CancellationToken cancellationToken)
    {
        var all = (await api.GetAsync("/v1/generators", ApiJson.Default.GeneratorPage, cancellationToken)).Value.Items;
        var failed = all.Where(static each => !each.Usable || each.Check?.State == "failed").Select(static each => each.Name).ToArray();
        var text = $"{all.Count(static each => each.Usable)} of {all.Count} generators are usable";
        if (all.Count == failed.Length) return Finding.Wrong("generators", $"{text}; GENERATORS_DIR of the server names their folders");
        var warnings = all.Where(static each => each.Warning is not null).Select(static each => $"{each.Name}: {each.Warning!.TrimEnd('.')}").ToArray();
        text = string.Join("; ", warnings.Take(3).Prepend(text)) + (warnings.Length > 3 ? $"; {warnings.Length - 3} more have a warning" : "");
        if (failed.Length == 0 && warnings.Length > 0) return Finding.Note("generators", text);
        return failed.Length == 0 ? Finding.Ok("generators", text)
            : Finding.Note("generators", $"{text}; look at {string.Join(", ", failed.Take(5))}{(failed.Length > 5 ? " and others" : "")} with vmds generators NAME");
    }

    private static async Task<Finding> TryAsync(string name, Func<Task<Finding>> look)
    {
        try
        {
            return await look();
        }
        catch (ApiException exception)
        {
            return Finding.Wrong(name, Text.Line(exception.Message));
        }
    }
}
