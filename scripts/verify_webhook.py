#!/usr/bin/env python3
"""Receives webhooks on this machine and says of each whether its signature is right.

    WEBHOOK_SECRET=whsec_... python3 scripts/verify_webhook.py PORT

verify() is all that a receiver of your own needs. The scheme is the Standard Webhooks specification's.
"""

import base64
import binascii
import hashlib
import hmac
import http.server
import json
import os
import sys
import time

TOLERANCE_SECONDS = 300


class WrongSignature(Exception):
    """The message is not from the holder of the secret, or is not new."""


def verify(secret, headers, body, now=None):
    """The event of a message, or WrongSignature.

    secret  "whsec_...", or several parted by spaces: any of them may have signed
    headers a mapping of the request's headers; names in lower case, or one that does not mind
    body    the bytes as they came, before any JSON parser saw them
    """
    try:
        event_id, timestamp, signatures = (headers[f"webhook-{name}"] for name in ("id", "timestamp", "signature"))
    except KeyError as missing:
        raise WrongSignature(f"the header {missing} is missing") from None
    if None in (event_id, timestamp, signatures):
        raise WrongSignature("a header is missing")
    if not (timestamp.isascii() and timestamp.isdigit()):
        raise WrongSignature(f"webhook-timestamp is '{timestamp[:40]}', which is no number of seconds")
    age = (time.time() if now is None else now) - int(timestamp)
    if abs(age) > TOLERANCE_SECONDS:
        raise WrongSignature(f"it was signed {age:.0f} s ago; allowed: {TOLERANCE_SECONDS} s")
    signed = f"{event_id}.{timestamp}.".encode() + body
    for word in secret.split():
        key = base64.b64decode(word.removeprefix("whsec_"), validate=True)
        expected = "v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
        # compare_digest takes as long for a near guess as for a far one.
        if any(hmac.compare_digest(expected.encode(), given.encode()) for given in signatures.split()):
            return json.loads(body)
    raise WrongSignature("no signature is right")


class Receiver(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        try:
            event = verify(self.server.secret, self.headers, body)
            print(f"right: {self.headers['webhook-id']} {event['type']} {event['data']['state']}", flush=True)
            status = 204
        except WrongSignature as wrong:
            print(f"wrong: {wrong}", flush=True)
            status = 401
        self.send_response(status)
        self.end_headers()

    def log_message(self, *_):
        pass


def main():
    try:
        secret, port = os.environ["WEBHOOK_SECRET"], int(sys.argv[1])
        verify(secret, {"webhook-id": "", "webhook-timestamp": "0", "webhook-signature": ""}, b"", now=0)
    except WrongSignature:
        pass
    except (KeyError, IndexError, ValueError, binascii.Error):
        sys.exit(__doc__.strip())
    server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Receiver)
    server.secret = secret
    print(f"listening on http://127.0.0.1:{server.server_port}/", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass


if __name__ == "__main__":
    main()
