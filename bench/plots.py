"""Makes a page with plots from the results that are kept as files.

usage: plots.py [FOLDER], by default bench/results; writes README.md and an SVG for each measure there

Each measure has a plot: a row for each generator and size, a mark for each day and machine, from the least to the greatest ratio of its
pairs. Run it with a Python that imports matplotlib.
"""

import collections
import json
import pathlib
import sys

import matplotlib

matplotlib.use("svg")
matplotlib.rcParams.update({"svg.hashsalt": "bench", "svg.fonttype": "none", "font.size": 9})

from matplotlib import pyplot  # noqa: E402

import results  # noqa: E402

AIMS = {"plain": {10: 3.0, 100: 2.0}, "warm": {200: 0.95}, "peer-1-core": {10: 2.2, 100: 1.3}, "peer-2-cores": {10: 4.0, 100: 2.5}}


def title(row: dict) -> str:
    extra = f", {row['format']}" if row.get("format", "files") != "files" else ""
    return f"{row['generator'].replace('_data_generator', '').replace('-data-generator', '')}, {row['samples']}{extra}"


def named(run: dict) -> str:
    machine = run["machine"]
    return f"{run['date']}, {machine['processor']}, {machine['cores']} cores"


def plot(measure: str, runs: list, path: pathlib.Path) -> None:
    titles = list(dict.fromkeys(title(row) for run in runs for row in run["rows"]))
    figure, axes = pyplot.subplots(figsize=(8, 1 + 0.32 * len(titles)))
    for number, run in enumerate(runs):
        found = {title(row): row["ratio"] for row in run["rows"]}
        places = [place + 0.18 * (number - (len(runs) - 1) / 2) for place, name in enumerate(titles) if name in found]
        middle, least, most = zip(*(found[name] for name in titles if name in found))
        axes.errorbar(middle, places, xerr=[[m - low for m, low in zip(middle, least)], [high - m for m, high in zip(middle, most)]],
                      fmt="o", markersize=4, capsize=2, label=named(run))
    for place, name in enumerate(titles):
        if aim := AIMS.get(measure, {}).get(int(name.split(", ")[1])):
            axes.plot([aim, aim], [place - 0.4, place + 0.4], color="0.4", linewidth=1, linestyle=":")
    axes.set_yticks(range(len(titles)), titles)
    axes.invert_yaxis()
    axes.set_xlim(left=0)
    axes.set_xlabel(f"{runs[0]['ratio']}; dotted: the aim")
    axes.grid(axis="x", alpha=0.3)
    axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), frameon=False)
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})
    pyplot.close(figure)


def table(run: dict) -> str:
    lines = ["| generator | samples | format | product, s | other, s | ratio: median (least to most) |", "| --- | --- | --- | --- | --- | --- |"]
    for row in run["rows"]:
        median, least, most = row["ratio"]
        lines.append(f"| {row['generator']} | {row['samples']} | {row.get('format', 'files')} | {row['product_seconds']:.2f} "
                     f"| {row['other_seconds']:.2f} | {median:.2f} ({least:.2f} to {most:.2f}) |")
    return "\n".join(lines)


def main() -> None:
    folder = pathlib.Path(sys.argv[1]) if sys.argv[1:] else results.FOLDER
    measures = collections.defaultdict(list)
    for path in sorted(folder.glob("*.json")):
        run = json.loads(path.read_text())
        measures[run["measure"]].append(run)
    parts = ["# Results\n\nMade by `python3 bench/plots.py` from the files beside it; do not edit. [bench/README.md](../README.md) describes the"
             " measures and says what follows from them.\n"]
    for measure, runs in sorted(measures.items()):
        runs.sort(key=named)
        plot(measure, runs, folder / f"{measure}.svg")
        parts.append(f"\n## {measure}\n\n![{measure}: {runs[0]['ratio']}]({measure}.svg)\n")
        for run in runs:
            parts.append(f"\n{named(run)}, kernel {run['machine']['kernel']}, commit {run['commit']}, load {run['load']} at the end, "
                         f"{run['rows'][0]['pairs']} pairs\n\n{table(run)}\n")
    (folder / "README.md").write_text("".join(parts))


if __name__ == "__main__":
    main()
