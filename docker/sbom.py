"""Writes an image's bill of materials, CycloneDX 1.5 JSON, to standard output. The Dockerfiles call it.

    python3 docker/sbom.py NAME [--system ROOT] [--deps FILE.deps.json ...] [--site-packages FOLDER ...] [--generators FILE.lock]

It lists the system's packages (Debian or Ubuntu), the NuGet packages of a .NET program, Python's distributions and the generators'
commits. A generators' file that is not there is left out. Equal input gives equal bytes: no time and no serial number is written.
"""

import argparse
import base64
import importlib.metadata
import json
import pathlib
import sys
from urllib.parse import quote


def nuget(deps: pathlib.Path) -> list:
    found = []
    for key, library in json.loads(deps.read_text(encoding="utf-8"))["libraries"].items():
        if library["type"] != "package":
            continue
        name, version = key.split("/")
        hashes = []
        if library.get("sha512", "").startswith("sha512-"):
            hashes = [{"alg": "SHA-512", "content": base64.b64decode(library["sha512"][len("sha512-"):]).hex()}]
        found.append(component(name, version, f"pkg:nuget/{quote(name)}@{quote(version)}", hashes=hashes))
    return found


def system(root: pathlib.Path) -> list:
    release = dict(line.partition("=")[::2] for line in (root / "etc/os-release").read_text(encoding="utf-8").splitlines())
    distribution = release["ID"].strip('"')
    found = []
    for paragraph in (root / "var/lib/dpkg/status").read_text(encoding="utf-8", errors="replace").split("\n\n"):
        fields = dict(line.split(": ", 1) for line in paragraph.splitlines() if ": " in line and not line.startswith(" "))
        if fields.get("Status", "").endswith(" installed"):
            name, version, architecture = fields["Package"], fields["Version"], fields.get("Architecture", "all")
            found.append(component(name, version, f"pkg:deb/{distribution}/{quote(name)}@{quote(version, safe='')}?arch={architecture}"))
    return found


def python(folders: list) -> list:
    found = []
    for one in importlib.metadata.distributions(path=[str(folder) for folder in folders]):
        name = (one.metadata["Name"] or "").lower().replace("_", "-")
        if name:
            found.append(component(name, one.version, f"pkg:pypi/{quote(name)}@{quote(one.version)}"))
    return found


def generators(lock: pathlib.Path) -> list:
    lines = [line.split("\t") for line in lock.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    return [component(name, commit, f"pkg:generic/{quote(name)}@{commit}?vcs_url={quote('git+' + url + '@' + commit, safe='')}")
            for name, url, commit in lines]


def component(name: str, version: str, purl: str, **more) -> dict:
    return {"type": "library", "name": name, "version": version, "purl": purl, "bom-ref": purl, **{key: value for key, value in more.items() if value}}


def main(arguments: list) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", help="the image's name")
    parser.add_argument("--system", type=pathlib.Path, help="the root of the image's file system")
    parser.add_argument("--deps", type=pathlib.Path, nargs="*", default=[], help="the lists of packages beside .NET programs")
    parser.add_argument("--site-packages", type=pathlib.Path, nargs="*", default=[])
    parser.add_argument("--generators", type=pathlib.Path)
    options = parser.parse_args(arguments)
    found = python(options.site_packages)
    if options.system:
        found += system(options.system)
    for deps in options.deps:
        found += nuget(deps)
    if options.generators and options.generators.is_file():
        found += generators(options.generators)
    # Debian's Python packages are seen from both sides, and a distribution may lie in two folders.
    components = sorted({one["purl"]: one for one in found}.values(), key=lambda one: one["purl"])
    json.dump({"$schema": "http://cyclonedx.org/schema/bom-1.5.schema.json", "bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1,
               "metadata": {"component": {"type": "container", "name": options.name}}, "components": components}, sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main(sys.argv[1:])
