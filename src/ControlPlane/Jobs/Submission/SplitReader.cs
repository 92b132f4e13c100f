namespace VmDataset.ControlPlane.Jobs.Submission;

/// <summary>Reads the fields of a job that part its dataset: <c>splits</c>, <c>holdout</c> and <c>holdout_split</c>.</summary>
internal static class SplitReader
{
    public const string Splits = "splits";
    public const string Holdout = "holdout";
    public const string HoldoutSplit = "holdout_split";

    private const string HoldoutRule = "an array of 1 to 1,000 names, each of one of the job's generators and there once";

    /// <summary>Notes everything wrong; what is returned then is of no use.</summary>
    /// <param name="fields">The job's.</param>
    /// <param name="generators">Those of the job; empty where they are wrong.</param>
    public static JobSplitting Read(JsonFields fields, IReadOnlyList<JobGenerator> generators)
    {
        var value = fields.Find(Splits, required: false, SplitPlan.Rule);
        var plan = value is { } shares ? SplitPlan.Read(Splits, shares, fields.Refuse) : null;
        var held = fields.Find(Holdout, required: false, HoldoutRule);
        var split = fields.Text(HoldoutSplit, required: false, SplitPlan.IsName, SplitPlan.NameRule);
        if (held is not null && value is null) fields.Refuse(Holdout, "holdout is there without splits; allowed: with splits.");
        if (split is not null && held is null)
            fields.Refuse(HoldoutSplit, "holdout_split is there without holdout; allowed: with holdout.");
        var name = split ?? JobSplits.DefaultHoldoutSplit;
        // Two splits' files would have one name where letters are not told by their case.
        if (plan?.Shares.FirstOrDefault(each => each.Name != name && each.Name.Equals(name, StringComparison.OrdinalIgnoreCase)) is { } near
            && held is not null)
            fields.Refuse(HoldoutSplit, $"holdout_split is \"{name}\" beside the split \"{near.Name}\"; allowed: that name, or one that differs by more than the case of letters.");
        return new JobSplitting(plan, held is { } names ? Names(fields, names, generators) : null, split);
    }

    private static List<string>? Names(JsonFields fields, JsonElement value, IReadOnlyList<JobGenerator> generators)
    {
        if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() is 0 or > JobLimits.MaxGenerators)
        {
            fields.Refuse(Holdout, $"{Holdout} is {JsonFields.DescribeArray(value)}; allowed: {HoldoutRule}.");
            return null;
        }

        var known = generators.Select(static each => each.Name).ToHashSet(StringComparer.Ordinal);
        HashSet<string> seen = new(StringComparer.Ordinal);
        List<string> names = [];
        foreach (var (at, element) in value.EnumerateArray().Index())
        {
            // Where the generators are wrong, that is said already.
            if (JsonFields.TextOf(element) is { } name && (known.Count == 0 || known.Contains(name)) && seen.Add(name)) names.Add(name);
            else fields.Refuse($"{Holdout}[{at}]", $"{Holdout}[{at}] is {JsonFields.Describe(element)}; allowed: one of the job's generators, once.");
        }

        return names;
    }
}

/// <summary>How a job's dataset is parted; all null without splits.</summary>
internal readonly record struct JobSplitting(SplitPlan? Splits, IReadOnlyList<string>? Holdout, string? HoldoutSplit);
