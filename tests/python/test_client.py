"""The Python client against the real server, and against a scripted one for what no server does on request."""

import contextlib
import hashlib
import http.server
import importlib.util
import io
import json
import os
import pathlib
import secrets
import shutil
import subprocess
import sys
import tempfile
import threading
import types
import unittest
import warnings
from unittest import mock

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "product"))

from server import PROGRAM, ROOT, Server  # noqa: E402

sys.path.insert(0, str(ROOT / "clients" / "python"))

import vmds  # noqa: E402
from vmds import Client, Counts, Job, VmdsError  # noqa: E402

MAZES = "maze-data-generator"
SPLITS = {"train": 0.5, "test": 0.5}


@unittest.skipUnless(PROGRAM.is_file(), f"{PROGRAM} is not built")
class ServedTests(unittest.TestCase):
    """One server, which asks for keys, and one finished job of mazes for all that only read."""

    @classmethod
    def setUpClass(cls):
        temporary = tempfile.TemporaryDirectory(prefix="vmds-client-")
        cls.addClassCleanup(temporary.cleanup)
        cls.folder = pathlib.Path(temporary.name)
        generators = cls.folder / "generators"
        for name in (MAZES, "_shared"):
            shutil.copytree(ROOT / "generators" / name, generators / name)
        shutil.copytree(ROOT / "tests" / "generators" / "_shared", generators / "_shared", dirs_exist_ok=True)
        for name in ("raises-generator", "endless-generator"):
            shutil.copytree(ROOT / "tests" / "generators" / name, generators / name)
        admin = f"vmd_admin_{secrets.token_urlsafe(32)}"
        server = Server(cls.folder / "data", GENERATORS_DIR=str(generators), REQUESTS_PER_MINUTE="100000",
                        ADMIN_KEY_SHA256=hashlib.sha256(admin.encode()).hexdigest())
        cls.addClassCleanup(server.stop)
        server.start()
        cls.key = Client(server.url, admin).call("POST", "/v1/keys", {"name": "notebook", "role": "submit"})["key"]
        cls.url, cls.client = server.url, Client(server.url, cls.key)
        cls.job = cls.client.submit(MAZES, 6, seed=42, splits=SPLITS).wait(progress=False)

    def test_client_takes_address_and_key_from_the_environment(self):
        with mock.patch.dict(os.environ, {"VMDS_URL": self.url + "/", "VMDS_API_KEY": self.key}):
            self.assertEqual(self.job.id, Client().job(self.job.id).id)

    def test_client_without_its_key_is_refused(self):
        for key in (None, "vmd_wrong_" + "a" * 43):
            with self.assertRaises(VmdsError) as caught, mock.patch.dict(os.environ):
                os.environ.pop("VMDS_API_KEY", None)
                Client(self.url, key).generators()
            self.assertEqual(401, caught.exception.status)

    def test_job_that_ended_has_its_counts(self):
        self.assertEqual(("succeeded", Counts(6, 6, 0), None), (self.job.state, self.job.counts, self.job.reason))
        self.assertEqual(f"{self.url}/jobs/{self.job.id}", self.job.page)

    def test_submission_names_every_wrong_field(self):
        with self.assertRaises(VmdsError) as caught:
            self.client.submit(["not-here"], 0)
        self.assertEqual((400, {"generators[0]", "samples"}), (caught.exception.status, set(caught.exception.errors)))
        self.assertIn("samples is 0", str(caught.exception))

    def test_submission_whose_answer_is_lost_makes_one_job(self):
        sent, opened = [], self.client._open

        def lose(method, link, body, headers):
            answer = opened(method, link, body, headers)
            sent.append(headers["Idempotency-Key"])
            if len(sent) == 1:
                answer.close()
                raise ConnectionResetError("the answer is lost")
            return answer

        before = {job.id for job in self.client.jobs()}
        with mock.patch.object(self.client, "_open", lose), mock.patch("time.sleep"):
            job = self.client.submit(MAZES, 1, seed=900)
        self.assertEqual(2, len(sent))
        self.assertEqual({job.id}, {each.id for each in self.client.jobs()} - before)

    def test_jobs_go_over_all_pages(self):
        keys = ["paged-1", "paged-2"]
        wanted = {self.client.submit(MAZES, 1, seed=700, idempotency_key=key).id for key in keys} | {self.job.id}
        with mock.patch.object(vmds, "PAGE", 1):
            listed = [job.id for job in self.client.jobs()]
        self.assertLessEqual(wanted, set(listed))
        self.assertEqual(len(listed), len(set(listed)))

    def test_deleted_job_is_gone(self):
        job = self.client.submit(MAZES, 1, seed=800).wait(progress=False)
        job.delete()
        job.delete()
        with self.assertRaises(VmdsError) as caught:
            job.refresh()
        self.assertEqual(404, caught.exception.status)

    def test_plan_reckons_seconds(self):
        self.assertEqual(50, self.client.plan([MAZES], 50)["samples"])

    def test_generators_are_listed(self):
        self.assertIn(MAZES, [each["name"] for each in self.client.generators()])
        self.assertEqual([MAZES], [each["name"] for each in self.client.generators("Spatiality")])

    def test_preview_has_pictures(self):
        sample = self.client.preview(MAZES, samples=1, seed=42)["samples"][0]
        self.assertTrue(self.client.read(sample["first_frame"]).startswith(b"\x89PNG"))

    def test_samples_have_prompt_parameters_and_links(self):
        samples = list(self.job.samples())
        shuffled = [each.name for each in self.job.samples(shuffle=0)]
        self.assertEqual(sorted(each.name for each in samples), sorted(shuffled))
        self.assertNotEqual([each.name for each in samples], shuffled)
        self.assertEqual(shuffled, [each.name for each in self.job.samples(shuffle=0)])
        self.assertEqual([(index, 42 + index) for index in range(6)], [(each.index, each.seed) for each in samples])
        row = next(row for row in self.job.rows() if row["index"] == 3)
        self.assertEqual((row["prompt"], row["parameters"], row["split"]),
                         (samples[3].prompt, samples[3].parameters, samples[3].split))
        video = next(file for file in samples[3].files if file.name == "ground_truth.mp4")
        self.assertEqual(video.sha256, hashlib.sha256(self.client.read(video.url)).hexdigest())
        self.assertEqual({each.index for each in samples if each.split == "train"},
                         {each.index for each in self.job.samples(split="train")})

    def test_samples_in_tars_are_read_like_files(self):
        tars = self.client.submit(MAZES, 6, seed=42, output_format="webdataset").wait(progress=False)
        with mock.patch.object(self.client, "fetch", wraps=self.client.fetch) as fetch:
            self.assertEqual([each.prompt for each in self.job.samples()], [each.prompt for each in tars.samples()])
        self.assertEqual(1, fetch.call_count)
        self.assertEqual({row["prompt"] for row in self.job.rows()}, {row["prompt"] for row in tars.rows()})

    def test_rows_are_those_of_the_splits(self):
        parts = {split: [row["index"] for row in self.job.rows(split)] for split in SPLITS}
        self.assertTrue(all(parts.values()), "each split has a sample with this seed")
        self.assertEqual(list(range(6)), sorted(parts["train"] + parts["test"]))
        self.assertEqual(list(range(6)), sorted(row["index"] for row in self.job.rows()))

    def test_samples_of_an_unknown_split_name_the_splits(self):
        with self.assertRaisesRegex(VmdsError, "split is 'dev'; allowed: "):
            list(self.job.samples(split="dev"))

    def test_rows_of_an_unknown_split_name_the_splits(self):
        with self.assertRaisesRegex(VmdsError, "split is 'dev'; allowed: test, train"):
            self.job.rows("dev")

    def test_download_is_complete_and_its_rows_name_local_files(self):
        folder = self.job.download(self.folder / "complete", progress=False)
        subprocess.run(["sha256sum", "-c", "--quiet", "SHA256SUMS"], cwd=folder, check=True)
        self.assertFalse((folder / ".parts").exists())
        rows = list(self.job.rows(folder=folder))
        self.assertEqual(6, len(rows))
        for row in rows:
            for column in ("file_name", "first_frame", "final_frame"):
                self.assertTrue(os.path.getsize(row[column]), row[column])

    def test_a_folder_that_holds_other_files_is_warned_of(self):
        folder = self.folder / "mixed"
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            self.job.download(folder, progress=False)
            self.job.download(folder, progress=False)
        for name in (".hidden", "exports/old/files.txt", "other/stray.tar", "stray.txt"):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text("x")
        with self.assertWarnsRegex(UserWarning, f"^2 other files are in {folder}, of another dataset"):
            self.job.download(folder, progress=False)

    def test_download_fetches_only_what_is_missing_or_wrong(self):
        folder = self.job.download(self.folder / "twice", progress=False)
        videos = sorted(folder.glob("*/*/*/ground_truth.mp4"))
        whole = [video.read_bytes() for video in videos]
        self.assertEqual([], self.fetched(folder))
        videos[0].write_bytes(whole[0][:-1] + bytes([whole[0][-1] ^ 1]))
        videos[1].write_bytes(whole[1][:100])
        videos[2].unlink()
        self.assertEqual(3, len(self.fetched(folder)))
        self.assertEqual(whole, [video.read_bytes() for video in videos])

    def fetched(self, folder):
        with mock.patch.object(self.client, "fetch", wraps=self.client.fetch) as fetch:
            self.job.download(folder, progress=False)
        return fetch.call_args_list

    def test_download_completes_half_a_file(self):
        folder = self.job.download(self.folder / "half", progress=False)
        video = next(folder.glob("*/*/*/ground_truth.mp4"))
        whole, path = video.read_bytes(), video.relative_to(folder).as_posix()
        video.unlink()
        (folder / ".parts").mkdir()
        (folder / ".parts" / hashlib.sha256(path.encode()).hexdigest()).write_bytes(whole[:1000])
        with mock.patch.object(self.client, "_open", wraps=self.client._open) as opened:
            self.job.download(folder, progress=False)
        self.assertIn({"Range": "bytes=1000-"}, [call.args[3] for call in opened.call_args_list])
        self.assertEqual(whole, video.read_bytes())

    @unittest.skipUnless(importlib.util.find_spec("cv2"), "this Python has no OpenCV")
    def test_documented_training_loop_goes_over_the_split(self):
        """With a stand-in for PyTorch's two classes and its stacking of arrays."""

        def loader(dataset, batch_size, shuffle):
            for start in range(0, len(dataset), batch_size):
                batch = [dataset[number] for number in range(start, min(len(dataset), start + batch_size))]
                yield tuple(zip(*batch))

        data = types.SimpleNamespace(Dataset=object, DataLoader=loader)
        torch = types.ModuleType("torch")
        torch.utils = types.SimpleNamespace(data=data)
        optimizer, trained = mock.Mock(), []

        def model(prompts, first, final):
            trained.extend(zip(prompts, first, final))
            return mock.Mock()

        page = (ROOT / "docs" / "python.md").read_text(encoding="utf-8")
        lines = page.partition("```python\n")[2].partition("```")[0]
        self.assertLessEqual(len([line for line in lines.splitlines() if line.strip()]), 10)
        before = os.getcwd()
        os.chdir(self.folder)
        self.addCleanup(os.chdir, before)
        environment = mock.patch.dict(os.environ, {"VMDS_URL": self.url, "VMDS_API_KEY": self.key})
        with environment, mock.patch.dict(sys.modules, {"torch": torch}), contextlib.redirect_stderr(io.StringIO()):
            scope = {"model": model, "optimizer": optimizer}
            exec(lines.replace("100, seed", "10, seed"), scope)
        self.assertEqual([row["prompt"] for row in scope["job"].rows("train")], [each[0] for each in trained])
        self.assertTrue(all(picture.shape[2] == 3 for each in trained for picture in each[1:]))
        self.assertTrue(optimizer.step.called)

    def test_export_in_shards_is_downloaded_by_itself(self):
        export = self.job.export("webdataset", shards="by_generator", shard_bytes=65_536, seed=7)
        self.assertEqual(("by_generator", 65_536, 7), (export["shards"], export["shard_bytes"], export["seed"]))
        with tempfile.TemporaryDirectory(prefix="vmds-shards-") as folder:
            tars = self.job.download_export(export, folder)
            self.assertEqual(sorted(file["path"].rpartition("/")[2] for file in export["files"]), sorted(path.name for path in tars.iterdir()))
            self.assertEqual([tars], list((pathlib.Path(folder) / "exports").iterdir()))
            self.assertEqual(["exports"], [path.name for path in pathlib.Path(folder).iterdir()])

    def test_export_is_waited_for(self):
        export = self.job.export("diffsynth", split="train")
        self.assertEqual(("ready", "train"), (export["state"], export["split"]))
        listed = [json.loads(line) for line in self.client.read(export["files"][0]["url"]).splitlines()]
        self.assertEqual(len(list(self.job.rows("train"))), len(listed))

    def test_failed_job_is_raised_with_the_generators_own_words(self):
        job = self.client.submit("raises-generator", 5, seed=0, batch_size=5)
        with self.assertRaisesRegex(VmdsError, "failed: 4 of 5 samples done, 1 failed.* no puzzle for seed 3"):
            job.wait(progress=False)
        self.assertIs(job, job.wait(progress=False, check=False))
        failure, = job.failures()
        self.assertEqual(("raises-generator", 3, "raised"),
                         (failure["generator"], failure["start_index"], failure["kind"]))
        self.assertIn("Traceback", failure["traceback"])
        causes = job.failure_causes(generator="raises-generator", limit=3)
        cause, = causes["items"]
        self.assertEqual((True, 1, "ValueError: no puzzle for seed #", 1, 1), (causes["complete"], causes["records"], cause["message"], cause["samples"], cause["batches"]))
        self.assertEqual(failure, cause["newest"])
        self.assertEqual([0, 1, 2, 4], [row["index"] for row in job.rows()])
        self.assertEqual(1, job.retry(cause=cause["id"]).info["history"][0]["samples"])
        job.wait(progress=False, check=False)
        with self.assertRaisesRegex(VmdsError, "cause is .*allowed: an id of"):
            job.retry(cause="0123456789ab")

    def test_job_is_paused_resumed_and_cancelled(self):
        job = self.client.submit("endless-generator", 4, seed=3)
        with self.assertRaisesRegex(TimeoutError, "it goes on"):
            job.wait(progress=False, timeout=0.2)
        with self.assertRaisesRegex(VmdsError, "its dataset pending"):
            job.download(self.folder / "early", progress=False)
        self.assertEqual("paused", job.pause().state)
        self.assertIn(job.resume().state, ("submitting", "running"))
        self.assertEqual("cancelled", job.cancel().state)
        with self.assertRaises(VmdsError) as caught:
            job.pause()
        self.assertEqual(409, caught.exception.status)


class ScriptedTests(unittest.TestCase):
    """A server that answers as it is told to: (status, headers, body) by path, in turn, the last one for ever."""

    def setUp(self):
        self.script, self.seen = {}, []
        test = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def answer(self):
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                path = self.path.partition("?")[0]
                test.seen.append((self.command, path, dict(self.headers)))
                answers = test.script[path]
                status, headers, body = answers.pop(0) if len(answers) > 1 else answers[0]
                if status == 0:
                    self.close_connection = True
                    return
                data = body if isinstance(body, bytes) else json.dumps(body).encode()
                self.send_response(status)
                for name, value in {"Content-Length": str(len(data)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(data)

            do_GET = do_POST = do_DELETE = answer

            def log_message(self, *_):
                pass

        self.url = self.serve(Handler)
        self.handler = Handler
        self.client = Client(self.url, "secret")
        temporary = tempfile.TemporaryDirectory(prefix="vmds-client-")
        self.addCleanup(temporary.cleanup)
        self.folder = pathlib.Path(temporary.name) / "dataset"
        sleeping = mock.patch("time.sleep")
        self.slept = sleeping.start()
        self.addCleanup(sleeping.stop)

    def serve(self, handler):
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        server.daemon_threads = True
        threading.Thread(target=lambda: server.serve_forever(0.02), daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        return f"http://127.0.0.1:{server.server_port}"

    def job(self, state="succeeded", **more):
        counts = {"total": 1, "done": 1, "failed": 0}
        dataset, links = {"state": "ready", "files": []}, {"page": "/jobs/j"}
        return Job(self.client, {"id": "j", "state": state, "samples": counts, "spec": {}, "dataset": dataset,
                                 "links": links, **more})

    def lists(self, path, content=b"content", url=None, **more):
        file = {"path": path, "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest(),
                "url": url or "/file", **more}
        self.script["/v1/jobs/j/download"] = [(200, {}, {"items": [file]})]
        self.script["/file"] = [(200, {}, content)]

    def test_busy_server_is_asked_again_when_it_says(self):
        self.script["/v1/generators"] = [(429, {"Retry-After": "7"}, {}), (503, {}, {}), (0, {}, b""),
                                         (200, {}, {"items": []})]
        self.assertEqual([], self.client.generators())
        waits = [call.args[0] for call in self.slept.call_args_list]
        self.assertEqual((3, 7.0), (len(waits), waits[0]))

    def test_retry_after_is_bounded(self):
        self.script["/v1/generators"] = [(429, {"Retry-After": "999999"}, {}), (200, {}, {"items": []})]
        self.client.generators()
        self.slept.assert_called_once_with(vmds.LONGEST_WAIT)

    def test_server_that_stays_busy_is_given_up(self):
        self.script["/v1/generators"] = [(503, {}, {"detail": "The store is out of reach."})]
        with self.assertRaisesRegex(VmdsError, "503: The store is out of reach."):
            self.client.generators()
        self.assertEqual(vmds.TRIES, len(self.seen))

    def test_error_of_the_request_is_not_repeated(self):
        self.script["/v1/generators"] = [(500, {}, b"<html>")]
        with self.assertRaises(VmdsError):
            self.client.generators()
        self.assertEqual(1, len(self.seen))

    def test_retry_of_a_job_is_not_sent_twice(self):
        self.script["/v1/jobs/j/retry"] = [(503, {}, {})]
        with self.assertRaises(VmdsError):
            self.job().retry()
        self.assertEqual(1, len(self.seen))

    def test_unreachable_server_is_named(self):
        with self.assertRaisesRegex(VmdsError, "http://127.0.0.1:9 cannot be reached"):
            Client("http://127.0.0.1:9").generators()

    def test_repeated_submission_keeps_its_key(self):
        self.script["/v1/jobs"] = [(503, {}, {}), (202, {}, self.job("running").info)]
        self.client.submit("a", 1)
        keys = [headers["Idempotency-Key"] for _, _, headers in self.seen]
        self.assertEqual((2, 1), (len(keys), len(set(keys))))

    def test_download_stays_in_its_folder(self):
        for path in ("../x", "a/../../x", "/x", "..", "a\\..\\x", "C:/x", "a//x", "./x", ".parts/x", "", "x\0y"):
            with self.subTest(path=path):
                self.lists(path)
                with self.assertRaisesRegex(VmdsError, "path"):
                    self.job().download(self.folder, progress=False)
        self.assertEqual([], [path for path in self.folder.parent.rglob("*") if path.is_file()])
        self.assertNotIn("/file", [path for _, path, _ in self.seen])

    def test_download_follows_no_link_out_of_its_folder(self):
        outside = self.folder.parent / "outside"
        outside.mkdir()
        self.folder.mkdir()
        (self.folder / "link").symlink_to(outside, target_is_directory=True)
        (outside / "kept").write_text("as it was")
        (self.folder / "file").symlink_to(outside / "kept")
        self.lists("link/x")
        with self.assertRaisesRegex(VmdsError, "leads out of the folder by a link"):
            self.job().download(self.folder, progress=False)
        self.lists("file")
        self.job().download(self.folder, progress=False)
        self.assertEqual((["kept"], "as it was"), (os.listdir(outside), (outside / "kept").read_text()))
        self.assertEqual(b"content", (self.folder / "file").read_bytes())

    def test_rows_stay_in_their_folder(self):
        self.folder.mkdir()
        for path in ("../x.mp4", "/etc/passwd"):
            (self.folder / "metadata.jsonl").write_text(json.dumps({"file_name": path}) + "\n")
            job = self.job(dataset={"state": "ready", "files": [{"name": "metadata.jsonl", "bytes": 1, "sha256": ""}]})
            with self.subTest(path=path), self.assertRaisesRegex(VmdsError, "leads out of the folder"):
                list(job.rows(folder=self.folder))

    def test_rows_of_a_large_job_are_in_its_generators_folders(self):
        row = {"file_name": "a_task/a_0/ground_truth.mp4", "prompt": "p", "parameters": "{\"n\": 1}", "split": "train"}
        content = json.dumps(row).encode() + b"\n"
        about = {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest(), "url": "/file"}
        paths = ["README.md", "a/metadata-test-00001-of-00002.jsonl", "a/metadata-train-00001-of-00002.jsonl",
                 "a/metadata-train-00001-of-00002.parquet", "exports/diffsynth/x/metadata.jsonl",
                 "b/metadata-train.jsonl", "b/b_task/b_0/metadata.json", "c/metadata-train.jsonl"]
        self.script["/v1/jobs/j/download"] = [(200, {}, {"items": [{"path": path, **about} for path in paths]})]
        self.script["/file"] = [(200, {}, content)]
        rows = list(self.job(spec={"splits": SPLITS}).rows("train"))
        self.assertEqual(["a/a_task/a_0/ground_truth.mp4", "b/a_task/a_0/ground_truth.mp4"],
                         [each["file_name"] for each in rows])
        self.assertEqual({"n": 1}, rows[0]["parameters"])

    def test_file_with_a_wrong_checksum_is_not_kept(self):
        self.lists("a/x", sha256="0" * 64)
        with self.assertRaisesRegex(VmdsError, "1 of 1 files could not be had.*checksum is wrong"):
            self.job().download(self.folder, progress=False)
        self.assertFalse((self.folder / "a" / "x").exists())

    def test_answer_that_is_cut_off_is_completed(self):
        self.lists("x", b"0123456789")
        self.script["/file"] = [(200, {"Content-Length": "10"}, b"0123"), (206, {}, b"456789")]
        self.handler.protocol_version = "HTTP/1.0"
        self.job().download(self.folder, progress=False)
        self.assertEqual(b"0123456789", (self.folder / "x").read_bytes())
        self.assertEqual("bytes=4-", self.seen[-1][2]["Range"])

    def test_file_that_never_ends_is_cut(self):
        self.script["/file"] = [(200, {}, b"x" * 1_000_000)]
        file, written = io.BytesIO(), []
        kept = mock.Mock(wraps=file, write=lambda block: written.append(len(block)) or file.write(block))
        with mock.patch.object(vmds, "CHUNK", 1000), self.assertRaisesRegex(VmdsError, "size or checksum is wrong"):
            self.client.fetch("/file", kept, 4, "0" * 64)
        self.assertEqual(([1000, 1000], b""), (written, file.getvalue()))

    def test_key_goes_to_the_api_alone(self):
        store = self.serve(self.handler)
        self.lists("x", url=f"{store}/file")
        self.job().download(self.folder, progress=False)
        self.script["/moved"] = [(302, {"Location": f"{store}/file"}, b"")]
        self.client.read("/moved")
        self.assertEqual([("/v1/jobs/j/download", "Bearer secret"), ("/file", None), ("/moved", "Bearer secret"),
                          ("/file", None)], [(path, headers.get("Authorization")) for _, path, headers in self.seen])

    def test_link_of_the_store_that_is_too_old_is_renewed(self):
        store = self.serve(self.handler)
        self.lists("a b/x", url=f"{store}/old")
        self.script["/old"] = [(403, {}, b"<Error><Code>AccessDenied</Code></Error>")]
        self.script["/v1/jobs/j/files/a%20b/x"] = [(302, {"Location": f"{store}/file"}, b"")]
        self.job().download(self.folder, progress=False)
        self.assertEqual(b"content", (self.folder / "a b" / "x").read_bytes())

    def test_links_to_files_of_this_machine_are_refused(self):
        self.lists("x", url="file:///etc/hostname")
        with self.assertRaisesRegex(VmdsError, "neither http nor https"):
            self.job().download(self.folder, progress=False)

    def test_address_of_another_kind_is_refused(self):
        with self.assertRaisesRegex(ValueError, "allowed: an http or https address"):
            Client("127.0.0.1:8080")

    def test_wait_ends_with_a_job_that_has_no_dataset(self):
        info = self.job().info
        del info["dataset"]
        self.script["/v1/jobs/j"] = [(200, {}, info)]
        self.assertEqual("succeeded", Job(self.client, info).wait(progress=False).state)

    def test_wait_writes_plain_lines_where_there_is_no_terminal(self):
        counts = {"total": 8, "done": 2, "failed": 1}
        running = self.job("running", samples=counts, samples_per_second=2.0, eta_seconds=65).info
        self.script["/v1/jobs/j"] = [(200, {}, running), (200, {}, running), (200, {}, self.job().info)]
        with contextlib.redirect_stderr(io.StringIO()) as written:
            self.job().wait()
        self.assertEqual(["2/8 samples, 1 failed, 2.0/s, 1 min 5 s left", "1/1 samples, succeeded, dataset ready"],
                         written.getvalue().splitlines())


class ProgressTests(unittest.TestCase):
    def test_terminal_shows_one_line_as_wide_as_it_is(self):
        stream = io.StringIO()
        stream.isatty = lambda: True
        for columns in (80, 200, 24):
            size = os.terminal_size((columns, 24))
            with self.subTest(columns=columns), mock.patch("shutil.get_terminal_size", return_value=size):
                stream.seek(0)
                stream.truncate()
                progress = vmds.Progress(stream)
                progress.show(1, 4, "1/4 samples, 3.0/s, 1 s left")
                progress.show(4, 4, "4/4 samples")
                progress.close()
                self.assertEqual(2, stream.getvalue().count("\r"))
                self.assertEqual(1, stream.getvalue().count("\n"))
                self.assertTrue(all(len(line) < columns for line in stream.getvalue().rstrip("\n").split("\r")))
        self.assertIn("[", stream.getvalue())

    def test_notebook_shows_one_text_that_is_replaced(self):
        handle = mock.Mock()
        ipython, display = types.ModuleType("IPython"), types.ModuleType("IPython.display")
        ipython.get_ipython = type("ZMQInteractiveShell", (), {})
        display.display = mock.Mock(return_value=handle)
        modules = mock.patch.dict(sys.modules, {"IPython": ipython, "IPython.display": display})
        with modules, contextlib.redirect_stderr(io.StringIO()) as written:
            progress = vmds.Progress()
            progress.show(1, 4, "1/4 samples")
            progress.show(4, 4, "4/4 samples")
            progress.close()
        self.assertEqual([("[####..............] 1/4 samples",), ("[##################] 4/4 samples",)],
                         [(call.args[0]["text/plain"],) for call in handle.update.call_args_list])
        self.assertEqual("", written.getvalue())


if __name__ == "__main__":
    unittest.main()
