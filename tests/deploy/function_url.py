"""Events and responses of a Lambda function URL (payload format 2.0 of HTTP APIs)."""

import base64
import dataclasses

DOMAIN = "abcdefgh.lambda-url.eu-west-1.on.aws"


def event(method, path, headers=None, body=None, as_base64=False):
    """What Lambda would hand out for an HTTP request; a body goes as text unless it is not UTF-8 or `as_base64` asks."""
    raw_path, _, query = path.partition("?")
    result = {
        "version": "2.0", "routeKey": "$default", "rawPath": raw_path, "rawQueryString": query, "isBase64Encoded": as_base64,
        "headers": {"host": DOMAIN, "x-forwarded-proto": "https", "x-forwarded-port": "443", "x-forwarded-for": "192.0.2.1",
                    **{name.lower(): value for name, value in (headers or {}).items()}},
        "requestContext": {
            "accountId": "anonymous", "apiId": DOMAIN.partition(".")[0], "domainName": DOMAIN, "domainPrefix": DOMAIN.partition(".")[0],
            "http": {"method": method, "path": raw_path, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1", "userAgent": "test"},
            "requestId": "00000000-0000-0000-0000-000000000000", "routeKey": "$default", "stage": "$default",
            "time": "01/Jan/2026:00:00:00 +0000", "timeEpoch": 1767225600000,
        },
    }
    # Cookies come in a field of their own.
    if cookie := result["headers"].pop("cookie", None):
        result["cookies"] = cookie.split("; ")
    if body is not None:
        result["headers"].setdefault("content-length", str(len(body)))
        result["body"] = base64.b64encode(body).decode() if as_base64 else body.decode()
    return result


@dataclasses.dataclass
class HttpResponse:
    status: int
    headers: dict
    body: bytes
    is_base64: bool = False
    cookies: tuple = ()


def response(payload):
    """The HTTP response that Lambda would make of a function's payload."""
    body = payload.get("body") or ""
    is_base64 = payload.get("isBase64Encoded", False)
    headers = {name.lower(): value for name, value in (payload.get("headers") or {}).items() if value is not None}
    return HttpResponse(payload["statusCode"], headers, base64.b64decode(body) if is_base64 else body.encode(), is_base64,
                        tuple(payload.get("cookies") or ()))
