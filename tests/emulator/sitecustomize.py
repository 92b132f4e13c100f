"""Python imports this when it starts, because the tests put this folder on moto_server's PYTHONPATH.

Two things that AWS promises and moto_server lacks:

- S3 accepts exactly one of many simultaneous writes with `If-None-Match: *`. moto_server looks for the object first and writes it
  afterwards, on a thread for each request, so two writers can both be told that they were the first. One lock around both steps restores
  the promise.
- SQS takes a message in the same time however many it holds. moto_server counts the whole queue three times for each, with calendar
  arithmetic for every message counted, and searches every service it knows for each request, all on one processor: 64 requests of ten
  messages to a queue of 600 kept it from answering anybody for 90 seconds.
"""

import functools
import logging
import threading
import time

from moto.moto_server.werkzeug_app import DomainDispatcherApplication
from moto.s3.responses import S3Response
from moto.sqs import models

_WRITES = threading.Lock()
_SENDING = threading.local()


def _one_at_a_time(write):
    def locked(*arguments, **options):
        with _WRITES:
            return write(*arguments, **options)
    return locked


# Versions name the end of a multipart upload differently.
for _name in ("put_object", "complete_multipart_upload", "_key_response_post"):
    if hasattr(S3Response, _name):
        setattr(S3Response, _name, _one_at_a_time(getattr(S3Response, _name)))


def _without_counts(send):
    def sending(*arguments, **options):
        _SENDING.now = True
        try:
            return send(*arguments, **options)
        finally:
            _SENDING.now = False
    return sending


_attributes = models.Queue.attributes
# A send reads one attribute, which only a FIFO queue has; there are none here.
models.Queue.attributes = property(lambda queue: {} if getattr(_SENDING, "now", False) else _attributes.fget(queue))
models.SQSBackend.send_message = _without_counts(models.SQSBackend.send_message)
_unix_time_millis = models.unix_time_millis
models.unix_time_millis = lambda moment=None: time.time() * 1000 if moment is None else _unix_time_millis(moment)
DomainDispatcherApplication.get_backend_for_host = functools.lru_cache(maxsize=256)(DomainDispatcherApplication.get_backend_for_host)
# A line for each request costs as much as some answers.
logging.getLogger("werkzeug").setLevel(logging.WARNING)
