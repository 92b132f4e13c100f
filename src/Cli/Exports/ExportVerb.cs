using System.CommandLine;
using System.Text.Json.Nodes;
using VmDataset.Cli.Api;
using VmDataset.Cli.CommandLine;
using VmDataset.Cli.Jobs;
using VmDataset.Cli.Output;

namespace VmDataset.Cli.Exports;

/// <summary>Writes the files by which a trainer reads a dataset.</summary>
internal static class ExportVerb
{
    public static Command Verb()
    {
        var job = Verbs.Job();
        var profile = new Argument<string?>("PROFILE")
        {
            Description = "The program that is to read the dataset, such as diffsynth; docs/train.md lists them. Without it, and without --file, the exports that there are.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var option = Verbs.Texts("--option",
            "A further field of the request, such as base_path=/data/mazes or split=train; may be repeated. A value that is JSON is taken as such.",
            "NAME=VALUE");
        var file = Verbs.Text("--file", "Read the whole request, a JSON object, from a file; - is stdin.", "FILE");
        var wait = new Option<bool>("--wait") { Description = "Wait until its files are there; 0 only if they are." };
        return Verbs.Create("export", "Write the files by which a trainer, or another program, reads a dataset; or list those that there are.",
            [job, profile, option, file, wait], session =>
            {
                var path = $"/v1/jobs/{session.Need(job)}/exports";
                var request = session.Get(file) is { } name ? RequestFile.Read(name) : [];
                foreach (var pair in session.Get(option) ?? []) Set(request, pair);
                if (session.Get(profile) is { } word) request["profile"] = word;
                return request.Count == 0 ? ListAsync(session, path) : MakeAsync(session, path, request.ToJsonString(), session.Has(wait));
            });
    }

    private static async Task<ExitCode> ListAsync(Session session, string path)
    {
        var page = await session.Api.GetAsync(path, ApiJson.Default.ExportPage, session.Cancellation);
        session.Screen.Result(page.Json, () =>
        {
            var grid = new Grid("EXPORT", "PROFILE", "STATE", "SAMPLES", "SKIPPED");
            foreach (var each in page.Value.Items)
                grid.Add(each.Id, each.Profile, each.State, each.Samples is { } samples ? Figures.Count(samples) : "",
                    each.Skipped is { } skipped ? Figures.Count(skipped) : "");
            grid.Write();
        });
        return ExitCode.Done;
    }

    private static async Task<ExitCode> MakeAsync(Session session, string path, string request, bool wait)
    {
        var pause = Values.Pause();
        var answer = await session.Api.SendAsync(HttpMethod.Post, path, request, ApiJson.Default.Export, session.Cancellation);
        while (wait && answer.Value.State == "pending")
        {
            await Task.Delay(pause, session.Cancellation);
            // The same request continues to wait.
            answer = await session.Api.SendAsync(HttpMethod.Post, path, request, ApiJson.Default.Export, session.Cancellation);
        }

        var export = answer.Value;
        session.Screen.Result(answer.Json, () =>
        {
            Screen.Line($"export {export.Id} of {export.Profile}: {export.State}");
            if (export.Samples is { } samples) Screen.Line($"{Figures.Count(samples)} samples, {Figures.Count(export.Skipped ?? 0)} skipped");
            foreach (var each in export.Files) Screen.Line($"{each.Path}  {Figures.Bytes(each.Bytes)}");
            if (export.Usage is { Length: > 0 } usage) Screen.Line(usage);
        });
        if (export.Problem is { } problem) Screen.Error(problem);
        return export.State == "failed" ? ExitCode.Failed : ExitCode.Done;
    }

    private static void Set(JsonObject request, string pair)
    {
        if (pair.Split('=', 2) is not [{ Length: > 0 } name, var value])
            throw new UsageException($"--option is '{pair}'; allowed: NAME=VALUE, such as split=train.");
        request[name] = Json(value);
    }

    private static JsonNode? Json(string value)
    {
        try
        {
            return JsonNode.Parse(value);
        }
        catch (JsonException)
        {
            return value;
        }
    }
}
