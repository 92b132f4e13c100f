import datetime
import importlib.util
import json
import os
import pathlib
import subprocess
import tempfile
import unittest

import scripts
from test_download_job import Dataset, JOB, sha256

KEYS = {"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"}
HOST = "abc123.lambda-url.eu-west-1.on.aws"


@unittest.skipUnless(scripts.VMDS.exists(), "src/Cli is not built")
class SignatureTests(unittest.TestCase):
    def run_vmds(self, answer, *arguments, **values):
        """Runs vmds against a function URL's name that leads here, as a proxy does."""
        with scripts.serving(lambda method, path, headers, body: answer(method, "/" + path.split("/", 3)[3], headers, body)) as address:
            environment = scripts.environment(http_proxy=address, no_proxy=None, NO_PROXY=None, **{"VMDS_URL": f"http://{HOST}", **KEYS, **values})
            environment = {name: value for name, value in environment.items() if name.lower() != "no_proxy"}
            return subprocess.run(["dotnet", scripts.VMDS, *arguments], env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)

    @unittest.skipUnless(importlib.util.find_spec("botocore"), "no botocore to compare with")
    def test_signatures_are_those_of_botocore(self):
        import botocore.auth
        import botocore.awsrequest
        import botocore.credentials
        dataset, requests = Dataset(), []
        for name in ("g h/ü.png", "x~y_z-1.tar", "a+b=c&d/e%20f", "(1)!*'"):
            dataset.files[name] = name.encode()
            dataset.sums += f"{sha256(name.encode())}  {name}\n".encode()

        def answer(method, path, headers, body):
            import urllib.parse
            requests.append((method, path, headers, body))
            return (200, {}, {"items": []}) if path.startswith("/v1/jobs?") else dataset.answer(method, urllib.parse.unquote(path), headers, body)

        for token in (None, "token/+="):
            requests.clear()
            with tempfile.TemporaryDirectory() as folder:
                done = self.run_vmds(answer, "download", JOB, folder, AWS_SESSION_TOKEN=token)
            self.assertEqual(done.returncode, 0, done.stderr)
            done = self.run_vmds(answer, "list", "--cursor", "a+b= c/ü", AWS_SESSION_TOKEN=token)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual(len(requests), 11)
            for method, path, headers, body in requests:
                with self.subTest(path, token=token):
                    request = botocore.awsrequest.AWSRequest(method, f"http://{HOST}{path}", data=body)
                    moment = datetime.datetime.strptime(headers["X-Amz-Date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=datetime.timezone.utc)
                    signer = botocore.auth.SigV4Auth(botocore.credentials.Credentials(KEYS["AWS_ACCESS_KEY_ID"], KEYS["AWS_SECRET_ACCESS_KEY"], token),
                                                     "lambda", "eu-west-1")
                    request.context["timestamp"] = headers["X-Amz-Date"]
                    request.headers["X-Amz-Date"] = headers["X-Amz-Date"]
                    if token:
                        request.headers["X-Amz-Security-Token"] = token
                    signature = signer.signature(signer.string_to_sign(request, signer.canonical_request(request)), request)
                    self.assertIn(f"Signature={signature}", headers["Authorization"])
                    self.assertLess(abs(moment - datetime.datetime.now(datetime.timezone.utc)), datetime.timedelta(minutes=5))

    def test_only_a_function_url_is_signed(self):
        for host in ("api.example.com", "bucket.s3.eu-west-1.amazonaws.com", "a.lambda-url.eu-west-1.on.aws.example.org"):
            seen = []

            def answer(method, path, headers, body):
                seen.append(headers["Authorization"])
                return 200, {}, {"items": []}

            self.assertEqual(self.run_vmds(answer, "list", VMDS_URL=f"http://{host}").returncode, 0)
            self.assertEqual(seen, [None])


@unittest.skipUnless(scripts.VMDS.exists(), "src/Cli is not built")
class CredentialsTests(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def download(self, aws=None, **values):
        """Runs download.sh, which makes six requests, with this program as the AWS CLI; returns its end and the calls of the CLI."""
        calls = self.folder / "calls"
        calls.unlink(missing_ok=True)
        if aws is not None:
            scripts.stand_in(self.folder / "bin", "aws", f'echo "$*" >>"{calls}"\n{aws}\n')
        dataset = Dataset()
        with scripts.serving(dataset.answer) as api, tempfile.TemporaryDirectory() as target:
            done = scripts.run("download.sh", JOB, target, API_URL=api, SIGN="yes", AWS_REGION="eu-west-1", PATH=f"{self.folder}/bin:{os.environ['PATH']}", **values)
        return done, calls.read_text().splitlines() if calls.exists() else []

    def test_the_environment_goes_first(self):
        done, calls = self.download("exit 1", **KEYS)
        self.assertEqual((done.returncode, calls), (0, []), done.stderr)

    def test_a_profiles_are_asked_for_once_and_again_before_they_end(self):
        for hours, calls in ((1, 1), (0, 6)):
            end = (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=hours)).isoformat()
            found = {"Version": 1, "AccessKeyId": "id", "SecretAccessKey": "secret", "Expiration": end}
            done, asked = self.download(f"echo '{json.dumps(found)}'")
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual(["configure export-credentials --format process"] * calls, asked)

    def test_none_at_all_are_told(self):
        done, _ = self.download("echo 'The profile is not there' >&2; exit 255")
        self.assertEqual(done.returncode, 2)
        self.assertIn("gives no credentials to sign with: The profile is not there", done.stderr)
        done, _ = self.download("echo 'id' >&2; exit 255", AWS_SECRET_ACCESS_KEY="secret")
        self.assertIn("AWS_ACCESS_KEY_ID is not set", done.stderr)


if __name__ == "__main__":
    unittest.main()
