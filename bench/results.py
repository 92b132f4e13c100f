"""Results as files: one a measure, machine and day, in bench/results. plots.py makes a page of them."""

import datetime
import json
import os
import pathlib
import platform
import re
import statistics
import subprocess

ROOT = pathlib.Path(__file__).resolve().parent.parent
FOLDER = ROOT / "bench" / "results"


def machine() -> dict:
    """What the figures depend on."""
    facts = dict(re.findall(r"^(model name)\s*:\s*(.+)$", pathlib.Path("/proc/cpuinfo").read_text(), re.M))
    memory = int(re.search(r"MemTotal:\s*(\d+)", pathlib.Path("/proc/meminfo").read_text())[1])
    return {"processor": facts.get("model name", platform.machine()), "cores": os.cpu_count(), "memory_gb": round(memory / 2 ** 20),
            "kernel": platform.release().split("-")[0]}


def commit() -> str:
    """The commit, with a plus where files differ from it."""
    def git(*arguments):
        return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True).stdout.strip()
    return git("rev-parse", "--short", "HEAD") + ("+" if git("status", "--porcelain", "-uno") else "")


def pair_row(names: dict, ours: list, theirs: list, ratios: list) -> dict:
    """A row of a measure in pairs: names tell it apart, seconds are medians, ratio is [median, least, most] of the pairs."""
    return {**names, "pairs": len(ratios), "product_seconds": round(statistics.median(ours), 3),
            "other_seconds": round(statistics.median(theirs), 3),
            "ratio": [round(value, 3) for value in (statistics.median(ratios), min(ratios), max(ratios))]}


def save(folder: pathlib.Path, measure: str, ratio: str, rows: list, **settings) -> pathlib.Path:
    """Writes <measure>-<date>-<cores>-cores.json. ratio: what the rows' ratios say, for the reader; settings: whatever was chosen."""
    folder.mkdir(parents=True, exist_ok=True)
    date = datetime.date.today().isoformat()
    path = folder / f"{measure}-{date}-{os.cpu_count()}-cores.json"
    path.write_text(json.dumps({"measure": measure, "ratio": ratio, "date": date, "commit": commit(), "machine": machine(),
                                "load": round(os.getloadavg()[1], 1), **settings, "rows": rows}, indent=1) + "\n")
    return path
