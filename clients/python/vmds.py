"""Client of vm-dataset-pipeline's HTTP API: one file, Python 3.9 or later, nothing but the standard library.

    job = Client().submit(["maze-data-generator"], 100, seed=42)
    job.wait()
    job.download("mazes")
    for row in job.rows(folder="mazes"):
        print(row["prompt"], row["file_name"])

Counts are numbers of samples, times are seconds, sizes are bytes, hashes are SHA-256 in hex.
"""

from __future__ import annotations

import concurrent.futures
import contextlib
import dataclasses
import hashlib
import http.client
import importlib
import json
import os
import pathlib
import random
import re
import shutil
import sys
import tarfile
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
import warnings
import weakref
from typing import IO, Any, Callable, Dict, Iterator, List, Mapping, Optional, Sequence, Tuple, TypeVar, Union

__all__ = ["Client", "Counts", "Job", "Sample", "SampleFile", "VmdsError"]

Json = Dict[str, Any]
Folder = Union[str, "os.PathLike[str]"]
Generators = Union[str, Sequence[Union[str, Mapping[str, Any]]]]

T = TypeVar("T")

TRIES = 6
LONGEST_WAIT = 120.0
PAGE = 100
CHUNK = 1 << 20
# Half-fetched files lie apart: beside a file their names might be another file's.
PARTS = ".parts"
EXPORTS = "exports/"
ENDED = ("succeeded", "failed", "cancelled", "unreadable")
PASSING = (429, 502, 503, 504)
# What metadata.json of the older template says about the sample's identity rather than about its puzzle.
IDENTITY = ("task_id", "generator", "domain", "timestamp", "param_hash", "generation", "seed")
TABLE = re.compile(r"(?:.*/)?metadata(?:-([A-Za-z]\w*))?(?:-\d+-of-\d+)?\.jsonl")


class VmdsError(Exception):
    """An answer other than success, a job that did not succeed, or data that are not what the server says they are.

    ``status``: the HTTP status; 0 if no answer is the cause. ``message``: one sentence.
    ``errors``: for status 400 the messages of each wrong field:
    ``{"samples": ["samples is 0; allowed: ..."]}``.
    """

    def __init__(self, status: int, message: str, errors: Optional[Dict[str, List[str]]] = None):
        self.status, self.message, self.errors = status, message, errors or {}
        fields = [text for texts in self.errors.values() for text in texts]
        super().__init__("\n".join([f"{status}: {message}" if status else message, *fields]))


@dataclasses.dataclass(frozen=True)
class Counts:
    """Samples of a job: to draw (``total``), finished (``done``), failed for good (``failed``)."""

    total: int
    done: int
    failed: int


@dataclasses.dataclass(frozen=True)
class SampleFile:
    """A file of a sample. ``url``: its own link, or that of the tar that holds it as ``member``.

    A link leads to the API, which may ask for the key, or to the store, where it is valid for an hour.
    """

    name: str
    bytes: int
    sha256: str
    url: str
    member: Optional[str] = None


class Sample:
    """A finished sample. Its files, prompt and parameters are fetched when they are asked for."""

    def __init__(self, job: Job, view: Json):
        self._job, self._shard = job, view.get("shard")
        self.generator: str = view["generator"]
        self.index: int = view["index"]
        self.name: str = view["name"]
        self.seed: int = view["seed"]
        self.split: Optional[str] = view.get("split")
        self.fingerprint: str = view["fingerprint"]
        self.seconds: float = view["seconds"]
        self.bytes: int = view["bytes"]
        shard = self._shard["url"] if self._shard else ""
        self.files: Tuple[SampleFile, ...] = tuple(
            SampleFile(file["name"], file["bytes"], file["sha256"], job.client.address(file.get("url") or shard),
                       file.get("member")) for file in view["files"])

    def __repr__(self) -> str:
        return f"Sample({self.generator!r}, {self.index}, seed={self.seed})"

    def read(self, name: str) -> bytes:
        """The content of one of its files, checked.

        Of a sample in a tar the whole tar is fetched, and kept until a sample of another one is read.

        Raises KeyError if it has no such file, VmdsError if it cannot be had or is damaged.
        """
        for file in self.files:
            if file.name == name:
                if file.member and self._shard:
                    return self._job._member(self._shard, file)
                return self._job.client.read(file.url, file.sha256)
        raise KeyError(f"{self.name} has no {name!r}; it has: {', '.join(file.name for file in self.files)}")

    @property
    def prompt(self) -> str:
        """The text of prompt.txt without blanks around it; empty if there is none."""
        return self._text("prompt.txt").strip()

    @property
    def parameters(self) -> Json:
        """What the generator drew, by metadata.json, as in the column ``parameters``; empty if it does not say."""
        try:
            found = json.loads(self._text("metadata.json") or "{}")
        except ValueError:
            return {}
        if not isinstance(found, dict):
            return {}
        inner = found.get("parameters")
        return inner if isinstance(inner, dict) else {key: found[key] for key in found if key not in IDENTITY}

    def _text(self, name: str) -> str:
        if not any(file.name == name for file in self.files):
            return ""
        return self.read(name).decode("utf-8", "replace")


class Job:
    """A job, as it was when it was last asked for; ``refresh`` asks again. ``info``: the API's whole answer."""

    def __init__(self, client: Client, info: Json):
        self.client, self.info = client, info
        self.id: str = info["id"]
        self._tar: Optional[Tuple[str, tarfile.TarFile]] = None
        self._close_tar: Callable[[], Any] = lambda: None

    def __repr__(self) -> str:
        counts = self.counts
        return f"Job({self.id!r}, {self.state}, {counts.done} of {counts.total} samples, {counts.failed} failed)"

    @property
    def state(self) -> str:
        """``submitting``, ``running``, ``paused``, ``succeeded``, ``failed``, ``cancelled`` or ``unreadable``."""
        return str(self.info["state"])

    @property
    def reason(self) -> Optional[str]:
        """Why the work, or a part of it, was stopped; None if it was not."""
        found = self.info.get("reason")
        return None if found is None else str(found)

    @property
    def counts(self) -> Counts:
        """Samples of all generators together."""
        found = self.info["samples"]
        return Counts(found["total"], found["done"], found["failed"])

    @property
    def warnings(self) -> List[str]:
        """What the server has to say about the samples, such as seeds that an earlier job has too."""
        return list(self.info.get("warnings", []))

    @property
    def page(self) -> str:
        """Address of the job's page in a browser."""
        return self.client.address(self.info["links"]["page"])

    def refresh(self) -> Job:
        """Asks for the job's present state; returns the job. Raises VmdsError 404 if it is deleted."""
        self.info = self.client.call("GET", self._path())
        return self

    def wait(self, progress: bool = True, timeout: Optional[float] = None, check: bool = True) -> Job:
        """Waits until the job has ended and its dataset, if it makes one, is ready; returns the job.

        ``progress``: a bar on standard error in a terminal, plain lines elsewhere, a text in a notebook.
        Raises VmdsError with the reason and the first failure if it ended in another state than ``succeeded``, unless
        ``check`` is false: the samples that were finished are a dataset all the same. TimeoutError after ``timeout``
        seconds; the job goes on. A paused job is waited for until somebody resumes it.
        """
        end = None if timeout is None else time.monotonic() + timeout
        bar, pause = Progress() if progress else None, 0.1
        try:
            while True:
                self.refresh()
                if bar:
                    bar.show(self.counts.done + self.counts.failed, self.counts.total, self._progress_text())
                # A preview has no dataset.
                ready = "dataset" not in self.info or self._dataset_state() == "ready"
                if self.state == "unreadable" or self.state in ENDED and ready:
                    break
                left = pause if end is None else min(pause, end - time.monotonic())
                if left <= 0:
                    raise TimeoutError(f"job {self.id} is {self.state} after {timeout} s, its dataset "
                                       f"{self._dataset_state()}; it goes on.")
                time.sleep(left)
                pause = min(2.0, pause * 1.3)
        finally:
            if bar:
                bar.close()
        if check and self.state != "succeeded":
            raise VmdsError(0, self._end_text())
        return self

    def failures(self, recovered: bool = False) -> Iterator[Json]:
        """The last error of every range of samples that failed: generator, start_index, samples, kind, message,
        traceback, log_tail and more. ``recovered``: also those that a later attempt mended."""
        return self.client.pages(self._path("failures"), **({"all": "true"} if recovered else {}))

    def failure_causes(self, generator: Optional[str] = None, limit: int = 20) -> Json:
        """The failures in groups that say the same, numbers aside, those of most samples first.

        ``items``: for each cause id, generator, kind, message, samples, permanent_samples, batches, first_index and newest, the
        newest failure with its traceback. ``complete`` is false where more than the 500 records exist that were read;
        ``left_out`` counts the causes beyond ``limit``, 1 to 100. ``generator``: only those of it.
        """
        query = {"limit": limit, **({"generator": generator} if generator else {})}
        return self.client.call("GET", f"{self._path('failures/causes')}?{urllib.parse.urlencode(query)}")

    def samples(self, generator: Optional[str] = None, split: Optional[str] = None,
                shuffle: Optional[int] = None) -> Iterator[Sample]:
        """The finished samples, by generator, then index; also while the job runs.

        ``generator``, ``split``: only those of it. ``shuffle``: a seed, 0 to 2,147,483,647; the samples come in a
        pseudo-random order that it decides, so the first of them are a fair choice of all.
        """
        query = {"generator": generator, "split": split, "shuffle": None if shuffle is None else str(shuffle)}
        given = {name: value for name, value in query.items() if value}
        for view in self.client.pages(self._path("samples"), **given):
            yield Sample(self, view)

    def rows(self, split: Optional[str] = None, folder: Optional[Folder] = None) -> Iterator[Json]:
        """The rows of the dataset's tables: file_name (or shard and key), prompt, seed, split, parameters and more.

        ``split``: one of the job's splits; None: all. Paths are relative to the dataset. With ``folder``, the one it
        was downloaded to, they are paths of files there, and the tables are read there. ``parameters`` is a dict, and
        empty if the generator does not say. Raises VmdsError if the dataset is not ready, if the job has no such
        split, or if a path leads out of the dataset.
        """
        splits = self._splits()
        if split is not None and split not in splits:
            allowed = ", ".join(splits) or "None, as the job has no splits"
            raise VmdsError(0, f"split is {split!r}; allowed: {allowed}.")
        return self._rows(split, None if folder is None else pathlib.Path(folder))

    def download(self, folder: Folder, parallel: int = 8, progress: bool = True) -> pathlib.Path:
        """Fetches every file of the dataset and of exports that copy no samples into ``folder``; returns that.

        Files that are there with the right size and SHA-256 are not fetched again. The others are fetched ``parallel``
        (from 1) at once, completed if a part is there, checked, and renamed into place. Raises VmdsError if the
        dataset is not ready, or, after all others were fetched, if files cannot be had, are wrong, or have paths that
        lead out of the folder. Warns if the folder holds other files, as of another dataset.
        """
        if parallel < 1:
            raise ValueError(f"parallel is {parallel}; allowed: an integer from 1.")
        self._need_dataset()
        root = pathlib.Path(folder)
        root.mkdir(parents=True, exist_ok=True)
        bar = Progress() if progress else None
        done, size, own, problems = 0, 0, 0, []
        try:
            with concurrent.futures.ThreadPoolExecutor(parallel) as pool:
                about = self.info["dataset"]
                total = int(about.get("bytes", 0)) + sum(int(file["bytes"]) for file in about["files"])
                # Page by page: the links of a store are valid for an hour only.
                for page in self.client.each_page(self._path("download")):
                    own += sum(not file["path"].startswith(EXPORTS) for file in page)
                    for file, problem in zip(page, pool.map(lambda file: self._fetch(root, file), page)):
                        if problem:
                            problems.append(problem)
                        else:
                            done, size = done + 1, size + int(file["bytes"])
                        if bar:
                            text = f"{done} files, {size / 1e6:.1f} of {max(size, total) / 1e6:.1f} MB"
                            bar.show(min(size, total), total, text)
        finally:
            if bar:
                bar.close()
        with contextlib.suppress(OSError):
            # Unless something half fetched is left in it.
            (root / PARTS).rmdir()
        if problems:
            raise VmdsError(0, f"{len(problems)} of {done + len(problems)} files could not be had; download again to "
                               f"try them again: {'; '.join(problems[:5])}")
        others = _count_files(root) - own
        if others > 0:
            warnings.warn(f"{others} other file{'s are' if others > 1 else ' is'} in {root}, of another dataset or of an "
                          "earlier state of this one; programs that read a whole folder take them for samples of this "
                          "dataset", stacklevel=2)
        return root

    def cancel(self) -> Job:
        """Stops the work; finished samples stay. Raises VmdsError 409 if the job has ended otherwise."""
        return self._do("cancel")

    def pause(self) -> Job:
        """Stops the work until ``resume``. Raises VmdsError 409 if the job has ended."""
        return self._do("pause")

    def resume(self) -> Job:
        """Goes on with a paused job. Raises VmdsError 409 if it is not paused."""
        return self._do("resume")

    def retry(self, generator: Optional[str] = None, timeout_seconds: Optional[int] = None, cause: Optional[str] = None) -> Job:
        """Draws the missing samples again, of one generator or all; a sample may then take ``timeout_seconds``
        (1 to 86,400). ``cause``, an ``id`` of failure_causes: only those that failed for good by it. Raises VmdsError 409
        if the job is paused or has succeeded, 400 if nothing failed by the cause."""
        body = {"generator": generator, "cause": cause, "timeout_seconds": timeout_seconds}
        # Unlike the others it is no use to send it twice: it would stop the work of the first.
        self.info = self.client.call("POST", self._path("retry"), _given(body), repeat=False)
        return self

    def delete(self, timeout: float = 600) -> None:
        """Removes data and records of a job that has ended; returns when all of it is gone, or was gone before.

        Raises VmdsError 409 if the job has not ended, TimeoutError after ``timeout`` seconds; the removal goes on.
        """
        end = time.monotonic() + timeout
        while True:
            try:
                if self.client.send("DELETE", self._path())[0] == 204:
                    return
            except VmdsError as error:
                # Gone meanwhile.
                if error.status == 404:
                    return
                raise
            if time.monotonic() > end:
                raise TimeoutError(f"job {self.id} is not removed after {timeout} s; the removal goes on.")
            time.sleep(0.5)

    def export(self, profile: str, split: Optional[str] = None, base_path: Optional[str] = None, wait: bool = True,
               timeout: Optional[float] = None, *, shards: Optional[str] = None, shard_bytes: Optional[int] = None,
               seed: Optional[int] = None) -> Json:
        """Has the files written by which the program ``profile`` reads the dataset (docs/train.md names them).

        Returns the export with its state, files and ``usage``, when it is ready or, without ``wait``, at once.
        ``base_path``: the dataset's folder where the program runs. ``shards``: "mixed" or "by_generator",
        ``shard_bytes`` (65,536 to 4,000,000,000) and the ``seed`` of the shuffle, for profiles that copy samples:
        webdataset and mds. Raises VmdsError 409 if the dataset is not ready,
        400 if a field is wrong, 0 if the export failed; TimeoutError after ``timeout`` seconds.
        """
        body = _given({"profile": profile, "split": split, "base_path": base_path, "shards": shards,
                       "shard_bytes": shard_bytes, "seed": seed})
        export = self.client.call("POST", self._path("exports"), body)
        end, pause = None if timeout is None else time.monotonic() + timeout, 0.1
        while wait and export["state"] == "pending":
            if end is not None and time.monotonic() > end:
                raise TimeoutError(f"export {export['id']} is pending after {timeout} s.")
            time.sleep(pause)
            pause = min(2.0, pause * 1.3)
            found = self.client.call("GET", self._path("exports"))["items"]
            export = next((each for each in found if each["id"] == export["id"]), export)
        if export["state"] == "failed":
            raise VmdsError(0, f"export {export['id']} failed: {export.get('problem', 'no reason is known')}")
        return export

    def download_export(self, export: Json, folder: Folder, parallel: int = 8) -> pathlib.Path:
        """Fetches the files of an export that ``export`` returned, ready, into ``folder``; returns their folder there.

        They lie in ``folder`` as in the dataset's folder, and are fetched and checked as those of ``download``. Raises
        VmdsError if files cannot be had, are wrong, or have paths that lead out of the folder.
        """
        root = pathlib.Path(folder)
        root.mkdir(parents=True, exist_ok=True)
        with concurrent.futures.ThreadPoolExecutor(parallel) as pool:
            fetched = pool.map(lambda file: self._fetch(root, file), export["files"])
            problems = [problem for problem in fetched if problem]
        with contextlib.suppress(OSError):
            # Unless something half fetched is left in it.
            (root / PARTS).rmdir()
        if problems:
            raise VmdsError(0, f"{len(problems)} of {len(export['files'])} files could not be had; download again to "
                               f"try them again: {'; '.join(problems[:5])}")
        return within(root, f"exports/{export['id']}")

    def _path(self, rest: str = "") -> str:
        return f"/v1/jobs/{urllib.parse.quote(self.id, safe='')}" + (f"/{rest}" if rest else "")

    def _do(self, what: str) -> Job:
        self.info = self.client.call("POST", self._path(what))
        return self

    def _dataset_state(self) -> str:
        return str(self.info.get("dataset", {}).get("state", "pending"))

    def _need_dataset(self) -> None:
        if self._dataset_state() != "ready" or self.state not in ENDED:
            self.refresh()
        if self._dataset_state() != "ready":
            raise VmdsError(0, f"job {self.id} is {self.state} ({self.counts.done} of {self.counts.total} samples) "
                               f"and its dataset {self._dataset_state()}; wait() until it is ready.")

    def _progress_text(self) -> str:
        counts = self.counts
        parts = [f"{counts.done}/{counts.total} samples"]
        if counts.failed:
            parts.append(f"{counts.failed} failed")
        if self.state != "running":
            parts.append(self.state)
        if self.state in ENDED:
            parts.append(f"dataset {self._dataset_state()}")
        elif self.info.get("samples_per_second"):
            parts.append(f"{self.info['samples_per_second']:.1f}/s")
            if self.info.get("eta_seconds") is not None and self.state == "running":
                parts.append(f"{_duration(self.info['eta_seconds'])} left")
        return ", ".join(parts)

    def _end_text(self) -> str:
        counts = self.counts
        text = f"job {self.id} is {self.state}: {counts.done} of {counts.total} samples done, {counts.failed} failed."
        if self.reason:
            text += f" {self.reason}"
        failure = None if self.state == "unreadable" else next(self.failures(), None)
        if failure:
            text += f" First failure: {failure['generator']} {failure['start_index']}: {failure['message']}"
        return text

    def _splits(self) -> List[str]:
        spec = self.info.get("spec", {})
        held = [spec.get("holdout_split", "test")] if spec.get("holdout") else []
        return sorted({*spec.get("splits", {}), *held})

    def _rows(self, split: Optional[str], folder: Optional[pathlib.Path]) -> Iterator[Json]:
        self._need_dataset()
        for table in self._tables():
            found = TABLE.fullmatch(table["path"])
            if found is None or split not in (None, found.group(1)):
                continue
            below = table["path"].rpartition("/")[0]
            with self._open_table(table, folder) as lines:
                for line in lines:
                    row: Json = json.loads(line)
                    for column in ("shard",) if "shard" in row else ("file_name", "first_frame", "final_frame"):
                        if row.get(column):
                            path = f"{below}/{row[column]}" if below else row[column]
                            inside = within(folder or pathlib.Path("."), path)
                            row[column] = str(inside) if folder else path
                    row["parameters"] = json.loads(row["parameters"]) if row.get("parameters") else {}
                    yield row

    def _tables(self) -> Iterator[Json]:
        root = [file for file in self.info["dataset"]["files"] if TABLE.fullmatch(file["name"])]
        if root:
            for file in root:
                yield {**file, "path": file["name"], "url": f"{self._path('files')}/{file['name']}"}
            return
        # Those of a large job lie in its generators' folders. The list has them before the files of samples.
        for file in self.client.pages(self._path("download")):
            path = file["path"]
            if path.endswith(".tar") or path.count("/") == 3 and not path.startswith("exports/"):
                return
            if path.count("/") == 1 and TABLE.fullmatch(path):
                yield file

    def _open_table(self, table: Json, folder: Optional[pathlib.Path]) -> IO[bytes]:
        if folder:
            return open(within(folder, table["path"]), "rb")
        # Fetched whole before the first row: who reads slowly is not cut off.
        file = tempfile.TemporaryFile()
        try:
            self.client.fetch(table["url"], file, table["bytes"], table["sha256"])
            file.seek(0)
        except BaseException:
            file.close()
            raise
        return file

    def _member(self, shard: Json, file: SampleFile) -> bytes:
        if self._tar is None or self._tar[0] != shard["sha256"]:
            self._tar = None
            self._close_tar()
            content = tempfile.TemporaryFile()
            self._close_tar = weakref.finalize(self, content.close)
            self.client.fetch(self.client.address(shard["url"]), content, shard["bytes"], shard["sha256"])
            content.seek(0)
            self._tar = (shard["sha256"], tarfile.open(fileobj=content, mode="r:"))
        found = self._tar[1].extractfile(str(file.member))
        data = found.read() if found else b""
        if hashlib.sha256(data).hexdigest() != file.sha256:
            raise VmdsError(0, f"{file.member} in {file.url}: its checksum is wrong.")
        return data

    def _fetch(self, root: pathlib.Path, file: Json) -> Optional[str]:
        """Fetches one file of a download. Returns what is wrong, if anything is."""
        try:
            target = within(root, file["path"])
            if _is_right(target, file["bytes"], file["sha256"]):
                return None
            target.parent.mkdir(parents=True, exist_ok=True)
            part = root / PARTS / hashlib.sha256(file["path"].encode()).hexdigest()
            part.parent.mkdir(exist_ok=True)
            with open(part, "a+b") as content:
                try:
                    self.client.fetch(file["url"], content, file["bytes"], file["sha256"])
                except VmdsError as error:
                    # The store's link is too old. The API makes a new one.
                    if error.status != 403 or not self.client.is_foreign(file["url"]):
                        raise
                    again = self._path(f"files/{urllib.parse.quote(file['path'])}")
                    self.client.fetch(again, content, file["bytes"], file["sha256"])
            os.replace(part, target)
            return None
        except (VmdsError, OSError) as error:
            return f"{file['path']}: {error}"


class Client:
    """The API at ``url`` (default: VMDS_URL, else http://127.0.0.1:8080) with ``api_key`` (default: VMDS_API_KEY).

    ``timeout``: seconds that the server may be silent within a request. Requests that may be repeated are sent up to
    six times when the server cannot be reached or answers 429, 502, 503 or 504, with pauses that grow or are as long
    as its Retry-After says, up to two minutes each. Every method raises VmdsError. Several threads may use it.
    """

    def __init__(self, url: Optional[str] = None, api_key: Optional[str] = None, timeout: float = 60):
        self.url = (url or os.environ.get("VMDS_URL") or "http://127.0.0.1:8080").rstrip("/")
        if urllib.parse.urlsplit(self.url).scheme not in ("http", "https"):
            raise ValueError(f"url is {self.url!r}; allowed: an http or https address, such as http://127.0.0.1:8080.")
        self.timeout = timeout
        self._key = api_key or os.environ.get("VMDS_API_KEY")
        self._opener = urllib.request.build_opener(_Redirect)

    def __repr__(self) -> str:
        return f"Client({self.url!r})"

    def submit(self, generators: Generators, samples: Optional[int] = None, *, idempotency_key: Optional[str] = None,
               **fields: Any) -> Job:
        """Makes a job of ``samples`` (1 to 10,000,000) of each generator, and returns it at once.

        ``generators``: a name, several names or objects, or ``"all"``. ``fields``: those of ``POST /v1/jobs``, such as
        seed, splits, unique, output_format, video, parameters. However often the request has to be repeated, it makes
        one job; with the same ``idempotency_key`` that holds across programs too. Raises VmdsError 400 with ``errors``
        by field.
        """
        headers = {"Idempotency-Key": idempotency_key or str(uuid.uuid4())}
        return Job(self, self.call("POST", "/v1/jobs", _request(generators, samples, fields), headers))

    def plan(self, generators: Generators, samples: Optional[int] = None, **fields: Any) -> Json:
        """What such a job would take: seconds and, on AWS, dollars as low, likely and high; batches, bytes, warnings.

        Fields are those of ``submit``, ``fleet`` and ``calibrate``.
        """
        return self.call("POST", "/v1/jobs/plan", _request(generators, samples, fields))

    def job(self, id: str) -> Job:
        """The job of that id. Raises VmdsError 404 if there is none."""
        return Job(self, self.call("GET", f"/v1/jobs/{urllib.parse.quote(id, safe='')}"))

    def jobs(self) -> Iterator[Job]:
        """All jobs, newest first. ``refresh`` one for its generators and its dataset, which lists leave out."""
        return (Job(self, view) for view in self.pages("/v1/jobs"))

    def generators(self, category: Optional[str] = None) -> List[Json]:
        """The generators with name, version, category, and whether they can be used. ``category``: only those that state
        it; ``"other"``: those that state none."""
        query = "" if category is None else "?" + urllib.parse.urlencode({"category": category})
        return list(self.call("GET", "/v1/generators" + query)["items"])

    def preview(self, name: str, samples: int = 4, seed: int = 42, parameters: Optional[Mapping[str, Any]] = None,
                timeout: float = 300) -> Json:
        """Up to eight samples of a generator, drawn now: prompt, seed and links of each, and the failures.

        Links are whole addresses, which ``read`` reads. Raises TimeoutError if no worker has drawn them after
        ``timeout`` seconds.
        """
        body = _given({"samples": samples, "seed": seed, "parameters": parameters})
        end = time.monotonic() + timeout
        while True:
            found = self.call("POST", f"/v1/generators/{urllib.parse.quote(name, safe='')}/preview", body)
            if found["state"] in ENDED:
                break
            if time.monotonic() > end:
                raise TimeoutError(f"the preview of {name} is {found['state']} after {timeout} s.")
            time.sleep(0.2)
        for sample in found["samples"]:
            for key in ("first_frame", "final_frame", "video"):
                if key in sample:
                    sample[key] = self.address(sample[key])
            for file in sample["files"]:
                if "url" in file:
                    file["url"] = self.address(file["url"])
        return found

    def read(self, link: str, sha256: Optional[str] = None) -> bytes:
        """What lies behind a link of the API, whole in memory. Raises VmdsError if it has not that SHA-256."""
        data = self.send("GET", link)[1]
        if sha256 is not None and hashlib.sha256(data).hexdigest() != sha256:
            raise VmdsError(0, f"{link}: its checksum is wrong.")
        return data

    def address(self, link: str) -> str:
        """A link of the API as a whole address."""
        return self.url + link if link.startswith("/") else link

    def is_foreign(self, link: str) -> bool:
        """Whether a link leads elsewhere than to the API, as those into a bucket do. The key is not sent there."""
        return _origin(self.address(link)) != _origin(self.url)

    def pages(self, path: str, **query: str) -> Iterator[Json]:
        """The items of a list of the API, over all its pages."""
        for page in self.each_page(path, **query):
            yield from page

    def each_page(self, path: str, **query: str) -> Iterator[List[Json]]:
        """The pages of a list of the API, each with up to 100 items."""
        asked = {"limit": str(PAGE), **query}
        while True:
            page = self.call("GET", f"{path}?{urllib.parse.urlencode(asked)}")
            yield page["items"]
            if not page.get("next_cursor"):
                return
            asked["cursor"] = page["next_cursor"]

    def call(self, method: str, path: str, body: Optional[Json] = None, headers: Optional[Mapping[str, str]] = None,
             repeat: bool = True) -> Json:
        """The JSON of any operation of the API. ``repeat``: whether it may be sent twice."""
        content = self.send(method, path, body, headers, repeat)[1]
        try:
            found = json.loads(content or b"{}")
        except ValueError:
            raise VmdsError(0, f"{method} {path} was answered with what is no JSON: {content[:100]!r}") from None
        if not isinstance(found, dict):
            raise VmdsError(0, f"{method} {path} was answered with JSON that is no object: {content[:100]!r}")
        return found

    def send(self, method: str, path: str, body: Optional[Json] = None, headers: Optional[Mapping[str, str]] = None,
             repeat: bool = True) -> Tuple[int, bytes]:
        """Status and content of an answer below 300."""

        def exchange() -> Tuple[int, bytes]:
            with self._open(method, path, body, headers or {}) as answer:
                return int(answer.status), _whole(answer)

        return self._persist(exchange, repeat)

    def fetch(self, link: str, file: IO[bytes], size: int, sha256: str) -> None:
        """Completes a binary file, open to read and write, with what lies behind a link.

        Raises VmdsError if it is not of ``size`` bytes with that SHA-256; what was fetched is then dropped.
        """

        def exchange() -> None:
            have = file.seek(0, os.SEEK_END)
            if have > size:
                file.truncate(0)
                have = 0
            if have < size:
                with self._open("GET", link, None, {"Range": f"bytes={have}-"} if have else {}) as answer:
                    if have and answer.status != 206:
                        # A server may answer with the whole file all the same.
                        file.truncate(0)
                        file.seek(0)
                    while block := answer.read(CHUNK):
                        file.write(block)
                        if file.tell() > size:
                            break
                    if getattr(answer, "length", 0) and file.tell() <= size:
                        # Cut off in its middle, an answer may end like a whole one.
                        raise ConnectionError(f"{answer.length} bytes did not come")

        for _ in range(2):
            self._persist(exchange, True)
            file.seek(0)
            if file.seek(0, os.SEEK_END) == size and _hash(file) == sha256:
                return
            # What was there may have been a part of another version.
            file.truncate(0)
            file.seek(0)
        raise VmdsError(0, f"{link}: its size or checksum is wrong.")

    def _persist(self, exchange: Callable[[], T], repeat: bool) -> T:
        for number in range(1, TRIES + 1):
            try:
                return exchange()
            except _Answer as answer:
                # 429 is said before anything is done.
                passing = answer.status == 429 or repeat and answer.status in PASSING
                error, told = answer.error(), answer.retry_after
            except (OSError, http.client.HTTPException) as failure:
                cause = failure.reason if isinstance(failure, urllib.error.URLError) else failure
                passing, told = repeat or isinstance(cause, ConnectionRefusedError), None
                error = VmdsError(0, f"{self.url} cannot be reached: {cause}")
            if not passing or number == TRIES:
                raise error from None
            time.sleep(random.uniform(0.5, 1) * min(8.0, 0.25 * 2 ** number) if told is None else told)
        raise AssertionError("the last try returns or raises")

    def _open(self, method: str, link: str, body: Optional[Json], headers: Mapping[str, str]) -> Any:
        address = self.address(link)
        data = None if body is None else json.dumps(body).encode()
        all_headers = {"User-Agent": "vmds.py", "Accept": "application/json, */*;q=0.5", **headers}
        if data is not None:
            all_headers["Content-Type"] = "application/json"
        if self._key and not self.is_foreign(address):
            all_headers["Authorization"] = f"Bearer {self._key}"
        if urllib.parse.urlsplit(address).scheme not in ("http", "https"):
            raise VmdsError(0, f"the link {address[:200]!r} is neither http nor https.")
        request = urllib.request.Request(address, data, all_headers, method=method)
        try:
            return self._opener.open(request, timeout=self.timeout)
        except urllib.error.HTTPError as error:
            with error:
                raise _Answer(error, method, address) from None


class Progress:
    """A line that replaces itself, in a terminal or a notebook; elsewhere lines of their own, ten seconds apart."""

    def __init__(self, stream: Optional[IO[str]] = None):
        self._stream = stream or sys.stderr
        self._notebook = _notebook() if stream is None else None
        self._terminal = self._notebook is None and self._stream.isatty()
        self._pause = 0.1 if self._notebook or self._terminal else 10.0
        self._seen: Optional[Tuple[int, int, str]] = None
        self._held = False
        self._next, self._width = 0.0, 0

    def show(self, done: int, total: int, text: str) -> None:
        """``done`` of ``total`` is a bar before the text; a total of 0 is none."""
        if (done, total, text) != self._seen:
            self._seen, self._held = (done, total, text), True
            if time.monotonic() >= self._next:
                self._draw()

    def close(self) -> None:
        """Shows what was not yet shown, and ends the line."""
        if self._held:
            self._draw()
        if self._terminal and self._width:
            self._write("\n")

    def _draw(self) -> None:
        done, total, text = self._seen or (0, 0, "")
        if self._notebook:
            self._notebook(f"{_bar(done, total, 20)} {text}" if total else text)
        elif self._terminal:
            line = self._fit(done, total, text)
            self._write("\r" + line.ljust(self._width))
            self._width = len(line)
        else:
            self._write(text + "\n")
        self._held, self._next = False, time.monotonic() + self._pause

    def _write(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()

    def _fit(self, done: int, total: int, text: str) -> str:
        # One column less: a terminal may begin a new line after its last one.
        width = max(10, shutil.get_terminal_size().columns - 1)
        room = min(40, width - len(text) - 1)
        return (f"{_bar(done, total, room)} {text}" if total and room >= 8 else text)[:width]


class _Answer(Exception):
    """An answer of 300 or above."""

    def __init__(self, error: urllib.error.HTTPError, method: str, address: str):
        super().__init__(error.code)
        self.status = error.code
        self._content, self._what = error.read(1 << 20), f"{method} {address.partition('?')[0]}"
        self.retry_after: Optional[float] = None
        told = (error.headers.get("Retry-After") or "").strip()
        if told.isdecimal():
            self.retry_after = min(float(told), LONGEST_WAIT)

    def error(self) -> VmdsError:
        try:
            problem = json.loads(self._content)
        except ValueError:
            problem = None
        if not isinstance(problem, dict):
            return VmdsError(self.status, f"{self._what}: {self._content[:200].decode(errors='replace')}".rstrip(": "))
        message = problem.get("detail") or problem.get("title") or self._what
        errors = problem.get("errors")
        return VmdsError(self.status, str(message), errors if isinstance(errors, dict) else None)


class _Redirect(urllib.request.HTTPRedirectHandler):
    """Takes the key off a request that is sent on to another host: a store refuses two credentials."""

    def redirect_request(self, req: urllib.request.Request, fp: Any, code: int, msg: str, headers: Any,
                         newurl: str) -> Optional[urllib.request.Request]:
        following = super().redirect_request(req, fp, code, msg, headers, newurl)
        if following is not None and _origin(following.full_url) != _origin(req.full_url):
            following.remove_header("Authorization")
        return following


def within(folder: pathlib.Path, path: str) -> pathlib.Path:
    """The place of a dataset's file below a folder. Raises VmdsError if its name or a link leads elsewhere."""
    parts = path.split("/")
    if path.startswith("/") or ".." in parts or "\\" in path or ":" in parts[0] or "\0" in path:
        raise VmdsError(0, f"the path {path!r} leads out of the folder.")
    if "" in parts or "." in parts or parts[0] == PARTS:
        raise VmdsError(0, f"the path {path!r} is no path of a file.")
    target = folder.joinpath(*parts)
    root, parent = folder.resolve(), target.parent.resolve()
    if parent != root and root not in parent.parents:
        raise VmdsError(0, f"the path {path!r} leads out of the folder by a link.")
    return target


def _request(generators: Generators, samples: Optional[int], fields: Mapping[str, Any]) -> Json:
    if isinstance(generators, str) and generators != "all":
        generators = [generators]
    return {"generators": generators if isinstance(generators, str) else list(generators),
            **_given({"samples": samples}), **fields}


def _given(fields: Mapping[str, Any]) -> Json:
    return {name: value for name, value in fields.items() if value is not None}


def _whole(answer: Any) -> bytes:
    content: bytes = answer.read()
    return content


def _origin(address: str) -> Tuple[str, str]:
    parts = urllib.parse.urlsplit(address)
    return parts.scheme, parts.netloc


def _is_right(path: pathlib.Path, size: int, sha256: str) -> bool:
    if not path.is_file() or path.stat().st_size != size:
        return False
    with open(path, "rb") as file:
        return _hash(file) == sha256


def _hash(file: IO[bytes]) -> str:
    file.seek(0)
    digest = hashlib.sha256()
    while block := file.read(CHUNK):
        digest.update(block)
    return digest.hexdigest()


def _count_files(root: pathlib.Path) -> int:
    """The files in a dataset's folder, without exports and what a dot hides."""
    tops = [top for top in root.iterdir() if not top.name.startswith(".") and f"{top.name}/" != EXPORTS]
    return sum(sum(len(files) for _, _, files in os.walk(top)) if top.is_dir() else 1 for top in tops)


def _duration(seconds: float) -> str:
    whole = int(seconds)
    if whole < 60:
        return f"{whole} s"
    return f"{whole // 60} min {whole % 60} s" if whole < 3600 else f"{whole // 3600} h {whole % 3600 // 60} min"


def _bar(done: int, total: int, width: int) -> str:
    full = 0 if total <= 0 else min(width - 2, (width - 2) * done // total)
    return "[" + "#" * full + "." * (width - 2 - full) + "]"


def _notebook() -> Optional[Callable[[str], None]]:
    """Shows a text in the cell of a notebook, and replaces it; None elsewhere."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    if type(shell).__name__ != "ZMQInteractiveShell":
        return None
    handle = importlib.import_module("IPython.display").display({"text/plain": ""}, raw=True, display_id=True)

    def show(text: str) -> None:
        handle.update({"text/plain": text}, raw=True)

    return show


if sys.version_info < (3, 9):
    raise ImportError("vmds.py needs Python 3.9 or later.")
