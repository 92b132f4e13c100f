"""Lists lines of C# in src and bench that are longer than 140 characters, and fails if there are any. A line that ends in a text may be longer, as a text
that is cut in two cannot be searched for."""

import pathlib
import subprocess
import sys

LIMIT = 140
ROOT = pathlib.Path(__file__).resolve().parents[1]


def ends_in_text(line: str) -> bool:
    return '"' in line[LIMIT - 10:]


def long_lines(text: str):
    raw = False
    for number, line in enumerate(text.split("\n"), 1):
        inside, raw = raw, raw != (line.count('"""') % 2 == 1)
        if len(line) > LIMIT and not (inside or raw or ends_in_text(line)):
            yield number, len(line)


def main() -> int:
    # Files that git does not know yet, too.
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "src/*.cs", "bench/*.cs"]
    files = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    found = [f"{file}:{number}: {length} characters; allowed: {LIMIT}"
             for file in files for number, length in long_lines((ROOT / file).read_text())]
    print("\n".join(found[:50]))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
