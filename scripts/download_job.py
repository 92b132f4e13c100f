"""The work of download.sh: API JOB FOLDER PARALLEL."""

import concurrent.futures
import contextlib
import hashlib
import http.client
import itertools
import json
import os
import pathlib
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

import aws_signature

SUMS = "SHA256SUMS"
# What is half there lies apart: beside a file its name might be another file's.
PARTS = ".parts"
TRIES = 5
LONGEST_WAIT = 120
CHUNK = 1 << 20
CREDENTIALS = ("authorization", "x-api-key", "x-amz-date", "x-amz-security-token")


class DownloadError(Exception):
    pass


class NotNowError(OSError):
    """The server asks to come back later."""

    def __init__(self, message: str, seconds: float):
        super().__init__(message)
        self.seconds = seconds


class Redirect(urllib.request.HTTPRedirectHandler):
    """Credentials of the API are none of the store's business, and S3 refuses a signed link with another credential beside it."""

    def redirect_request(self, request, *rest):
        following = super().redirect_request(request, *rest)
        if following is not None and urllib.parse.urlsplit(following.full_url).netloc != urllib.parse.urlsplit(request.full_url).netloc:
            for name in [name for name in following.headers if name.lower() in CREDENTIALS]:
                following.remove_header(name)
        return following


OPENER = urllib.request.build_opener(Redirect)


def main(api: str, job: str, folder: pathlib.Path, parallel: int) -> int:
    api = api.rstrip("/")
    about = dataset(api, job)
    folder.mkdir(parents=True, exist_ok=True)
    base = f"{api}/v1/jobs/{job}/files/"
    fetch(base, folder, SUMS, next(file["sha256"] for file in about["files"] if file["name"] == SUMS))
    lists, done, problems = [SUMS], 0, []
    with concurrent.futures.ThreadPoolExecutor(parallel) as pool:
        # The list of a large dataset names further lists.
        for name in lists:
            with open(folder / name, encoding="utf-8", newline="\n") as sums:
                lines = (line.rstrip("\n") for line in sums)
                # As many as keep every thread busy: a dataset has millions of files.
                while batch := list(itertools.islice(lines, 64 * parallel)):
                    found = list(pool.map(lambda line: attempt(base, folder, line), batch))
                    problems.extend(problem for problem in found if problem is not None)
                    done += found.count(None)
                    lists.extend(path for path, problem in zip(map(path_of, batch), found) if problem is None and is_list(path))
                    print(f"\r{done} files", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    with contextlib.suppress(OSError):
        # Unless something half fetched is left in it.
        (folder / PARTS).rmdir()
    for problem in problems[:20]:
        print(f"error: {problem}", file=sys.stderr)
    if problems:
        print(f"error: {len(problems)} of {done + len(problems)} files could not be had; run this again to try them again.", file=sys.stderr)
        return 1
    print(f"{about['samples']} samples, {done + 1} files in {folder}; every checksum is right.")
    return 0


def dataset(api: str, job: str) -> dict:
    """The dataset's description, if it is ready."""
    with open_url(f"{api}/v1/jobs/{job}") as answer:
        found = json.load(answer)
    about = found["dataset"]
    if about["state"] != "ready":
        samples = found["samples"]
        raise DownloadError(f"the job is {found['state']} ({samples['done']} of {samples['total']} samples) and its dataset {about['state']}; try again when it is ready.")
    return about


def path_of(line: str) -> str:
    return line.partition("  ")[2]


def is_list(path: str) -> bool:
    name = path.rpartition("/")[2]
    return name == SUMS or name.startswith(f"{SUMS}-")


def attempt(base: str, folder: pathlib.Path, line: str) -> "str | None":
    sha256, between, path = line.partition("  ")
    if not between:
        return f"{SUMS} has the line {line[:100]!r}; allowed: a checksum, two spaces, a path"
    try:
        fetch(base, folder, path, sha256)
        return None
    except (DownloadError, OSError, ValueError, aws_signature.CredentialsError) as error:
        return f"{path}: {error}"


def fetch(base: str, folder: pathlib.Path, path: str, sha256: str) -> None:
    """Fetches a file unless it is there, completing what an earlier run left of it."""
    target = within(folder, path)
    if target.is_file() and hash_of(target) == sha256:
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    part = folder / PARTS / hashlib.sha256(path.encode()).hexdigest()
    part.parent.mkdir(exist_ok=True)
    failures = 0
    while True:
        try:
            receive(base + urllib.parse.quote(path), part)
            if hash_of(part) == sha256:
                os.replace(part, target)
                return
            # What was left here may have been of another version.
            part.unlink()
            error = DownloadError("its checksum is wrong")
        except NotNowError as told:
            # A caller with many files is over its rate for long, which is no failure.
            time.sleep(told.seconds)
            continue
        except (OSError, http.client.HTTPException) as failure:
            error = DownloadError(str(failure))
            time.sleep(0.5)
        failures += 1
        if failures == TRIES:
            raise error


def receive(url: str, part: pathlib.Path) -> None:
    have = part.stat().st_size if part.is_file() else 0
    try:
        with open_url(url, {"Range": f"bytes={have}-"} if have else {}) as answer:
            # A server may answer with the whole file all the same.
            with open(part, "ab" if answer.status == 206 else "wb") as file:
                while block := answer.read(CHUNK):
                    file.write(block)
            # Cut off in its middle, an answer may end like a whole one.
            if answer.length:
                raise OSError(f"{answer.length} bytes did not come")
    except RangeError:
        # All of it is there already.
        return


class RangeError(Exception):
    pass


def open_url(url: str, headers: "dict | None" = None):
    request = urllib.request.Request(url, headers={**(headers or {}), **credentials(url)})
    try:
        return OPENER.open(request, timeout=60)
    except urllib.error.HTTPError as error:
        with error:
            if error.code == 416:
                raise RangeError from None
            message = f"{url} answered {error.code}: {detail(error.read(2000))}"
            seconds = error.headers.get("Retry-After", "")
        if error.code == 429 and seconds.isdecimal():
            raise NotNowError(message, min(int(seconds), LONGEST_WAIT)) from None
        if error.code in (408, 429) or error.code >= 500:
            raise OSError(message) from None
        raise DownloadError(message) from None


def credentials(url: str) -> dict:
    """A key of the API, and a signature where IAM asks for one."""
    key, choice = os.environ.get("API_KEY"), os.environ.get("SIGN", "auto")
    region = aws_signature.region_of(url)
    if choice == "no" or (choice == "auto" and region is None):
        return {"Authorization": f"Bearer {key}"} if key else {}
    signed = aws_signature.headers("GET", url, region or os.environ["AWS_REGION"], aws_signature.credentials())
    # The signature takes the header Authorization.
    return {**signed, **({"X-Api-Key": key} if key else {})}


def detail(body: bytes) -> str:
    try:
        return json.loads(body)["detail"]
    except (ValueError, KeyError, TypeError):
        return body.decode(errors="replace")


def within(folder: pathlib.Path, path: str) -> pathlib.Path:
    parts = path.split("/")
    if path.startswith("/") or ".." in parts:
        raise DownloadError("this path leads out of the folder")
    if "" in parts or "." in parts or parts[0] == PARTS:
        raise DownloadError("this is no path of a file")
    return folder / path


def hash_of(path: pathlib.Path) -> str:
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(CHUNK):
            digest.update(block)
    return digest.hexdigest()


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3]), int(sys.argv[4])))
    except aws_signature.CredentialsError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)
    except (DownloadError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(1)
