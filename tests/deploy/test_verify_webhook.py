import base64
import hashlib
import hmac
import json
import subprocess
import sys
import time
import unittest
import urllib.error
import urllib.request

import scripts

sys.path.insert(0, str(scripts.ROOT / "scripts"))
from verify_webhook import WrongSignature, verify  # noqa: E402

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OTHER = "whsec_" + base64.b64encode(bytes(range(24))).decode()
# The vector that the reference libraries of the specification share.
HEADERS = {"webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek", "webhook-timestamp": "1614265330",
           "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="}
BODY = b'{"test": 2432232314}'
THEN = 1614265330


class VerifyTests(unittest.TestCase):
    def check_wrong(self, reason, secret=SECRET, body=BODY, now=THEN, **headers):
        with self.assertRaisesRegex(WrongSignature, reason):
            verify(secret, {**HEADERS, **{name.replace("_", "-"): value for name, value in headers.items()}}, body, now)

    def test_right_signature(self):
        self.assertEqual({"test": 2432232314}, verify(SECRET, HEADERS, BODY, THEN))

    def test_any_secret_and_any_signature(self):
        several = {**HEADERS, "webhook-signature": f"v1a,AAAA v1,AAAA {HEADERS['webhook-signature']}"}
        verify(f"{OTHER} {SECRET}", several, BODY, THEN)

    def test_wrong_signature(self):
        self.check_wrong("no signature is right", secret=OTHER)
        self.check_wrong("no signature is right", body=BODY + b" ")
        self.check_wrong("no signature is right", webhook_id="msg_other")
        self.check_wrong("no signature is right", webhook_timestamp=str(THEN + 1))
        self.check_wrong("no signature is right", webhook_signature=HEADERS["webhook-signature"].replace("v1", "v2"))
        self.check_wrong("no signature is right", webhook_signature="v1,\u00fc")

    def test_message_must_be_new(self):
        verify(SECRET, HEADERS, BODY, THEN + 300)
        verify(SECRET, HEADERS, BODY, THEN - 300)
        self.check_wrong("301 s ago", now=THEN + 301)
        self.check_wrong("-301 s ago", now=THEN - 301)
        self.check_wrong("no number", webhook_timestamp="soon")

    def test_headers_must_be_there(self):
        for name in HEADERS:
            with self.assertRaisesRegex(WrongSignature, "missing"):
                verify(SECRET, {key: value for key, value in HEADERS.items() if key != name}, BODY, THEN)


class ReceiverTests(unittest.TestCase):
    def test_says_of_each_message_whether_it_is_right(self):
        receiver = subprocess.Popen([sys.executable, str(scripts.ROOT / "scripts" / "verify_webhook.py"), "0"], text=True,
                                    stdout=subprocess.PIPE, env=scripts.environment(WEBHOOK_SECRET=SECRET))
        self.addCleanup(receiver.stdout.close)
        self.addCleanup(receiver.wait)
        self.addCleanup(receiver.kill)
        address = receiver.stdout.readline().split()[-1]

        body = json.dumps({"type": "job.ended", "data": {"state": "failed"}}).encode()
        timestamp = str(int(time.time()))
        key = base64.b64decode(SECRET.removeprefix("whsec_"))
        signature = base64.b64encode(hmac.new(key, f"an_id.{timestamp}.".encode() + body, hashlib.sha256).digest()).decode()
        headers = {"webhook-id": "an_id", "webhook-timestamp": timestamp, "webhook-signature": f"v1,{signature}"}
        with urllib.request.urlopen(urllib.request.Request(address, body, headers), timeout=30) as answer:
            self.assertEqual(204, answer.status)
        self.assertEqual("right: an_id job.ended failed\n", receiver.stdout.readline())

        with self.assertRaises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(urllib.request.Request(address, body + b" ", headers), timeout=30)
        self.assertEqual(401, refused.exception.code)
        refused.exception.close()
        self.assertEqual("wrong: no signature is right\n", receiver.stdout.readline())

    def test_tells_its_usage(self):
        for secret, arguments in ((SECRET, []), ("whsec_*", ["0"]), (SECRET, ["port"])):
            done = subprocess.run([sys.executable, str(scripts.ROOT / "scripts" / "verify_webhook.py"), *arguments],
                                  capture_output=True, text=True, timeout=60, env=scripts.environment(WEBHOOK_SECRET=secret))
            self.assertEqual(1, done.returncode)
            self.assertIn("WEBHOOK_SECRET=whsec_... python3 scripts/verify_webhook.py PORT", done.stderr)


if __name__ == "__main__":
    unittest.main()
