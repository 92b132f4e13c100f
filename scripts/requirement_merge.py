"""Intersects requirements: one per distribution, or a conflict that names who disagrees."""

import dataclasses
import itertools

try:
    from packaging.specifiers import SpecifierSet
    from packaging.version import InvalidVersion, Version
except ModuleNotFoundError:
    from pip._vendor.packaging.specifiers import SpecifierSet
    from pip._vendor.packaging.version import InvalidVersion, Version

# They install the same files, so only one may be there. The headless ones need no display libraries.
OPENCV = {"opencv-python", "opencv-python-headless", "opencv-contrib-python", "opencv-contrib-python-headless"}


@dataclasses.dataclass
class Merged:
    name: str
    extras: list
    specifiers: SpecifierSet

    def __str__(self) -> str:
        return self.name + (f"[{','.join(self.extras)}]" if self.extras else "") + in_order(self.specifiers)


def merge(asked: list) -> tuple:
    """(a Merged per distribution, conflicts, notes). In a conflict the newest requirement that is named wins."""
    groups, notes = {}, []
    for one in asked:
        groups.setdefault(one.name, []).append(one)
    join_opencv(groups, notes)
    merged, conflicts = [], []
    for name, group in sorted(groups.items()):
        specifiers = SpecifierSet(",".join(sorted({str(one.requirement.specifier) for one in group} - {""})))
        if not satisfiable(specifiers):
            specifiers, conflict = newest(name, group)
            conflicts.append(conflict)
        merged.append(Merged(name, sorted({extra for one in group for extra in one.requirement.extras}), specifiers))
    return merged, conflicts, notes


def join_opencv(groups: dict, notes: list) -> None:
    names = sorted(OPENCV & groups.keys())
    if not names:
        return
    # contrib is the whole of OpenCV and more.
    chosen = "opencv-contrib-python-headless" if any("contrib" in name for name in names) else "opencv-python-headless"
    together = [one for name in names for one in groups.pop(name)]
    groups[chosen] = together
    if names != [chosen]:
        notes.append(f"{chosen} stands for {', '.join(names)}: they are one import (cv2), so only one may be installed")


def newest(name: str, group: list) -> tuple:
    """Keeps requirements from the newest named version down, as long as they agree."""
    by_specifier = {}
    for one in group:
        by_specifier.setdefault(str(one.requirement.specifier), one)
    distinct = sorted((one for text, one in by_specifier.items() if text), key=rank, reverse=True)
    kept, dropped = SpecifierSet(), []
    for one in distinct:
        if satisfiable(kept & one.requirement.specifier):
            kept &= one.requirement.specifier
        else:
            dropped.append(one)
    pairs = [pair for pair in itertools.combinations(distinct, 2)
             if not satisfiable(pair[0].requirement.specifier & pair[1].requirement.specifier)]
    # Three can disagree though any two agree.
    sides = [" against ".join(side(one, group) for one in pair) for pair in pairs] or [", ".join(side(one, group) for one in distinct)]
    return kept, Conflict(name, sides, in_order(kept), [str(one.requirement.specifier) for one in dropped])


@dataclasses.dataclass
class Conflict:
    name: str
    sides: list
    kept: str
    dropped: list

    def resolution(self) -> str:
        return f"{self.name}: {self.kept} is kept as the newest; {', '.join(self.dropped)} is not satisfied"


def side(one, group: list) -> str:
    others = sum(other.requirement.specifier == one.requirement.specifier for other in group) - 1
    return f"{one.requirement.specifier} ({one.where}{f' and {others} more' if others else ''})"


def rank(one) -> tuple:
    versions = [version for version in map(named_version, one.requirement.specifier) if version]
    # "<2" names 2 but asks for something older.
    upper = any(specifier.operator in ("<", "!=") for specifier in one.requirement.specifier)
    return max(versions, default=Version("0")), not upper, str(one.requirement.specifier)


def in_order(specifiers: SpecifierSet) -> str:
    return ",".join(sorted(map(str, specifiers), key=lambda text: (text[:1] != "=", text[:1] != ">", text)))


def satisfiable(specifiers: SpecifierSet) -> bool:
    """Whether any version at all can satisfy them, published or not: only the edges of the ranges need to be tried."""
    return not len(specifiers) or any(accepts(specifiers, point) for point in edges(specifiers))


def accepts(specifiers: SpecifierSet, point: str) -> bool:
    try:
        return specifiers.contains(Version(point), prereleases=True)
    except InvalidVersion:
        # "===" compares text, so it may name what is no version.
        return all(specifier.operator == "===" and specifier.version == point for specifier in specifiers)


def edges(specifiers: SpecifierSet):
    yield "0"
    for specifier in specifiers:
        version = named_version(specifier)
        if version is None:
            yield specifier.version
            continue
        yield str(version)
        release = [*version.release, 0, 0]
        epoch = f"{version.epoch}!" if version.epoch else ""
        # Just above; and just below, past the release's own pre-releases.
        yield epoch + ".".join(map(str, [*release, 1]))
        for place in range(len(release)):
            if release[place] > 0:
                yield epoch + ".".join(map(str, [*release[:place], release[place] - 1, 999999]))


def named_version(specifier):
    try:
        return Version(specifier.version.removesuffix(".*"))
    except InvalidVersion:
        return None
