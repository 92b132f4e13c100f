"""What is no parameter of a job although a script takes it: what the pipeline sets itself, and what reaches beyond the sample.

Whoever may submit a job is not to write where the worker may, to choose a program that it starts, or to name a bucket.
"""

import re

from . import annotations

_SETS_ITSELF = {"num_samples", "samples", "domain", "seed", "random_seed", "base_seed", "output", "output_dir",
                "output_path", "out", "out_dir", "start_index", "help", "version"}
_PATHS = {"path", "paths", "dir", "dirs", "directory", "folder", "file", "files", "filename", "root", "output", "url", "uri",
          "outdir", "outputs", "outfile", "workdir", "tmpdir", "tempdir", "logdir", "savedir", "datadir"}
_PROGRAMS = {"exe", "executable", "binary", "bin", "command", "cmd", "interpreter", "shell", "program", "script",
             "blender", "ffmpeg", "ffprobe", "python"}
_STORES = re.compile(r"(^|_)(s3|gcs)(_|$)|bucket(_name|_prefix|_key)?$|^(out|output|save)_prefix$|^(destination|save_to)$")
_NAMES_PLACE = re.compile(r"\b(path|folder|directory) (to|of|for|where|in which)\b|\bexecutable\b|\b(S3|GCS|storage) bucket\b"
                          r"|^(output|the output) (folder|directory|path)\b", re.IGNORECASE)
_COUNTS = re.compile(r"^((num|n|nb|number_of|total|max)_?)samples?$"
                     r"|^samples?_(count|num|per_(task|domain|generator|type|level|difficulty))$")
_TELLS_COUNT = re.compile(
    r"\b(number|count|amount) of ((task|data|dataset|training|puzzle|video|question|output) )?samples\b(?! per (pixel|frame|second))"
    r"|\b(number of|how many) (tasks|examples|puzzles|questions|problems|instances|videos|items|samples) to (generate|create|produce|make|write)\b",
    re.IGNORECASE)


def is_free(name, schema):
    """Whether a job may set what has this name and this schema."""
    last = name.rpartition("_")[2]
    if name in _SETS_ITSELF or last in _PATHS:
        return False
    kinds, told = annotations.types(schema), schema.get("description", "")
    if "integer" in kinds and (_COUNTS.search(name) or _TELLS_COUNT.search(told)):
        return False
    # A closed set of texts leads nowhere that its author did not mean.
    is_free_text = "string" in kinds and "enum" not in schema
    return not (is_free_text and (last in _PROGRAMS or _STORES.search(name) or _NAMES_PLACE.search(told)))
