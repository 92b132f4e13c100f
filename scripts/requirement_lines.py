"""Reads requirements.txt files: which line of which generator asks for what."""

import codecs
import dataclasses
import pathlib
import re

try:
    from packaging.requirements import InvalidRequirement, Requirement
    from packaging.utils import canonicalize_name
except ModuleNotFoundError:
    # Every pip brings its own copy.
    from pip._vendor.packaging.requirements import InvalidRequirement, Requirement
    from pip._vendor.packaging.utils import canonicalize_name

COMMENT = re.compile(r"(^|\s)#.*")
HASH = re.compile(r"\s--hash[= ]\S+")
INCLUDE = re.compile(r"(?:-r|--requirement)(?:\s+|=)?(\S+)")
# Longest mark first: UTF-32's begins like UTF-16's.
MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


@dataclasses.dataclass(frozen=True)
class Asked:
    """A requirement, and where it stands."""

    where: str
    requirement: Requirement

    @property
    def name(self) -> str:
        return canonicalize_name(self.requirement.name)


@dataclasses.dataclass(frozen=True)
class Left:
    """A line that cannot be merged, and why."""

    where: str
    line: str
    why: str


def read_folder(folder: pathlib.Path) -> tuple:
    """(what is asked for, what is left out, generators read, generators without the file). The folder's own file counts too."""
    asked, left, without = [], [], []
    own = folder / "requirements.txt"
    sources = [own] if own.is_file() else []
    for generator in sorted(folder.iterdir()):
        if generator.name[0] in "._" or not generator.is_dir():
            continue
        file = generator / "requirements.txt"
        if file.is_file():
            sources.append(file)
        else:
            without.append(generator.name)
    for file in sources:
        read_file(folder, file, asked, left, ())
    return asked, left, len(sources), without


def read_file(folder: pathlib.Path, file: pathlib.Path, asked: list, left: list, parents: tuple) -> None:
    for number, line in logical_lines(file):
        where = f"{file.relative_to(folder)}:{number}"
        include = INCLUDE.fullmatch(line)
        if include:
            other = file.parent / include[1]
            if other.is_file() and other.resolve().is_relative_to(folder.resolve()) and other not in (file, *parents):
                read_file(folder, other, asked, left, (file, *parents))
            else:
                left.append(Left(where, line, "the file it includes is not there, outside the folder, or includes itself"))
            continue
        read_line(where, line, asked, left)


def read_line(where: str, line: str, asked: list, left: list) -> None:
    if line.startswith("-"):
        left.append(Left(where, line, "an option of pip, which is no requirement"))
        return
    try:
        requirement = Requirement(HASH.sub("", line))
    except InvalidRequirement:
        left.append(Left(where, line, "a path, an address or a mistake: only a name with versions can be merged"))
        return
    if requirement.url:
        left.append(Left(where, line, "an address: only a name with versions can be merged"))
    elif requirement.marker and not requirement.marker.evaluate({"extra": ""}):
        left.append(Left(where, line, "its marker excludes this Python or platform"))
    else:
        asked.append(Asked(where, requirement))


def logical_lines(file: pathlib.Path):
    """(number, text) without comments and empty lines; a backslash joins a line with the next."""
    start, text = 0, ""
    for number, line in enumerate([*decode(file.read_bytes()).splitlines(), ""], 1):
        start = start or number
        text += COMMENT.sub("", line)
        if text.endswith("\\"):
            text = text[:-1] + " "
            continue
        if text.strip():
            yield start, text.strip()
        start, text = 0, ""


def decode(data: bytes) -> str:
    for mark, encoding in MARKS:
        if data.startswith(mark):
            # PowerShell's "pip freeze >" writes UTF-16.
            return data.decode(encoding, errors="replace").lstrip("\ufeff")
    return data.decode("utf-8", errors="replace")
