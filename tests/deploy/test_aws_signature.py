import datetime
import importlib.util
import json
import os
import pathlib
import sys
import tempfile
import unittest
from unittest import mock

import scripts

sys.path.insert(0, str(scripts.SCRIPTS))
import aws_signature

NOW = datetime.datetime(2015, 8, 30, 12, 36, tzinfo=datetime.timezone.utc)
KEYS = {"AccessKeyId": "AKIDEXAMPLE", "SecretAccessKey": "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"}
URL = "https://abc123.lambda-url.eu-west-1.on.aws/v1/jobs"


class SignatureTests(unittest.TestCase):
    def test_signature_is_the_one_that_aws_publishes(self):
        # "get-vanilla" of the test suite of Signature Version 4.
        signed = aws_signature.headers("GET", "https://example.amazonaws.com/", "us-east-1", KEYS, NOW, "service")
        self.assertEqual("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date, "
                         "Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31", signed["Authorization"])
        self.assertEqual("20150830T123600Z", signed["x-amz-date"])

    @unittest.skipUnless(importlib.util.find_spec("botocore"), "no botocore to compare with")
    def test_signatures_are_those_of_botocore(self):
        import botocore.auth
        import botocore.awsrequest
        import botocore.credentials
        found = {**KEYS, "SessionToken": "token/+="}
        for path in ("", "/a/files/g%20h/%C3%BC.png", "/a/files/x~y_z-1.tar", "?limit=20&cursor=a%2Bb%3D&x="):
            for keys in (KEYS, found):
                with self.subTest(path, token=keys.get("SessionToken")):
                    request = botocore.awsrequest.AWSRequest("GET", URL + path)
                    credentials = botocore.credentials.Credentials(keys["AccessKeyId"], keys["SecretAccessKey"], keys.get("SessionToken"))
                    botocore.auth.SigV4Auth(credentials, "lambda", "eu-west-1").add_auth(request)
                    moment = datetime.datetime.strptime(request.context["timestamp"], "%Y%m%dT%H%M%SZ").replace(tzinfo=datetime.timezone.utc)
                    self.assertEqual(request.headers["Authorization"],
                                     aws_signature.headers("GET", URL + path, "eu-west-1", keys, moment)["Authorization"])

    def test_only_a_function_url_names_its_region(self):
        self.assertEqual("eu-west-1", aws_signature.region_of(URL))
        for other in ("http://127.0.0.1:8080", "https://bucket.s3.eu-west-1.amazonaws.com/x", "https://a.lambda-url.eu-west-1.on.aws.example.org/"):
            self.assertIsNone(aws_signature.region_of(other))


class CredentialsTests(unittest.TestCase):
    def setUp(self):
        aws_signature._found = None
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.enterContext(mock.patch.dict(os.environ, {"PATH": f"{folder.name}:/usr/bin:/bin"}))
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            del os.environ[name]

    def aws(self, body):
        scripts.stand_in(self.folder, "aws", f'echo "$*" >>"{self.folder}/calls"\n{body}\n')

    def calls(self):
        return (self.folder / "calls").read_text().splitlines()

    def test_the_environment_goes_first(self):
        self.aws("exit 1")
        os.environ.update(AWS_ACCESS_KEY_ID="id", AWS_SECRET_ACCESS_KEY="secret", AWS_SESSION_TOKEN="token")
        self.assertEqual({"AccessKeyId": "id", "SecretAccessKey": "secret", "SessionToken": "token"}, aws_signature.credentials())

    def test_a_profiles_are_asked_for_once_and_again_before_they_end(self):
        for hours, calls in ((1, 1), (0, 3)):
            aws_signature._found = None
            end = (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=hours)).isoformat()
            self.aws(f"echo '{json.dumps({**KEYS, 'Version': 1, 'Expiration': end})}'")
            (self.folder / "calls").unlink(missing_ok=True)
            for _ in range(3):
                self.assertEqual("AKIDEXAMPLE", aws_signature.credentials()["AccessKeyId"])
            self.assertEqual(["configure export-credentials --format process"] * calls, self.calls())

    def test_none_at_all_are_told(self):
        with self.assertRaisesRegex(aws_signature.CredentialsError, "aws is not on PATH" if not pathlib.Path("/usr/bin/aws").exists() else "gives no"):
            aws_signature.credentials()
        self.aws("echo 'The profile is not there' >&2; exit 255")
        with self.assertRaisesRegex(aws_signature.CredentialsError, "gives no credentials to sign with: The profile is not there"):
            aws_signature.credentials()


if __name__ == "__main__":
    unittest.main()
