using System.CommandLine;
using System.Text.Json.Nodes;
using VmDataset.Cli.Api;
using VmDataset.Cli.CommandLine;
using VmDataset.Cli.Jobs;
using VmDataset.Cli.Output;

namespace VmDataset.Cli.Operations;

/// <summary>Keys of the API; for callers of the role admin.</summary>
internal static class KeyVerbs
{
    public static Command Verb()
    {
        var verb = new Command("keys", "List, create or revoke keys of the API; for the role admin.");
        verb.Add(List());
        verb.Add(Create());
        verb.Add(Revoke());
        return verb;
    }

    private static Command List()
    {
        var (limit, cursor) = Verbs.Page();
        return Verbs.Create("list", "List the keys, without their texts.", [limit, cursor], async session =>
        {
            var path = "/v1/keys" + ReadingVerbs.Query(("limit", $"{session.Get(limit) ?? 100}"), ("cursor", session.Get(cursor)));
            var page = await session.Api.GetAsync(path, ApiJson.Default.KeyPage, session.Cancellation);
            session.Screen.Result(page.Json, () =>
            {
                var grid = new Grid("KEY", "NAME", "ROLE", "CREATED", "EXPIRES");
                foreach (var each in page.Value.Items)
                    grid.Add(each.Id, each.Name, each.Role ?? "unreadable", Figures.Moment(each.CreatedAt), Figures.Moment(each.ExpiresAt));
                grid.Write();
                ReadingVerbs.More(page.Value.NextCursor);
            });
            return ExitCode.Done;
        });
    }

    private static Command Create()
    {
        var name = new Argument<string>("NAME") { Description = "Who uses the key." };
        var role = new Argument<string>("ROLE") { Description = "read, submit or admin." };
        role.CompletionSources.Add("read", "submit", "admin");
        var expires = Verbs.Text("--expires", "When it ends to hold. Default: never.", "TIME");
        var jobs = Verbs.Number("--max-open-jobs", "Unfinished jobs that it may have.", 1);
        var samples = Verbs.Number("--max-open-samples", "Samples that its unfinished jobs may have.", 1);
        Symbol[] symbols = [name, role, expires, jobs, samples];
        return Verbs.Create("create", "Create a key, and print its text, which is shown this once.", symbols, async session =>
        {
            var request = new JsonObject { ["name"] = session.Need(name), ["role"] = session.Need(role) };
            if (session.Get(expires) is { } end) request["expires_at"] = end;
            if (session.Get(jobs) is { } open) request["max_open_jobs"] = open;
            if (session.Get(samples) is { } most) request["max_open_samples"] = most;
            var key = await session.Api.SendAsync(HttpMethod.Post, "/v1/keys", request.ToJsonString(), ApiJson.Default.Key,
                session.Cancellation);
            session.Screen.Result(key.Json, () => Screen.Line(key.Value.Text ?? ""));
            Screen.Say($"The key {key.Value.Id} has the role {key.Value.Role}. Its text is shown this once.");
            return ExitCode.Done;
        });
    }

    private static Command Revoke()
    {
        var key = new Argument<string>("KEY") { Description = "The key's id, or the whole key." };
        return Verbs.Create("revoke", "Revoke a key.", [key], async session =>
        {
            // The text of a key is id and secret; what is a secret does not go into an address.
            var text = session.Need(key);
            var id = text.StartsWith("vmd_", StringComparison.Ordinal) ? text.Split('_')[1] : text;
            var path = $"/v1/keys/{Uri.EscapeDataString(id)}";
            await session.Api.SendAsync(HttpMethod.Delete, path, null, ApiJson.Default.JsonElement, session.Cancellation);
            Screen.Say($"The key {id} is revoked.");
            return ExitCode.Done;
        });
    }
}
