"""Reads a dataset's card as Hugging Face ``datasets`` does (load.py, data_files.py, folder_based_builder.py): configurations, splits and
patterns. It knows the forms of YAML that the cards have."""

import fnmatch
import json
import os
import re
from pathlib import Path

SPLIT = re.compile(r"^\w+(\.\w+)*$")
METADATA = ["metadata.csv", "metadata.jsonl", "metadata.parquet"]


def configurations(folder: Path) -> dict:
    """Configurations by name, each ``{"data_files": str | list, "metadata_filenames": list}``."""
    head = (folder / "README.md").read_text("utf-8").split("---\n")[1].split("configs:\n")[1]
    found, config, target = {}, None, None
    for line in head.splitlines():
        text = line.strip()
        if text.startswith("- config_name:"):
            config = found.setdefault(scalar(text), {})
        elif text.startswith("- split:"):
            config["data_files"].append({"split": scalar(text), "path": []})
        elif text in ("data_files:", "metadata_filenames:"):
            target = config.setdefault(text[:-1], [])
        elif text == "path:":
            target = config["data_files"][-1]["path"]
        elif text.startswith("data_files:"):
            config["data_files"] = scalar(text)
        elif text.startswith("- "):
            target.append(text[2:].strip('"'))
        else:
            raise ValueError(f"unexpected line: {line}")
    return found


def scalar(line: str) -> str:
    return line.split(": ", 1)[1].strip('"')


def data_files(folder: Path, config: dict) -> dict:
    """Paths by split. A pattern without a match is refused if it is a plain name, as resolve_pattern and DataFilesList do."""
    given = config["data_files"]
    if isinstance(given, list) and given and isinstance(given[0], dict):
        splits = {each["split"]: each["path"] for each in given}
        if len(splits) != len(given):
            raise ValueError("a split is there twice")
    else:
        splits = {"train": [given] if isinstance(given, str) else given}
    everything = [Path(at, name).relative_to(folder).as_posix() for at, _, names in os.walk(folder) for name in names]
    return {split: [path for pattern in patterns for path in resolve(pattern, everything)] for split, patterns in splits.items()}


def resolve(pattern: str, everything: list) -> list:
    parts = pattern.split("/")
    found = sorted(path for path in everything if len(path.split("/")) == len(parts)
                   and all(fnmatch.fnmatchcase(part, wanted) for part, wanted in zip(path.split("/"), parts)))
    if not found and not re.search(r"[*?\[]", pattern):
        raise FileNotFoundError(pattern)
    return found


def module(paths: list) -> str:
    """The loader by the most frequent extension; tables of the usual names do not count, and in a draw tables win."""
    counts = {}
    for path in paths:
        key = (os.path.basename(path) not in METADATA, Path(path).suffix)
        counts[key] = counts.get(key, 0) + 1
    best = max(counts, key=lambda key: (key[0], counts[key], key[1] == ".parquet", key[1] == ".jsonl", key[1]))[1]
    return {".mp4": "videofolder", ".tar": "webdataset", ".parquet": "parquet", ".jsonl": "json"}[best]


def load(folder: Path, name: str = "default") -> dict:
    """Rows of a ``videofolder`` configuration by split, each video opened; paths by split of any other."""
    config = configurations(folder)[name]
    files = data_files(folder, config)
    if not all(SPLIT.match(split) for split in files) or not all(files.values()):
        raise ValueError(f"a split has no proper name or no files: {files}")
    modules = {module(paths) for paths in files.values()}
    if len(modules) != 1:
        raise ValueError(f"Couldn't infer the same data file format for all splits: {modules}")
    if modules != {"videofolder"}:
        return files
    loaded = {}
    for split, paths in files.items():
        tables = [path for path in paths if os.path.basename(path) in config.get("metadata_filenames", METADATA)]
        rows = [(folder / table, json.loads(line)) for table in tables for line in (folder / table).read_text("utf-8").splitlines()]
        for table, row in rows:
            video = os.path.normpath(row["file_name"]) if row["file_name"] else None
            if video and (video.startswith("..") or not (table.parent / video).is_file()):
                raise FileNotFoundError(video)
        loaded[split] = [row for _, row in rows]
    return loaded


if __name__ == "__main__":
    import sys

    print(json.dumps({split: [row["fingerprint"] for row in rows] if rows and isinstance(rows[0], dict) else rows
                      for split, rows in load(Path(sys.argv[1]).resolve(), *sys.argv[2:]).items()}))
