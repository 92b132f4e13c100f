"""Exports of a real job: trainers find every video and its prompt. The readers follow the trainers' own loaders."""

import os
import pathlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
import unittest

import cv2

import shard_readers
import trainer_readers

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "product"))

from server import ROOT, Server  # noqa: E402

GENERATORS = ["maze-data-generator", "object-sorting-data-generator"]
SAMPLES = 3
PROFILES = ["diffsynth", "videox-fun", "finetrainers", "musubi-tuner", "vbvr-wan2.2", "vbvr-rl", "diffusion-pipe", "vbvr-evalkit", "vbvr-inferkit"]
SHARDS = [{"profile": profile, "shards": shards, "shard_bytes": 65_536, "seed": 5} for profile in ("webdataset", "mds") for shards in ("mixed", "by_generator")]
WITH_BASE = ["musubi-tuner", "vbvr-wan2.2", "diffusion-pipe"]


class ExportTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory(prefix="vmds-exports-")
        cls.addClassCleanup(cls.temporary.cleanup)
        folder = pathlib.Path(cls.temporary.name)
        cls.dataset = folder / "my dataset"
        server = Server(folder / "data", GENERATORS_DIR=str(ROOT / "generators"))
        cls.addClassCleanup(server.stop)
        server.start()
        job = cls.ask(server, "POST", "/v1/jobs", {"generators": GENERATORS, "samples": SAMPLES, "seed": 42})["id"]
        cls.wait(lambda: cls.ask(server, "GET", f"/v1/jobs/{job}")["dataset"]["state"] == "ready")
        for profile in PROFILES:
            cls.ask(server, "POST", f"/v1/jobs/{job}/exports", {"profile": profile})
        for profile in WITH_BASE:
            cls.ask(server, "POST", f"/v1/jobs/{job}/exports", {"profile": profile, "base_path": str(cls.dataset)})
        for body in SHARDS:
            cls.ask(server, "POST", f"/v1/jobs/{job}/exports", body)
        exports = f"/v1/jobs/{job}/exports"
        cls.wait(lambda: {each["state"] for each in cls.ask(server, "GET", exports)["items"]} == {"ready"})
        cls.shards = {(each["profile"], each["shards"]): each for each in cls.ask(server, "GET", exports)["items"] if "shards" in each}
        cls.exports = {(each["profile"], "base_path" in each): each for each in cls.ask(server, "GET", exports)["items"] if "shards" not in each}
        shutil.copytree(folder / "data" / "store" / "jobs" / job / "data", cls.dataset)
        tars = cls.ask(server, "POST", "/v1/jobs", {"generators": GENERATORS, "samples": SAMPLES, "seed": 42, "output_format": "webdataset"})["id"]
        cls.wait(lambda: cls.ask(server, "GET", f"/v1/jobs/{tars}")["dataset"]["state"] == "ready")
        cls.ask(server, "POST", f"/v1/jobs/{tars}/exports", {"profile": "vbvr-dataset"})
        for body in SHARDS:
            cls.ask(server, "POST", f"/v1/jobs/{tars}/exports", body)
        cls.wait(lambda: {each["state"] for each in cls.ask(server, "GET", f"/v1/jobs/{tars}/exports")["items"]} == {"ready"})
        cls.tars = folder / "tars"
        shutil.copytree(folder / "data" / "store" / "jobs" / tars / "data", cls.tars)
        cls.expected = sorted((cls.dataset.joinpath(*video.relative_to(cls.dataset).parts[:-1], "prompt.txt").read_text(encoding="utf-8").strip(), str(video))
                              for video in cls.dataset.glob("*/*_task/*/ground_truth.mp4"))

    @staticmethod
    def ask(server, method, path, body=None):
        status, answer = server.call(method, path, body)
        assert 200 <= status < 300, (status, answer)
        return answer

    @staticmethod
    def wait(condition, seconds=240):
        end = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < end, "it was not so in time"
            time.sleep(0.2)

    def folder(self, profile, with_base=False):
        export = self.exports[profile, with_base]
        return self.dataset / "exports" / export["id"]

    def check(self, found):
        self.assertEqual(len(GENERATORS) * SAMPLES, len(self.expected))
        self.assertEqual(self.expected, sorted((prompt, os.path.realpath(path)) for prompt, path in found))
        for _, path in found:
            video = cv2.VideoCapture(path)
            self.assertTrue(video.read()[0], path)
            video.release()

    def run_in_dataset(self, read):
        before = os.getcwd()
        os.chdir(self.dataset)
        try:
            self.check([(prompt, os.path.abspath(path)) for prompt, path in read()])
        finally:
            os.chdir(before)

    def link(self, folder):
        for _ in range(2):
            subprocess.run([sys.executable, folder / "link.py"], check=True, stdout=subprocess.DEVNULL)

    def test_diffsynth_finds_every_video(self):
        self.check(trainer_readers.diffsynth(str(self.dataset), str(self.folder("diffsynth") / "metadata.jsonl")))

    def test_videox_fun_finds_every_video(self):
        self.check(trainer_readers.videox_fun(str(self.folder("videox-fun") / "metadata.json"), str(self.dataset)))

    def test_finetrainers_finds_every_video(self):
        self.check(trainer_readers.finetrainers(self.folder("finetrainers")))

    def test_musubi_tuner_finds_every_video_by_its_base_path(self):
        self.check(trainer_readers.musubi_tuner(self.folder("musubi-tuner", with_base=True) / "dataset.toml"))

    def test_musubi_tuner_finds_every_video_when_it_runs_in_the_dataset(self):
        self.run_in_dataset(lambda: trainer_readers.musubi_tuner(self.folder("musubi-tuner") / "dataset.toml"))

    def test_vbvr_wan_finds_every_video_by_its_base_path(self):
        self.check(trainer_readers.vbvr_wan(str(self.folder("vbvr-wan2.2", with_base=True) / "dataset.json"), "clip_path"))

    def test_vbvr_wan_finds_every_video_when_it_runs_in_the_dataset(self):
        self.run_in_dataset(lambda: trainer_readers.vbvr_wan(str(self.folder("vbvr-wan2.2") / "dataset.json"), "clip_path"))

    def test_diffusion_pipe_finds_every_video_by_its_base_path(self):
        self.link(self.folder("diffusion-pipe", with_base=True))
        self.check(trainer_readers.diffusion_pipe(self.folder("diffusion-pipe", with_base=True) / "dataset.toml"))

    def test_diffusion_pipe_finds_every_video_when_it_runs_in_the_dataset(self):
        self.link(self.folder("diffusion-pipe"))
        self.run_in_dataset(lambda: trainer_readers.diffusion_pipe(self.folder("diffusion-pipe") / "dataset.toml"))

    def test_evalkit_finds_the_ground_truth_of_every_sample(self):
        self.link(self.folder("vbvr-evalkit"))
        self.check([each for name in GENERATORS for each in trainer_readers.vbvr_evalkit(str(self.folder("vbvr-evalkit")), name, SAMPLES)])

    def test_inferkit_finds_every_question(self):
        self.link(self.folder("vbvr-inferkit"))
        self.check(trainer_readers.vbvr_inferkit(self.folder("vbvr-inferkit") / "questions"))

    def test_vbvr_dataset_has_every_tar_in_one_folder(self):
        export = self.tars / "exports" / "vbvr-dataset"
        self.link(export)
        members = []
        for path in sorted((export / "tars").glob("*.tar")):
            with tarfile.open(path) as tar:
                members += [name for name in tar.getnames() if name.endswith(".ground_truth.mp4")]
        self.assertEqual(len(GENERATORS) * SAMPLES, len(set(members)))
        self.assertEqual(b"PAR1", (export / "data" / "metadata.parquet").read_bytes()[-4:])

    def samples(self):
        """The files of every sample by generator and name."""
        return {f"{folder.parent.parent.name}/{folder.name}": {file.name: file.read_bytes() for file in folder.iterdir()}
                for folder in self.dataset.glob("*/*_task/*")}

    def test_webdataset_finds_every_sample_once_with_all_its_files(self):
        for shards, pattern in ("mixed", "shard-*.tar"), ("by_generator", f"{GENERATORS[0]}-*.tar"), ("by_generator", f"{GENERATORS[1]}-*.tar"):
            with self.subTest(pattern):
                tars = sorted((self.dataset / "exports" / self.shards["webdataset", shards]["id"]).glob(pattern))
                self.assertTrue(all(tar.stat().st_size <= 65_536 for tar in tars))
                found = list(shard_readers.webdataset(tars))
                expected = {key: files for key, files in self.samples().items() if shards == "mixed" or pattern.startswith(key.split("/")[0])}
                self.assertEqual(len(expected), len(found))
                self.assertEqual(expected, dict(found))

    def test_mds_finds_every_sample_once_with_its_columns(self):
        root = self.dataset / "exports" / self.shards["mds", "by_generator"]["id"]
        for folders in [self.dataset / "exports" / self.shards["mds", "mixed"]["id"]], [root / name for name in GENERATORS]:
            with self.subTest(len(folders)):
                found = [each for folder in folders for each in shard_readers.mds(folder)]
                expected = {f"{key.split('/')[0]}/{int(key[-8:])}": files for key, files in self.samples().items()}
                self.assertEqual(sorted(expected), sorted(key for key, _ in found))
                for key, row in found:
                    files = expected[key]
                    self.assertEqual((files["ground_truth.mp4"], files["first_frame.png"], files["final_frame.png"]), (row["video"], row["first_frame"], row["final_frame"]))
                    self.assertEqual((files["prompt.txt"].decode().strip(), files["metadata.json"].decode(), ""), (row["prompt"], row["metadata"], row["split"]))

    def test_shards_of_a_job_in_tars_are_those_of_a_job_in_files(self):
        for export in self.shards.values():
            files = {file.relative_to(self.dataset): file.read_bytes() for file in (self.dataset / "exports" / export["id"]).rglob("*") if file.is_file()}
            self.assertEqual(sorted(file["path"] for file in export["files"]), sorted(map(str, files)))
            for path, content in files.items():
                self.assertEqual(content, (self.tars / path).read_bytes(), path)

    def test_a_link_script_outside_of_a_dataset_says_where_it_belongs(self):
        stray = pathlib.Path(self.temporary.name) / "a" / "b" / "stray"
        shutil.copytree(self.folder("vbvr-evalkit"), stray, ignore=shutil.ignore_patterns("In-Domain_50"))
        run = subprocess.run([sys.executable, stray / "link.py"], capture_output=True, text=True)
        self.assertEqual(1, run.returncode)
        self.assertIn("the export lies in the folder of its dataset", run.stderr)


if __name__ == "__main__":
    unittest.main()
