"""The work of collect_requirements.sh: GENERATORS OUTPUT [--allow-conflicts] [--no-hashes | --no-pin]."""

import json
import os
import pathlib
import platform
import subprocess
import sys
import tempfile

try:
    from requirement_lines import canonicalize_name, read_folder
    from requirement_merge import OPENCV, merge
except ModuleNotFoundError as missing:
    print(f"error: {sys.executable} lacks the module {missing.name}; install pip for it (Debian: python3-pip), or set PYTHON.", file=sys.stderr)
    sys.exit(2)


def main(folder: pathlib.Path, output: pathlib.Path, options: set) -> int:
    asked, left, read, without = read_folder(folder)
    if not read:
        print(f"error: no folder in {folder} has a requirements.txt; scripts/download_all_repos.sh clones the generators", file=sys.stderr)
        return 1
    merged, conflicts, notes = merge(asked)
    say(f"{read} requirements.txt, {len(asked)} requirements of {len(merged)} distributions")
    if without:
        say(f"note: without requirements.txt: {', '.join(without)}")
    notes += [f"left out: {one.where}: {one.line} - {one.why}" for one in left]
    if "--allow-conflicts" in options:
        notes += [f"conflict: {one.resolution()}" for one in conflicts]
    for note in notes:
        say(f"note: {note}")
    if conflicts and "--allow-conflicts" not in options:
        for conflict in conflicts:
            for side in conflict.sides:
                say(f"error: {conflict.name}: {side}")
        say("No version satisfies both sides. Correct the generators, or let the newest win with --allow-conflicts.")
        return 1
    lines = [str(one) for one in merged]
    if "--no-pin" in options:
        state = "NOT PINNED: merged only (--no-pin), so an image built later may hold other versions."
    else:
        lines = pin(lines, hashes="--no-hashes" not in options)
        if lines is None:
            return 1
        several = sorted(OPENCV & {line.partition("==")[0] for line in lines})
        if len(several) > 1:
            notes.append(f"{' and '.join(several)} are both there, as something depends on one of them; they overwrite each other's cv2")
            say(f"note: {notes[-1]}")
        checked = "" if "--no-hashes" in options else " with the hashes of their files; pip takes no other files"
        state = f"Exact versions{checked}, resolved for Python {platform.python_version()} on {sys.platform} {platform.machine()}."
    write(output, read, state, notes, lines)
    say(f"{len(lines)} distributions in {output}")
    return 0


def pin(lines: list, hashes: bool) -> "list | None":
    """name==version, and --hash if asked for, of everything that pip would install, or None after pip's own error has been shown."""
    with tempfile.TemporaryDirectory() as folder:
        requirements, report = pathlib.Path(folder, "requirements.txt"), pathlib.Path(folder, "report.json")
        requirements.write_text("\n".join(lines) + "\n")
        command = [sys.executable, "-m", "pip", "install", "--dry-run", "--ignore-installed", "--quiet",
                   "--report", str(report), "--requirement", str(requirements)]
        settings = {**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_ROOT_USER_ACTION": "ignore"}
        # pip's own words come as they are said: resolving hundreds of requirements takes a while.
        ended = subprocess.run(command, env=settings, stdin=subprocess.DEVNULL, stdout=sys.stderr, check=False)
        if ended.returncode != 0 or not report.is_file():
            say("error: pip could not resolve the merged requirements (its reason is above; --dry-run and --report need pip 22.2). "
                "Where no package index can be reached, --no-pin writes them unpinned.")
            return None
        installed = json.loads(report.read_text())["install"]
    return sorted(pinned(entry["metadata"]) + (file_hash(entry["download_info"]) if hashes else "") for entry in installed)


def pinned(metadata: dict) -> str:
    return f"{canonicalize_name(metadata['name'])}=={metadata['version']}"


def file_hash(download: dict) -> str:
    """The option of requirements.txt for the file that pip chose."""
    archive = download["archive_info"]
    # pip 22.2 to 23.0 writes "sha256=..." under "hash" alone.
    sha256 = archive.get("hashes", {}).get("sha256") or archive["hash"].removeprefix("sha256=")
    return f" --hash=sha256:{sha256}"


def write(output: pathlib.Path, read: int, state: str, notes: list, lines: list) -> None:
    head = [f"Made by scripts/collect_requirements.sh from {read} requirements.txt; run it again instead of editing this.", state, *notes]
    text = "".join(f"# {line}\n" for line in head) + "".join(f"{line}\n" for line in lines)
    temporary = output.with_name(output.name + ".tmp")
    temporary.write_text(text, encoding="utf-8")
    os.replace(temporary, output)


def say(text: str) -> None:
    print(text, file=sys.stderr)


if __name__ == "__main__":
    try:
        sys.exit(main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), set(sys.argv[3:])))
    except OSError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(1)
