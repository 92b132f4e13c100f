"""Writes MP4 files that browsers play, with the same bytes every time."""

import os
import sys
from contextlib import contextmanager

import cv2

# H.264 plays in every browser. Builds of OpenCV without an H.264 encoder fall back to MPEG-4
# Part 2, which every OpenCV can write.
CODECS = ("avc1", "mp4v")


class VideoFile:
    """Opens with the first frame, whose size is the video's; use it in a `with` block."""

    def __init__(self, path, fps):
        self.path, self.fps, self.frames = str(path), fps, 0
        self._writer = self._size = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self._writer is not None:
            self._writer.release()

    def add(self, rgb):
        height, width = rgb.shape[:2]
        if self._writer is None:
            # 4:2:0 colour needs even sides.
            if width % 2 or height % 2:
                raise ValueError(f"frame sides must be even, not {width} x {height}")
            self._writer = _open(self.path, self.fps, (width, height))
            self._size = (width, height)
        if (width, height) != self._size:  # OpenCV would drop the frame without a word.
            raise ValueError(f"frame is {width} x {height}, the first one was {self._size}")
        self._writer.write(cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR))
        self.frames += 1


def _open(path, fps, size):
    for codec in CODECS:
        with _quiet(), _one_processor():
            writer = cv2.VideoWriter(path, cv2.VideoWriter_fourcc(*codec), fps, size)
        if writer.isOpened():
            return writer
    raise RuntimeError(f"this OpenCV can write none of {', '.join(CODECS)}")


@contextmanager
def _one_processor():
    """x264 picks its thread count, and with it the bytes, from the processors it may use when
    it opens; OpenCV has no option for it. One processor for that moment means one thread."""
    try:
        allowed = os.sched_getaffinity(0)
        # Processes running side by side should not all pick the same processor.
        os.sched_setaffinity(0, {sorted(allowed)[os.getpid() % len(allowed)]})
    except (AttributeError, OSError):  # not Linux, or not permitted: bytes vary, frames do not
        yield
        return
    try:
        yield
    finally:
        os.sched_setaffinity(0, allowed)


@contextmanager
def _quiet():
    """A missing encoder makes OpenCV and FFmpeg complain on stderr although the fallback
    works. They write to the file descriptor itself, past Python."""
    sys.stderr.flush()
    saved = os.dup(2)
    try:
        with open(os.devnull, "wb") as nowhere:
            os.dup2(nowhere.fileno(), 2)
        yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)
