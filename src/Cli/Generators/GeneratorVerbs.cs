using System.CommandLine;
using System.Text.Json.Nodes;
using VmDataset.Cli.Api;
using VmDataset.Cli.CommandLine;
using VmDataset.Cli.Output;

namespace VmDataset.Cli.Generators;

/// <summary>Lists, checks and previews generators.</summary>
internal static class GeneratorVerbs
{
    public static IEnumerable<Command> All() => [List(), Check(), Preview()];

    private static Command List()
    {
        var name = new Argument<string?>("NAME") { Description = "This one, with its parameters.", Arity = ArgumentArity.ZeroOrOne };
        var category = Verbs.Text("--category", "Only those of this category; 'other' for those that state none.", "NAME");
        const string Words = "List the generators, with the reason for each that cannot be used.";
        return Verbs.Create("generators", Words, [name, category], async session =>
        {
            if (session.Get(name) is { } one) return await ShowAsync(session, one);
            var query = session.Get(category) is { } wanted ? $"?category={Uri.EscapeDataString(wanted)}" : "";
            var page = await session.Api.GetAsync($"/v1/generators{query}", ApiJson.Default.GeneratorPage, session.Cancellation);
            session.Screen.Result(page.Json, () =>
            {
                var grid = new Grid("GENERATOR", "CATEGORY", "USABLE", "CHECK", "DESCRIPTION");
                foreach (var each in page.Value.Items)
                    grid.Add(each.Name, each.Category ?? "", each.Usable ? "yes" : "no", each.Check?.State ?? "",
                        each.Problem ?? each.Check?.Message ?? each.Warning ?? Text.Start(each.Description ?? "", 100));
                grid.Write();
                Screen.Say($"{page.Value.Items.Count(static each => each.Usable)} of {page.Value.Items.Count} generators are usable.");
            });
            return ExitCode.Done;
        });
    }

    private static async Task<ExitCode> ShowAsync(Session session, string name)
    {
        var path = $"/v1/generators/{Uri.EscapeDataString(name)}";
        var answer = await session.Api.GetAsync(path, ApiJson.Default.Generator, session.Cancellation);
        session.Screen.Result(answer.Json, () =>
        {
            var each = answer.Value;
            Screen.Line($"{each.Name}: {(each.Usable ? "usable" : "not usable")}");
            if ((each.Problem ?? each.Check?.Message) is { } problem) Screen.Line(problem);
            if (each.Warning is { } warning) Screen.Line(warning);
            if (each.Category is { } category) Screen.Line($"category: {category}");
            if (each.Description is { } description) Screen.Line(description);
            if (each.Check is { } check) Screen.Line($"check: {check.State}");
            if (each.Parameters is { } parameters) Screen.Line($"parameters (JSON Schema): {parameters.GetRawText()}");
        });
        return ExitCode.Done;
    }

    private static Command Check()
    {
        var names = new Argument<string[]>("NAME") { Description = "These generators; all by default.", Arity = ArgumentArity.ZeroOrMore };
        var wait = new Option<bool>("--wait") { Description = "Wait until a worker has tried each of them." };
        return Verbs.Create("check",
            "Say what became of the samples by which the workers try each generator. 0 only if all of them passed. POLL_SECONDS is the pause between two looks with --wait.",
            [names, wait], async session =>
            {
                var pause = Values.Pause();
                var wanted = session.Get(names) ?? [];
                var (json, found) = await CheckedAsync(session, wanted);
                while (session.Has(wait) && found.Any(IsPending))
                {
                    await Task.Delay(pause, session.Cancellation);
                    (json, found) = await CheckedAsync(session, wanted);
                }

                session.Screen.Result(json, () =>
                {
                    var grid = new Grid("GENERATOR", "CHECK", "SECONDS", "REASON");
                    foreach (var each in found)
                        grid.Add(each.Name, each.Problem is null ? each.Check?.State ?? "" : "failed",
                            each.Check?.Seconds?.ToString("0.00", CultureInfo.InvariantCulture) ?? "", each.Problem ?? each.Check?.Message ?? "");
                    grid.Write();
                });
                var passed = found.Count(static each => each.Usable && each.Check?.State == "passed");
                Screen.Say($"{passed} of {found.Count} generators passed, {found.Count(IsPending)} were not tried yet.");
                return passed == found.Count ? ExitCode.Done : ExitCode.Failed;
            });
    }

    private static bool IsPending(Generator generator) => generator is { Problem: null, Check.State: "pending" };

    private static async Task<(string Json, IReadOnlyList<Generator> Found)> CheckedAsync(Session session, string[] wanted)
    {
        var page = await session.Api.GetAsync("/v1/generators", ApiJson.Default.GeneratorPage, session.Cancellation);
        if (wanted.FirstOrDefault(name => page.Value.Items.All(each => each.Name != name)) is { } unknown)
            throw new UsageException($"NAME is '{unknown}'; allowed: a generator's name, as vmds generators lists them.");
        return (page.Json, [.. page.Value.Items.Where(each => wanted.Length == 0 || wanted.Contains(each.Name, StringComparer.Ordinal))]);
    }

    private static Command Preview()
    {
        var name = new Argument<string>("NAME") { Description = "The generator." };
        var samples = Verbs.Number("--samples", "Samples, up to 8. Default: the API's choice.", 1, 8);
        var seed = Verbs.Number("--seed", "The seed of the first sample.", 0, int.MaxValue);
        var parameters = Verbs.Text("--parameters", "Set this of the generator; see docs/parameters.md.", "JSON");
        Symbol[] symbols = [name, samples, seed, parameters];
        return Verbs.Create("preview", "Draw a few samples of a generator now. 0 only if all of them came.", symbols, session =>
        {
            JsonObject request = [];
            if (session.Get(samples) is { } number) request["samples"] = number;
            if (session.Get(seed) is { } first) request["seed"] = first;
            if (session.Get(parameters) is { } text)
                request["parameters"] = JsonNode.Parse(Values.Object("--parameters", text, """{"grid_size": 5}""").GetRawText());
            var path = $"/v1/generators/{Uri.EscapeDataString(session.Need(name))}/preview";
            return PreviewText.RunAsync(session, path, request.ToJsonString());
        });
    }
}
