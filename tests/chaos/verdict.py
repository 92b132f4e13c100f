"""Looks at what lies in the store at the end."""

import pathlib
import subprocess
import tarfile

from reference import digest


def check(jobs: list, server, reference) -> list:
    return [f"job {job.id}: {problem}" for job in jobs for problem in (_deleted(job, server) if job.deleted else _job(job, server, reference))]


def _deleted(job, server) -> list:
    folder = server.data / "store" / "jobs" / job.id
    left = [path.relative_to(folder) for path in folder.rglob("*") if path.is_file()]
    return [f"{path} is left of a deleted job" for path in left if path.parts[0] != "control"]


def _job(job, server, reference) -> list:
    data = server.data / "store" / "jobs" / job.id / "data"
    problems = []
    _, view = server.call("GET", f"/v1/jobs/{job.id}")
    expected_state = "failed" if job.fails else "succeeded"
    if view["state"] != expected_state:
        problems.append(f"it is {view['state']} instead of {expected_state}: {server.call('GET', f'/v1/jobs/{job.id}/failures')[1]}")
    done = 0
    for generator in job.body["generators"]:
        found = _from_tars(data / generator, problems) if job.body["output_format"] == "webdataset" else _from_folders(data / generator)
        done += len(found)
        problems += _compare(job, generator, found, reference)
    if view["samples"]["done"] < done:
        problems.append(f"the status counts {view['samples']['done']} samples, {done} are there")
    sums = subprocess.run(["sha256sum", "--check", "--quiet", "--strict", "SHA256SUMS"], cwd=data, capture_output=True, text=True, check=False)
    if sums.returncode:
        problems.append(f"SHA256SUMS does not verify: {(sums.stdout + sums.stderr)[:500]}")
    return problems


def _compare(job, generator: str, found: dict, reference) -> list:
    seed, samples = job.body["seed"], job.body["samples"]
    problems = [f"{generator} {index} has other bytes than without faults" for index, files in found.items()
                if files != reference.sample(generator, seed, index)]
    if job.body.get("unique"):
        kept = [tuple(sorted((name, value) for name, value in files.items() if name != "metadata.json")) for files in found.values()]
        if len(found) != samples or len(set(kept)) != samples:
            problems.append(f"{generator} has {len(found)} samples, {len(set(kept))} different; asked for {samples}")
        return problems
    wanted = {index for index in range(samples) if reference.sample(generator, seed, index)}
    if set(found) != wanted:
        problems.append(f"{generator}: missing {sorted(wanted - set(found))}, too many {sorted(set(found) - wanted)}")
    return problems


def _from_folders(folder: pathlib.Path) -> dict:
    return {int(sample.name[-8:]): {file.name: digest(file.read_bytes()) for file in sample.iterdir()} for sample in folder.glob("*_task/*")}


def _from_tars(folder: pathlib.Path, problems: list) -> dict:
    found = {}
    for path in sorted(folder.glob("*.tar")):
        with tarfile.open(path) as tar:
            members = {}
            for member in tar:
                key, _, name = member.name.partition(".")
                members.setdefault(int(key[-8:]), {})[name] = digest(tar.extractfile(member).read())
        for index, files in members.items():
            if index in found:
                problems.append(f"{path.name}: sample {index} is in another shard too")
            found[index] = files
    return found
