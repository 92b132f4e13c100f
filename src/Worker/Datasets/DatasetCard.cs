namespace VmDataset.Worker.Datasets;

/// <summary>The dataset's card: what it is, what is missing, how it loads, how it was made. Its head is what Hugging Face reads.</summary>
internal static class DatasetCard
{
    // A generator that fails at every second sample would fill the card.
    private const int MostRanges = 20;

    public static string Of(DatasetFacts facts)
    {
        var card = new StringBuilder();
        Head(card, facts);
        card.Append(CultureInfo.InvariantCulture, $"""
            # {facts.Title}

            Puzzles for video reasoning: each sample has a prompt, a first frame and, where its generator draws them, a final frame and a
            video of the solution. {facts.Samples:N0} samples, {facts.Videos:N0} with a video; {facts.Files:N0} {(facts.IsTars ? "tars" : "files")} of
            {facts.Bytes:N0} bytes in all. `{facts.Tables.Lines}` and `{facts.Tables.Parquet}` have a row for each sample.


            """);
        Loading(card, facts);
        card.Append($"""
            ## Check it

            ```sh
            sha256sum -c --quiet {facts.Tables.Sums}
            ```


            """);
        UseCard.Training(card, facts);
        UseCard.Sharing(card, facts);
        SplitCard.Section(card, facts);
        Generators(card, facts);
        Missing(card, facts);
        Origin(card, facts);
        Citation(card, facts.Job.About);
        return card.ToString().ReplaceLineEndings("\n");
    }

    private static void Head(StringBuilder card, DatasetFacts facts)
    {
        card.Append(CultureInfo.InvariantCulture, $"""
            ---
            pretty_name: {JsonSerializer.Serialize(facts.Title, WireJson.Options)}
            {License(facts.Job.About)}task_categories:
            - image-to-video
            size_categories:
            - {SizeCategory(facts.Samples)}
            tags:
            - synthetic
            - video
            - reasoning
            {(facts.IsTars ? "- webdataset\n" : "")}configs:

            """);
        if (facts.IsTars && facts.Samples > 0)
        {
            // The types of metadata.json are taken from the first samples, and each generator has its own.
            foreach (var part in facts.Generators.Where(static part => part.Samples > 0))
            {
                card.Append(CultureInfo.InvariantCulture, $"- config_name: \"{part.Generator.Name}\"\n");
                if (facts.Job.Splits is not null) SplitCard.Tars(card, part, facts);
                else card.Append(CultureInfo.InvariantCulture, $"  data_files: \"{part.Generator.Name}/*.tar\"\n");
            }
        }
        else if (facts.Job.Splits is not null)
        {
            card.Append("- config_name: default\n");
            SplitCard.DataFiles(card, SplitCard.Filled(facts), split => IsVideoFolder(facts)
                ? [facts.Tables.LinesOf(split), .. facts.VideoExtensions.Select(static extension => $"*/*_task/*/ground_truth{extension}")]
                : [facts.Tables.ParquetOf(split)]);
            // Other names than metadata.jsonl it is to be told.
            if (IsVideoFolder(facts)) card.Append("  metadata_filenames:\n").AppendJoin("", SplitCard.Filled(facts).Select(split =>
                $"  - \"{Path.GetFileName(facts.Tables.LinesOf(split))}\"\n"));
        }
        else if (IsVideoFolder(facts))
        {
            // Two metadata files of different kinds in one configuration are refused; other files would choose another loader.
            card.Append(CultureInfo.InvariantCulture, $"- config_name: default\n  data_files:\n  - \"{facts.Tables.Lines}\"\n");
            foreach (var extension in facts.VideoExtensions) card.Append(
                CultureInfo.InvariantCulture, $"  - \"*/*_task/*/ground_truth{extension}\"\n");
        }
        else
        {
            card.Append(CultureInfo.InvariantCulture, $"- config_name: default\n  data_files: \"{facts.Tables.Parquet}\"\n");
        }

        card.Append("---\n\n");
    }

    // The hub knows its licences in lower case.
    private static string License(DatasetAbout? about) => about?.License is { } license ? $"license: {license.ToLowerInvariant()}\n" : "";

    private static void Citation(StringBuilder card, DatasetAbout? about)
    {
        if (about is null) return;
        (string, string?)[] lines = [("Creator", about.Creator), ("Page", about.Url), ("Version", about.Version),
            ("Published", about.DatePublished), ("Licence", about.License)];
        if (about.CiteAs is null && lines.All(static line => line.Item2 is null)) return;
        card.Append("\n## About\n\n");
        foreach (var (name, text) in lines)
            if (text is not null) card.Append(CultureInfo.InvariantCulture, $"- {name}: {text}\n");
        if (about.CiteAs is { } cite) card.Append(CultureInfo.InvariantCulture, $"\nCite it as\n\n```\n{cite.Trim()}\n```\n");
    }

    private static void Loading(StringBuilder card, DatasetFacts facts)
    {
        var first = SplitCard.Filled(facts).FirstOrDefault();
        card.Append(CultureInfo.InvariantCulture,
            $"## Load it\n\nIn this folder{(first is null ? "" : $", here the split `{first}`")}:\n\n```python\n");
        if (facts.IsTars && facts.Samples > 0)
        {
            foreach (var part in facts.Generators.Where(static part => part.Samples > 0)) card.Append(CultureInfo.InvariantCulture,
                $"import datasets; samples = datasets.load_dataset(\".\", \"{part.Generator.Name}\", split=\"{SplitCard.SplitsOf(part, facts).FirstOrDefault("train")}\")\n");
            card.Append(CultureInfo.InvariantCulture, $"""
                import glob, webdataset; samples = webdataset.WebDataset(sorted(glob.glob("*/*{(first is null ? "" : $"-{first}")}.tar")), shardshuffle=False)

                """);
        }
        else if (IsVideoFolder(facts))
        {
            card.Append(CultureInfo.InvariantCulture,
                $"import datasets; samples = datasets.load_dataset(\".\", split=\"{first ?? "train"}\")    # videofolder: the videos and the columns of {facts.Tables.Lines.Split('/')[^1]}\n");
        }

        var table = first is null ? facts.Tables.Parquet : facts.Tables.ParquetOf(first);
        var read = facts.Tables.InFolders ? $"import glob, pandas; rows = pandas.concat(map(pandas.read_parquet, sorted(glob.glob(\"{table}\"))))"
            : $"import pandas; rows = pandas.read_parquet(\"{table}\")";
        card.Append(CultureInfo.InvariantCulture, $"""
            import datasets; rows = datasets.load_dataset("parquet", data_files={(first is null ? "" : $"{{\"{first}\": ")}"{table}"{(first is null ? "" : "}")}, split="{first ?? "train"}")
            {read}
            import duckdb; rows = duckdb.sql("select generator, count(*) from '{facts.Tables.Parquet}' group by all")
            ```

            {(facts.Tables.InFolders ? "Paths in a table are relative to its folder.\n\n" : "")}
            """);
    }

    // The loader takes the kind of most files for that of all, and a table of a split's own name is a file to it like any other.
    private static bool IsVideoFolder(DatasetFacts facts) => !facts.IsTars && !facts.Tables.HaveNumbers
        && facts.Videos > (facts.Job.Splits is null ? 0 : facts.Tables.InFolders ? facts.Generators.Count : 1);

    private static void Generators(StringBuilder card, DatasetFacts facts)
    {
        card.Append("## Generators\n\n| generator | version | repository | parameters | domain | indices | seeds | samples | bytes |\n| --- | --- | --- | --- | --- | --- | --- | --- | --- |\n");
        foreach (var part in facts.Generators)
        {
            var (indices, seeds) = part.Samples == 0 ? ("", "") : (Ranges(part.Indices, 0), Ranges(part.Indices, facts.Job.Seed));
            card.Append(CultureInfo.InvariantCulture,
                $"| {Name(part.Generator)} | {string.Join(", ", part.Versions)} | {Repository(part)} | {Parameters(part)} | {string.Join(", ", part.Domains)} | {indices} | {seeds} | {part.Samples:N0} | {part.Bytes:N0} |\n");
        }

        card.Append("\nA version is the first 16 digits of a SHA-256 over the generator's files and those that it shares with others.\n\n");
    }

    private static void Missing(StringBuilder card, DatasetFacts facts)
    {
        if (facts.Job.Unique) Duplicates(card, facts);
        card.Append("## What is missing\n\n");
        var gaps = facts.Generators.Where(static part => !part.Missing.IsEmpty).ToList();
        if (gaps.Count == 0)
        {
            card.Append("Nothing: every sample that was to be drawn is there.\n\n");
            return;
        }

        card.Append(CultureInfo.InvariantCulture,
            $"{gaps.Sum(static part => part.Missing.SampleCount):N0} samples that were to be drawn are not there: they failed, or the work was stopped.\n\n");
        foreach (var part in gaps)
            card.Append(CultureInfo.InvariantCulture,
                $"- {part.Generator.Name}: {part.Missing.SampleCount:N0}, indices {Ranges(part.Missing, 0)}\n");
        card.Append('\n');
    }

    private static void Duplicates(StringBuilder card, DatasetFacts facts)
    {
        card.Append(CultureInfo.InvariantCulture,
            $"## Duplicates\n\nOf each generator these are the first different samples in the order of their indices, as many as were asked for where there are. ");
        card.Append("Two samples are the same if all their files are, `metadata.json` aside.\n\n");
        foreach (var part in facts.Generators.Where(part => part.Samples < facts.Job.SamplesOf(part.Generator)))
            card.Append(CultureInfo.InvariantCulture,
                $"- {part.Generator.Name}: {part.Samples:N0} different samples{(part.Missing.IsEmpty ? "; it gives no more" : " among those that are there")}\n");
        if (facts.Samples < facts.Job.TotalSamples()) card.Append('\n');
    }

    private static void Origin(StringBuilder card, DatasetFacts facts)
    {
        var job = facts.Job;
        card.Append(CultureInfo.InvariantCulture, $"""
            ## How it was made

            By vm-dataset-pipeline, {Count(job)} from index {job.StartIndex}, base seed {job.Seed}:
            sample `i` was drawn with seed {job.Seed} + i. With the same generators, whose versions are above, the same request makes the same samples again:

            ```sh
            curl -s http://127.0.0.1:8080/v1/jobs -H 'Content-Type: application/json' -d '{ForShell(RepeatedRequest.Of(job))}'
            ```

            """);
    }

    // A bar would end the cell, also within code, and a grave accent the code.
    private static string Name(JobGenerator generator) =>
        generator.Generator is { } source ? $"{generator.Name} ({source})" : generator.Name;

    private static string Count(Job job) => job.Generators.All(static generator => generator.Samples is null)
        ? string.Create(CultureInfo.InvariantCulture, $"{job.Samples:N0} samples of each generator")
        : string.Create(CultureInfo.InvariantCulture, $"{job.TotalSamples():N0} samples of {job.Generators.Count} generators");

    private static string Parameters(GeneratorFacts part) => part.Generator.Parameters is { } set
        ? $"`{set.Json.Replace("|", "\\u007c", StringComparison.Ordinal).Replace("`", "\\u0060", StringComparison.Ordinal)}`" : "";

    // In JSON an apostrophe is found in texts alone; in a shell it would end the argument.
    private static string ForShell(string json) => json.Replace("'", "\\u0027", StringComparison.Ordinal);

    private static string Repository(GeneratorFacts part)
    {
        var commits = string.Join(", ", part.Commits);
        return part.Generator.Repository is not { } repository ? commits : commits.Length == 0 ? repository : $"{repository} at {commits}";
    }

    private static string Ranges(RangeSet indices, int offset)
    {
        var told = indices.Take(MostRanges).Select(range => range.Count == 1
            ? string.Create(CultureInfo.InvariantCulture, $"{(long)range.Start + offset}")
            : string.Create(CultureInfo.InvariantCulture, $"{(long)range.Start + offset} to {(long)range.End - 1 + offset}"));
        return string.Join(", ", told) + (indices.Count > MostRanges
            ? string.Create(CultureInfo.InvariantCulture, $" and {indices.Count - MostRanges} ranges more") : "");
    }

    private static string SizeCategory(long samples) => samples switch
    {
        < 1_000 => "n<1K",
        < 10_000 => "1K<n<10K",
        < 100_000 => "10K<n<100K",
        < 1_000_000 => "100K<n<1M",
        < 10_000_000 => "1M<n<10M",
        < 100_000_000 => "10M<n<100M",
        < 1_000_000_000 => "100M<n<1B",
        _ => "1B<n<10B",
    };
}
