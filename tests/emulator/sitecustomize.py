"""Python imports this when it starts, because the tests put this folder on moto_server's PYTHONPATH.

S3 accepts exactly one of many simultaneous writes with `If-None-Match: *`. moto_server looks for the object first and writes it afterwards,
on a thread for each request, so two writers can both be told that they were the first. One lock around both steps restores S3's promise.
"""

import threading

from moto.s3.responses import S3Response

_WRITES = threading.Lock()


def _one_at_a_time(write):
    def locked(*arguments, **options):
        with _WRITES:
            return write(*arguments, **options)
    return locked


S3Response.put_object = _one_at_a_time(S3Response.put_object)
S3Response.complete_multipart_upload = _one_at_a_time(S3Response.complete_multipart_upload)
