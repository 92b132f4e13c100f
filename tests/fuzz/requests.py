"""Makes the requests: an operation, values for its places, somebody who sends it."""

import dataclasses
import json
import random
from urllib.parse import quote

from product import unused_key

NUMBERS = [-1, 0, 1, 2, 3, 1.5, -2**31, 2**31, 2**63, 10**400, True]
TEXTS = ["", " ", "x", "null", "-1", "ok-generator", "../../etc/passwd", "a/b", "%", "%00", "a\0b", "ä€\U0001F600", "\u202e", "a" * 300, "a" * 5000, "<script>", "'\"", "\r\nX: y",
         "20261123-130501-9f3c2a7b", "adhoc-5", "all", "1e9", "true", "eyJhIjoxfQ", "AAAA"]
TYPES = ["application/json", "application/json; charset=utf-8", "application/json; charset=utf-16", "text/plain", "", "application/xml", "multipart/form-data"]


@dataclasses.dataclass
class Request:
    method: str
    route: str
    target: str
    operation: "dict | None"
    headers: list
    body: "bytes | None"

    def __str__(self) -> str:
        headers = [(name, "..." if "vmd_" in value else value[:100]) for name, value in self.headers]
        return f"{self.method} {self.target[:300]} {headers} {None if self.body is None else self.body[:300]}"


class Requests:
    def __init__(self, document: dict, chance: random.Random, product):
        self._document, self._chance, self._product = document, chance, product
        self._all = [(method.upper(), route, operation) for route, methods in document["paths"].items() for method, operation in methods.items()]
        self.operations = len(self._all)
        self._turn = 0

    def next(self) -> Request:
        chance = self._chance
        method, route, operation = self._all[self._turn % len(self._all)]
        self._turn += 1
        parameters = operation.get("parameters", [])
        target = self._path(route, 0.2 if method == "DELETE" else 0.7)
        target += self._query([one for one in parameters if one["in"] == "query"])
        headers = self._headers([one for one in parameters if one["in"] == "header"])
        body = self._body(operation) if "requestBody" in operation else b"x" if method != "HEAD" and chance.random() < 0.02 else None
        if body is not None and chance.random() < 0.95:
            headers.append(("Content-Type", "application/json" if chance.random() < 0.9 else chance.choice(TYPES)))
        if chance.random() < 0.01:
            # No operation of the document.
            return Request(chance.choice(["PUT", "PATCH", "TRACE", "FOO"]), route, target, None, headers, body)
        return Request(method, route, target, operation, headers, body)

    def learn(self, request: Request, status: int, content) -> None:
        """Takes up the ids of what a request has made, as other requests delete them."""
        if status == 202 and request.route == "/v1/jobs":
            self._product.jobs.append(content["id"])
        elif status == 201 and request.route == "/v1/keys":
            self._product.keys.append(content["id"])
        elif status == 200 and request.method == "GET" and request.route == "/v1/dead-letters":
            self._product.letters[:] = [letter["id"] for letter in content["items"]]

    def _path(self, route: str, known: float) -> str:
        """The path, in whose places stands what there is with the probability ``known``."""
        parts = []
        for part in route.split("/"):
            if not part.startswith("{"):
                parts.append(part)
                continue
            value = self._place(part.strip("{}"), known)
            # An empty part, or one of dots, makes the path another one.
            if value.strip(".") == "":
                value = "x"
            parts.append(quote(value, safe="/" if part == "{path}" else ""))
        return "/".join(parts)

    def _place(self, name: str, probability: float) -> str:
        known = {"id": self._product.jobs, "path": self._product.files, "letter": self._product.letters, "key": self._product.keys,
                 "name": ["ok-generator", "raises-generator", "configured-generator"]}[name]
        return self._chance.choice(known) if known and self._chance.random() < probability else self._chance.choice(TEXTS)

    def _query(self, parameters: list) -> str:
        chance, pairs = self._chance, []
        for one in parameters:
            if chance.random() < 0.5:
                pairs.append((one["name"], self._good(one["schema"]) if chance.random() < 0.5 else chance.choice(TEXTS)))
            if chance.random() < 0.03:
                pairs.append((one["name"], "1"))
        if chance.random() < 0.05:
            pairs.append((chance.choice(TEXTS), chance.choice(TEXTS)))
        return "?" + "&".join(f"{quote(str(name))}={quote(str(value))}" for name, value in pairs) if pairs else ""

    def _headers(self, parameters: list) -> list:
        chance, headers = self._chance, []
        who = chance.random()
        if who < 0.8:
            headers.append(("Authorization", f"Bearer {self._product.admin}"))
        elif who < 0.9:
            headers.append(("X-Api-Key", self._product.reader))
        elif who < 0.95:
            headers.append(("Authorization", chance.choice([f"Bearer {unused_key('nobody')}", "Bearer", "Basic YTpi", "Bearer a.b.c", "Bearer " + "x" * 4000, "vmd_x"])))
        for one in parameters:
            if chance.random() < 0.4:
                value = chance.choice(TEXTS).encode("ascii", "replace").decode()
                headers.append((one["name"], "".join(letter for letter in value if letter.isprintable())))
        for name, values in (("Accept", ["text/html", "image/png", "*/*", "garbage"]), ("Range", ["bytes=0-3", "bytes=-0", "bytes=9-1", "bytes=99999999-", "x"]),
                             ("If-None-Match", ["*", '"x"', "x"]), ("If-Modified-Since", ["Sat, 28 Nov 2026 00:00:00 GMT", "x"]), ("Origin", ["https://example.org"])):
            if chance.random() < 0.05:
                headers.append((name, chance.choice(values)))
        return headers

    def _body(self, operation: dict) -> bytes:
        chance = self._chance
        kind = chance.random()
        schema = operation["requestBody"]["content"]["application/json"]["schema"]
        if kind < 0.1:
            return chance.choice([b"", b"{", b"null", b"[]", b'"x"', b"{}", b"[" * 2000, b'{"a":' * 100 + b"1" + b"}" * 100, b"\xff\xfe{}", b'{"samples": 1e999}',
                                  b'{"samples":1,"samples":2}', b'{"generators":["ok-generator"],"samples":1}x', b" " * (1 << 20) + b"{}", b'{"\\ud800":1}'])
        good = self._good(schema)
        if isinstance(good, dict) and kind < 0.6:
            for _ in range(chance.randrange(1, 3)):
                name = chance.choice([*good, chance.choice(TEXTS)]) if good else chance.choice(TEXTS)
                good[name] = chance.choice([None, [], {}, [None], {"a": 1}, chance.choice(NUMBERS), chance.choice(TEXTS), [chance.choice(TEXTS)]])
                if chance.random() < 0.2:
                    del good[name]
        return json.dumps(good).encode()

    def _good(self, schema: dict, name: str = ""):
        """A value that the schema allows, small enough that its job is done in a moment."""
        chance = self._chance
        if "$ref" in schema:
            return self._good(self._document["components"]["schemas"][schema["$ref"].rpartition("/")[2]], name)
        if name == "generators":
            return chance.choice([["ok-generator"], ["repeats-generator"], [{"name": "configured-generator", "parameters": {}}], ["ok-generator", "raises-generator"]])
        if name == "webhook_url":
            return "http://127.0.0.1:9/hook"
        if "enum" in schema:
            return chance.choice(schema["enum"])
        kinds = schema.get("type", "object")
        kind = [one for one in ([kinds] if isinstance(kinds, str) else kinds) if one != "null"][0]
        if kind == "object":
            required = schema.get("required", [])
            return {key: self._good(value, key) for key, value in schema.get("properties", {}).items() if key in required or chance.random() < 0.3}
        if kind == "array":
            return [self._good(schema["items"])] if "items" in schema else []
        if kind in ("integer", "number"):
            least = schema.get("minimum", 0)
            return least + chance.randrange(min(3, schema.get("maximum", 3) - least + 1))
        if kind == "boolean":
            return chance.random() < 0.5
        return "2030-01-01T00:00:00Z" if schema.get("format") == "date-time" else "name"
