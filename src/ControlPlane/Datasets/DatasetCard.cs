namespace VmDataset.ControlPlane.Datasets;

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
            {facts.Bytes:N0} bytes in all. `metadata.jsonl` and `metadata.parquet` have a row for each sample.


            """);
        Loading(card, facts);
        card.Append($"""
            ## Check it

            ```sh
            sha256sum -c --quiet {DatasetWriter.Sums}
            ```


            """);
        Generators(card, facts);
        Missing(card, facts);
        Origin(card, facts);
        return card.ToString().ReplaceLineEndings("\n");
    }

    private static void Head(StringBuilder card, DatasetFacts facts)
    {
        card.Append(CultureInfo.InvariantCulture, $"""
            ---
            pretty_name: "{facts.Title}"
            task_categories:
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
            foreach (var name in facts.Drawn) card.Append(
                CultureInfo.InvariantCulture, $"- config_name: \"{name}\"\n  data_files: \"{name}/*.tar\"\n");
        }
        else if (facts.Videos > 0)
        {
            // Two metadata files of different kinds in one configuration are refused; other files would choose another loader.
            card.Append(CultureInfo.InvariantCulture, $"- config_name: default\n  data_files:\n  - \"{DatasetWriter.Lines}\"\n");
            foreach (var extension in facts.VideoExtensions) card.Append(
                CultureInfo.InvariantCulture, $"  - \"*/*_task/*/ground_truth{extension}\"\n");
        }
        else
        {
            card.Append(CultureInfo.InvariantCulture, $"- config_name: default\n  data_files: \"{DatasetWriter.Table}\"\n");
        }

        card.Append("---\n\n");
    }

    private static void Loading(StringBuilder card, DatasetFacts facts)
    {
        card.Append("## Load it\n\nIn this folder:\n\n```python\n");
        if (facts.IsTars && facts.Samples > 0)
        {
            foreach (var name in facts.Drawn) card.Append(
                CultureInfo.InvariantCulture, $"import datasets; samples = datasets.load_dataset(\".\", \"{name}\", split=\"train\")\n");
            card.Append("""
                import glob, webdataset; samples = webdataset.WebDataset(sorted(glob.glob("*/*.tar")), shardshuffle=False)

                """);
        }
        else if (facts.Videos > 0)
        {
            card.Append("import datasets; samples = datasets.load_dataset(\".\", split=\"train\")    # videofolder: the videos and the columns of metadata.jsonl\n");
        }

        card.Append("""
            import datasets; rows = datasets.load_dataset("parquet", data_files="metadata.parquet", split="train")
            import pandas; rows = pandas.read_parquet("metadata.parquet")
            import duckdb; rows = duckdb.sql("select generator, count(*) from 'metadata.parquet' group by all")
            ```


            """);
    }

    private static void Generators(StringBuilder card, DatasetFacts facts)
    {
        card.Append("## Generators\n\n| generator | version | repository | parameters | domain | indices | seeds | samples | bytes |\n| --- | --- | --- | --- | --- | --- | --- | --- | --- |\n");
        foreach (var part in facts.Generators)
        {
            var (indices, seeds) = part.Samples == 0 ? ("", "") : (Ranges(part.Indices, 0), Ranges(part.Indices, facts.Job.Seed));
            card.Append(CultureInfo.InvariantCulture,
                $"| {part.Generator.Name} | {string.Join(", ", part.Versions)} | {Repository(part)} | {Parameters(part)} | {string.Join(", ", part.Domains)} | {indices} | {seeds} | {part.Samples:N0} | {part.Bytes:N0} |\n");
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
            $"## Duplicates\n\nOf each generator these are the first different samples in the order of their indices, {facts.Job.Samples:N0} where there are as many. ");
        card.Append("Two samples are the same if all their files are, `metadata.json` aside.\n\n");
        foreach (var part in facts.Generators.Where(part => part.Samples < facts.Job.Samples))
            card.Append(CultureInfo.InvariantCulture,
                $"- {part.Generator.Name}: {part.Samples:N0} different samples{(part.Missing.IsEmpty ? "; it gives no more" : " among those that are there")}\n");
        if (facts.Samples < facts.Job.TotalSamples()) card.Append('\n');
    }

    private static void Origin(StringBuilder card, DatasetFacts facts)
    {
        var job = facts.Job;
        card.Append(CultureInfo.InvariantCulture, $"""
            ## How it was made

            By vm-dataset-pipeline, {job.Samples:N0} samples of each generator from index {job.StartIndex}, base seed {job.Seed}:
            sample `i` was drawn with seed {job.Seed} + i. With the same generators, whose versions are above, the same request makes the same samples again:

            ```sh
            curl -s http://127.0.0.1:8080/v1/jobs -H 'Content-Type: application/json' -d '{ForShell(RepeatedRequest.Of(job))}'
            ```

            """);
    }

    // A bar would end the cell, also within code, and a grave accent the code.
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
