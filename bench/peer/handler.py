"""Runs the Lambda handler of a clone of Video-Reason/VBVR-DataFactory in this process: a message a line in, an answer a line out.

usage: handler.py CLONE, with AWS_ENDPOINT_URL, AWS_REGION, OUTPUT_BUCKET and GENERATORS_PATH set. Its metrics are taken without waiting.
"""

import json
import os
import sys
import time

sys.path.insert(0, sys.argv[1])

import boto3  # noqa: E402
import pydantic  # noqa: E402

if not hasattr(pydantic.BaseModel, "model_validate_json"):
    # Of pydantic 2 it uses these four names alone; Debian 12 has pydantic 1.
    import types

    pydantic.BaseModel.model_validate_json = classmethod(lambda kind, text: kind.parse_raw(text))
    pydantic.BaseModel.model_validate = classmethod(lambda kind, value: kind.parse_obj(value))
    pydantic.BaseModel.model_dump = lambda self: self.dict()
    sys.modules["pydantic_settings"] = types.SimpleNamespace(BaseSettings=pydantic.BaseSettings, SettingsConfigDict=dict)


class Metrics:
    """Stands for CloudWatch, at no cost."""

    def put_metric_data(self, **_):
        pass


class CountedS3:
    """boto3's client of the bench's S3; counts what was uploaded."""

    uploaded = 0

    def __init__(self, client):
        self._client = client

    def upload_file(self, *arguments, **named):
        self._client.upload_file(*arguments, **named)
        CountedS3.uploaded += 1


_client = boto3.client


def client(service, **named):
    # Older versions of boto3 do not read the variable themselves.
    return Metrics() if service == "cloudwatch" else CountedS3(_client(service, endpoint_url=os.environ["AWS_ENDPOINT_URL"], **named))


boto3.client = client

from vbvrdatafactory.lambda_handler.handler import handler  # noqa: E402

answers = os.fdopen(os.dup(1), "w", buffering=1)
os.dup2(2, 1)
print("ready", file=answers)
for line in sys.stdin:
    before, started = CountedS3.uploaded, time.perf_counter()
    result = handler({"Records": [{"body": line}]}, None)
    done = sum(each["samples_uploaded"] for each in result["results"])
    print(json.dumps({"seconds": time.perf_counter() - started, "samples": done, "objects": CountedS3.uploaded - before}), file=answers)
