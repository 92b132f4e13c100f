"""Signs requests to a Lambda function URL (AWS Signature Version 4) with the credentials of the environment or of the AWS CLI."""

import datetime
import hashlib
import hmac
import json
import os
import re
import shutil
import subprocess
import threading
import urllib.parse

FUNCTION_URL = re.compile(r"\.lambda-url\.([a-z0-9-]+)\.on\.aws$")
# Temporary credentials are asked for anew a while before they end.
EARLY = datetime.timedelta(minutes=5)
_lock = threading.Lock()
_found = None


class CredentialsError(Exception):
    pass


def region_of(url: str) -> "str | None":
    """The region of a function URL; None for any other address."""
    found = FUNCTION_URL.search(urllib.parse.urlsplit(url).hostname or "")
    return found and found.group(1)


def credentials() -> dict:
    """AccessKeyId, SecretAccessKey and, of temporary ones, SessionToken."""
    if os.environ.get("AWS_ACCESS_KEY_ID") and os.environ.get("AWS_SECRET_ACCESS_KEY"):
        return {"AccessKeyId": os.environ["AWS_ACCESS_KEY_ID"], "SecretAccessKey": os.environ["AWS_SECRET_ACCESS_KEY"],
                "SessionToken": os.environ.get("AWS_SESSION_TOKEN")}
    global _found
    with _lock:
        if _found is None or _ends_soon(_found):
            _found = _exported()
        return _found


def _ends_soon(found: dict) -> bool:
    if not found.get("Expiration"):
        return False
    end = datetime.datetime.fromisoformat(found["Expiration"].replace("Z", "+00:00"))
    return datetime.datetime.now(datetime.timezone.utc) > end - EARLY


def _exported() -> dict:
    if shutil.which("aws") is None:
        raise CredentialsError("AWS_ACCESS_KEY_ID or AWS_SECRET_ACCESS_KEY is not set, and aws is not on PATH; one of the two is needed to sign requests.")
    done = subprocess.run(["aws", "configure", "export-credentials", "--format", "process"], stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, check=False)
    try:
        return json.loads(done.stdout)
    except ValueError:
        reason = (done.stderr.strip().splitlines() or ["it says nothing"])[-1]
        raise CredentialsError(f"'aws configure export-credentials' (AWS CLI 2) gives no credentials to sign with: {reason}") from None


def headers(method: str, url: str, region: str, found: dict, now: "datetime.datetime | None" = None, service: str = "lambda") -> dict:
    """The headers that sign a request without a body."""
    now = now or datetime.datetime.now(datetime.timezone.utc)
    parts = urllib.parse.urlsplit(url)
    moment, nothing = now.strftime("%Y%m%dT%H%M%SZ"), hashlib.sha256(b"").hexdigest()
    signed = {"host": parts.netloc, "x-amz-date": moment}
    if found.get("SessionToken"):
        signed["x-amz-security-token"] = found["SessionToken"]
    names = ";".join(sorted(signed))
    pairs = sorted(urllib.parse.parse_qsl(parts.query, keep_blank_values=True))
    query = "&".join(f"{urllib.parse.quote(name, safe='-_.~')}={urllib.parse.quote(value, safe='-_.~')}" for name, value in pairs)
    # The path as it is sent, encoded once more: only S3 does without.
    canonical = "\n".join([method, urllib.parse.quote(parts.path or "/", safe="/-_.~"), query,
                           *(f"{name}:{signed[name]}" for name in sorted(signed)), "", names, nothing])
    scope = f"{moment[:8]}/{region}/{service}/aws4_request"
    key = f"AWS4{found['SecretAccessKey']}".encode()
    for part in (*scope.split("/")[:3], "aws4_request", f"AWS4-HMAC-SHA256\n{moment}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    sent = {name: value for name, value in signed.items() if name != "host"}
    sent["Authorization"] = f"AWS4-HMAC-SHA256 Credential={found['AccessKeyId']}/{scope}, SignedHeaders={names}, Signature={key.hex()}"
    return sent
