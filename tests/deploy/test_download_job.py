import hashlib
import os
import pathlib
import tempfile
import unittest

import scripts

JOB = "20261123-130501-9f3c2a7b"
FILES = {"metadata.jsonl": b'{"index": 0}\n', "g/a_task/a_00000000/prompt.txt": b"Move.", "g/a_task/a_00000000/ground_truth.mp4": bytes(range(256)) * 40}


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


class Dataset:
    """What the control plane answers about one job."""

    def __init__(self, state="ready"):
        self.state = state
        self.files = dict(FILES)
        self.sums = "".join(f"{sha256(content)}  {name}\n" for name, content in FILES.items()).encode()
        self.asked, self.headers = [], []

    def answer(self, method, path, headers, body):
        if path == f"/v1/jobs/{JOB}":
            about = {"state": self.state}
            if self.state == "ready":
                about |= {"samples": 1, "files": [{"name": "SHA256SUMS", "bytes": len(self.sums), "sha256": sha256(self.sums)}]}
            return 200, {}, {"state": "succeeded" if self.state == "ready" else "running", "samples": {"done": 3, "total": 10}, "dataset": about}
        if path == f"/v1/jobs/{JOB}/exports":
            return 200, {}, {"items": []}
        name = path.removeprefix(f"/v1/jobs/{JOB}/files/")
        content = self.sums if name == "SHA256SUMS" else self.files.get(name)
        if content is None:
            return 404, {}, {"detail": "The job has no such file."}
        wanted = headers.get("Range")
        self.asked.append((name, wanted, headers.get("Authorization")))
        self.headers.append(headers)
        if wanted is None:
            return 200, {}, content
        start = int(wanted.removeprefix("bytes=").removesuffix("-"))
        return (206, {}, content[start:]) if start < len(content) else (416, {}, {})


@unittest.skipUnless(scripts.VMDS.exists(), "src/Cli is not built")
class DownloadTests(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name, "data")

    def download(self, dataset, **values):
        with scripts.serving(dataset.answer) as api:
            return scripts.run("download.sh", JOB, self.folder, API_URL=api, **values)

    def found(self):
        return {str(path.relative_to(self.folder)): path.read_bytes() for path in self.folder.rglob("*") if path.is_file()}

    def half(self, path, content):
        part = self.folder / ".parts" / sha256(path.encode())
        part.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(content)

    def test_fetches_every_file_and_again_none(self):
        dataset = Dataset()
        done = self.download(dataset, API_KEY="secret")
        self.assertEqual((done.returncode, self.found()), (0, {**FILES, "SHA256SUMS": dataset.sums}), done.stderr)
        self.assertEqual({key for _, _, key in dataset.asked}, {"Bearer secret"})
        dataset.asked.clear()
        self.assertEqual((self.download(dataset).returncode, dataset.asked), (0, []))

    def test_fetches_what_further_lists_name(self):
        dataset = Dataset()
        lists = {f"g/SHA256SUMS-{part}": f"{sha256(FILES[name])}  {name}\n".encode() for part, name in enumerate(FILES)}
        dataset.files |= lists
        dataset.sums = "".join(f"{sha256(content)}  {name}\n" for name, content in lists.items()).encode()
        done = self.download(dataset)
        self.assertEqual((done.returncode, self.found()), (0, {**FILES, **lists, "SHA256SUMS": dataset.sums}), done.stderr)
        self.assertIn(f"{len(FILES) + len(lists) + 1} files", done.stdout)

    KEYS = {"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_SESSION_TOKEN": "token", "AWS_REGION": "eu-west-1"}

    def test_signs_every_request_and_sends_a_key_beside_the_signature(self):
        dataset = Dataset()
        done = self.download(dataset, SIGN="yes", API_KEY="secret", **self.KEYS)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(len(dataset.headers), 4)
        for headers in dataset.headers:
            self.assertRegex(headers["Authorization"], "^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/[0-9]{8}/eu-west-1/lambda/aws4_request, "
                                                       "SignedHeaders=host;x-amz-date;x-amz-security-token, Signature=[0-9a-f]{64}$")
            self.assertEqual(("token", "secret"), (headers["X-Amz-Security-Token"], headers["X-Api-Key"]))

    def test_credentials_do_not_follow_a_link_into_the_bucket(self):
        dataset, seen = Dataset(), []

        def bucket(method, path, headers, body):
            seen.append({name.lower() for name in headers.keys()})
            return 200, {}, dataset.sums if path == "/SHA256SUMS" else FILES[path[1:]]

        with scripts.serving(bucket) as links:
            def answer(method, path, headers, body):
                name = path.partition("/files/")[2]
                return (302, {"Location": f"{links.replace('127.0.0.1', 'localhost')}/{name}"}, {}) if name else dataset.answer(method, path, headers, body)

            with scripts.serving(answer) as api:
                done = scripts.run("download.sh", JOB, self.folder, API_URL=api, SIGN="yes", API_KEY="secret", **self.KEYS)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(len(seen), 4)
        for names in seen:
            self.assertFalse(names & {"authorization", "x-api-key", "x-amz-date", "x-amz-security-token"}, names)

    def test_without_credentials_nothing_is_asked(self):
        dataset = Dataset()
        done = self.download(dataset, SIGN="yes", AWS_REGION="eu-west-1", AWS_CONFIG_FILE=os.devnull, AWS_SHARED_CREDENTIALS_FILE=os.devnull,
                             AWS_EC2_METADATA_DISABLED="true")
        self.assertEqual((done.returncode, dataset.headers), (2, []))
        self.assertIn("to sign", done.stderr)
        self.assertIn("SIGN is 'maybe'; allowed: yes, no, or unset", self.download(dataset, SIGN="maybe").stderr)
        self.assertIn("AWS_REGION is not set", self.download(dataset, SIGN="yes").stderr)

    def test_completes_half_a_file_and_replaces_a_wrong_one(self):
        dataset = Dataset()
        video, prompt = "g/a_task/a_00000000/ground_truth.mp4", "g/a_task/a_00000000/prompt.txt"
        (self.folder / video).parent.mkdir(parents=True)
        self.half(video, FILES[video][:1000])
        (self.folder / prompt).write_bytes(b"Wrong")
        self.half("metadata.jsonl", b"of another version, and longer")
        done = self.download(dataset)
        self.assertEqual((done.returncode, self.found()), (0, {**FILES, "SHA256SUMS": dataset.sums}), done.stderr)
        self.assertIn((video, "bytes=1000-", None), dataset.asked)

    def test_a_file_that_is_wrong_or_gone_is_told(self):
        dataset = Dataset()
        dataset.files["metadata.jsonl"] = b"other"
        del dataset.files["g/a_task/a_00000000/prompt.txt"]
        done = self.download(dataset)
        self.assertEqual(done.returncode, 1)
        self.assertIn("metadata.jsonl: its checksum is wrong", done.stderr)
        self.assertIn("prompt.txt: ", done.stderr)
        self.assertIn("The job has no such file.", done.stderr)
        self.assertIn("2 of 3 files could not be had", done.stderr)
        self.assertNotIn("metadata.jsonl", self.found())

    def test_a_caller_over_its_rate_waits_as_long_as_it_is_told(self):
        dataset = Dataset()
        refusals = [7]

        def answer(method, path, headers, body):
            if "/files/" in path and refusals[0]:
                refusals[0] -= 1
                return 429, {"Retry-After": "0"}, {"detail": "There were more requests than this caller may make in a minute."}
            return dataset.answer(method, path, headers, body)

        with scripts.serving(answer) as api:
            done = scripts.run("download.sh", JOB, self.folder, API_URL=api)
        self.assertEqual((done.returncode, self.found()), (0, {**FILES, "SHA256SUMS": dataset.sums}), done.stderr)

    def test_lines_that_name_no_file_are_told(self):
        dataset = Dataset()
        dataset.sums = f"{sha256(b'x')}  \nnonsense\n{sha256(b'x')}  a/./b\n{sha256(b'x')}  a\0b\n".encode()
        done = self.download(dataset)
        self.assertEqual(done.returncode, 1)
        self.assertIn("SHA256SUMS has the line 'nonsense'", done.stderr)
        self.assertIn("a/./b: this is no path of a file", done.stderr)
        self.assertIn("4 of 4 files could not be had", done.stderr)
        self.assertNotIn("Traceback", done.stderr)

    def test_an_unfinished_job_is_told(self):
        done = self.download(Dataset("pending"))
        self.assertEqual(done.returncode, 1)
        self.assertIn("the job is running (3 of 10 samples) and its dataset pending", done.stderr)

    def test_a_path_that_leads_out_of_the_folder_is_refused(self):
        dataset = Dataset()
        dataset.sums = f"{sha256(b'x')}  ../outside\n".encode()
        done = self.download(dataset)
        self.assertEqual(done.returncode, 1)
        self.assertIn("leads out of the folder", done.stderr)

    def test_wrong_use_is_told(self):
        for arguments, message in ((["a/b"], "JOB is 'a/b'"), ([], "JOB is missing"), ([JOB, "x", "y"], "'y' is too much")):
            done = scripts.run("download.sh", *arguments)
            self.assertEqual(done.returncode, 2)
            self.assertIn(message, done.stderr)


if __name__ == "__main__":
    unittest.main()
