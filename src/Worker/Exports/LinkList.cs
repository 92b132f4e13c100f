namespace VmDataset.Worker.Exports;

/// <summary>
/// Names that an export needs and the dataset does not have. An object store has no links, so a list of them is written, and a script that
/// makes them where the dataset lies.
/// </summary>
internal sealed class LinkList(ExportFolder folder)
{
    private readonly StreamWriter _lines = folder.Open("links.jsonl");

    /// <param name="link">Below the export's folder.</param>
    /// <param name="target">A file or folder below the dataset's.</param>
    public async ValueTask AddAsync(string link, string target) =>
        await _lines.WriteLineAsync(ExportFolder.Json(new { link, target }));

    public Task EndAsync(CancellationToken cancellationToken) =>
        folder.WriteAsync("link.py", Script.ReplaceLineEndings("\n"), cancellationToken);

    private const string Script = """
        #!/usr/bin/env python3
        '''Makes the symbolic links that links.jsonl beside this script names. Run again, it makes the missing ones.'''

        import json
        import os
        import pathlib

        export = pathlib.Path(__file__).resolve().parent
        dataset = export.parent.parent
        made = 0
        with open(export / "links.jsonl", encoding="utf-8") as lines:
            for line in lines:
                entry = json.loads(line)
                link, target = export / entry["link"], dataset / entry["target"]
                if not target.exists():
                    raise SystemExit(f"{target} is not there: the export lies in the folder of its dataset, as exports/NAME")
                link.parent.mkdir(parents=True, exist_ok=True)
                if not link.is_symlink():
                    link.symlink_to(os.path.relpath(target, link.parent), target_is_directory=target.is_dir())
                    made += 1
        print(f"{made} links were made in {export}")

        """;
}
