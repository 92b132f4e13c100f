using System.CommandLine;
using System.Text.Json.Nodes;
using VmDataset.Cli.Api;
using VmDataset.Cli.CommandLine;

namespace VmDataset.Cli.Jobs;

/// <summary>The options that describe a job, and the request that they make.</summary>
internal sealed class SubmitOptions
{
    private readonly Option<string?> _file = Verbs.Text("--file",
        "Read the whole request, a JSON object, from a file; - is stdin. Options beside it replace its fields.", "FILE");
    private readonly Option<string?> _generators = Verbs.Text("--generator", "Every usable generator, or these.", "all|NAME[,NAME...]");
    private readonly Option<int?> _samples = Verbs.Number("--samples", "Samples of each generator.", 1);
    private readonly Option<int?> _seed = Verbs.Number("--seed",
        "Sample i is drawn with seed N + i. Default: random, and shown.", 0, int.MaxValue);
    private readonly Option<int?> _batchSize = Verbs.Number("--batch-size", "Samples per message. Default: the API's choice.", 1);
    private readonly Option<string?> _format = Verbs.Word("--output-format", "A folder per sample, or a tar per finished range.", "files", "webdataset");
    private readonly Option<int?> _startIndex = Verbs.Number("--start-index", "Index of the first sample. Default: 0.", 0);
    private readonly Option<string?> _parameters = Verbs.Text("--parameters", "Set this of every generator; see docs/parameters.md.", "JSON");
    private readonly Option<string?> _splits = Verbs.Text("--splits", "Splits of the dataset and their shares.", "NAME=SHARE[,NAME=SHARE...]");
    private readonly Option<string?> _video = Verbs.Text("--video", "A preset, or a JSON object; see docs/videos.md.", "PRESET|JSON");
    private readonly Option<bool> _unique = new("--unique") { Description = "Replace samples that repeat earlier ones." };
    private readonly Option<double?> _maxCost = new("--max-cost-usd")
    {
        Description = "Refuse the job if it will cost more, stop it if it comes to; on AWS alone.",
        HelpName = "DOLLARS",
        CustomParser = static result => Values.Decimal(result, "--max-cost-usd"),
    };

    private readonly Option<int?> _deadline = Verbs.Number("--deadline", "Seconds that the job may take; refused or stopped beyond.", 1);

    private readonly Option<int?> _timeout = Verbs.Number("--timeout", "Seconds that a sample may take. Default: the worker's own limit.", 1);
    private readonly Option<string?> _name = Verbs.Text("--name", "A name for the job, for people.", "TEXT");
    private readonly Option<string?> _tags = Verbs.Text("--tags", "Tags by which vmds list finds it.", "TAG[,TAG...]");
    private readonly Option<string?> _notes = Verbs.Text("--notes", "Notes about it.", "TEXT");

    public IEnumerable<Symbol> All =>
    [
        _generators, _samples, _seed, _batchSize, _format, _startIndex, _parameters, _splits, _video, _unique, _maxCost, _deadline,
        _timeout, _name, _tags, _notes, _file,
    ];

    /// <summary>The request's JSON.</summary>
    /// <exception cref="UsageException">An option is missing or wrong.</exception>
    public JsonObject Request(Session session)
    {
        var request = session.Get(_file) is { } file ? RequestFile.Read(file) : [];
        void Set(string field, JsonNode? value)
        {
            if (value is not null) request[field] = value;
        }

        if (session.Get(_generators) is { } generators) Set("generators", Generators(generators));
        Set("samples", session.Get(_samples));
        Set("seed", session.Get(_seed));
        Set("batch_size", session.Get(_batchSize));
        Set("output_format", session.Get(_format));
        Set("start_index", session.Get(_startIndex));
        if (session.Get(_parameters) is { } parameters)
            Set("parameters", JsonNode.Parse(Values.Object("--parameters", parameters, """{"grid_size": 5}""").GetRawText()));
        if (session.Get(_splits) is { } splits) Set("splits", Splits(splits));
        if (session.Get(_video) is { } video) Set("video", Video(video));
        if (session.Has(_unique)) Set("unique", true);
        Set("max_cost_usd", session.Get(_maxCost));
        Set("deadline_seconds", session.Get(_deadline));
        Set("timeout_seconds", session.Get(_timeout));
        Set("name", session.Get(_name));
        if (session.Get(_tags) is { } tags) Set("tags", List(tags));
        Set("notes", session.Get(_notes));
        if (session.Get(_file) is null) Require(request);
        return request;
    }

    private static void Require(JsonObject request)
    {
        List<string> missing = [];
        if (!request.ContainsKey("generators")) missing.Add("--generator is missing; allowed: all, or names separated by commas.");
        if (!request.ContainsKey("samples")) missing.Add("--samples is missing; allowed: an integer from 1.");
        if (missing.Count > 0) throw new UsageException(string.Join('\n', missing));
    }

    private static JsonNode Generators(string text) => text == "all" ? text : List(text);

    private static JsonArray List(string text) =>
        [.. text.Split(',', StringSplitOptions.TrimEntries).Select(static name => (JsonNode)name)];

    private static JsonNode Video(string text) => text.StartsWith('{')
        ? JsonNode.Parse(Values.Object("--video", text, """{"preset": "wan2.2"}""").GetRawText())! : new JsonObject { ["preset"] = text };

    private static JsonObject Splits(string text)
    {
        JsonObject splits = [];
        foreach (var part in text.Split(',', StringSplitOptions.TrimEntries))
        {
            if (part.Split('=', 2) is not [{ Length: > 0 } name, var number] || splits.ContainsKey(name)
                || !double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var share))
                throw new UsageException($"--splits is '{text}'; allowed: names with shares that sum to 1, such as train=0.9,test=0.1.");
            splits[name] = share;
        }

        return splits;
    }
}
