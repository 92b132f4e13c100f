"""Reads a video frame by frame. PyAV is loaded by name, in the process that conforms alone (conformer.py)."""

import collections
import itertools
import os
import stat

# Of each extension the one demuxer that may read it: a file cannot pass for a play-list that names other files.
FORMATS = {".mp4": "mov", ".mov": "mov", ".avi": "avi", ".mkv": "matroska"}
_BT601 = (None, 2, 5, 6)  # AVCOL_SPC_*: unknown, BT.470 BG, SMPTE 170M
_FULL_RANGE = 2


class Invalid(Exception):
    """The sample cannot be conformed; the text names the file and says why."""


def is_regular(path):
    """Whether there is a regular file, not by way of a link."""
    try:
        return stat.S_ISREG(os.lstat(path).st_mode)
    except OSError:
        return False


class VideoSource:
    """A video's frames, decoded one after another as often as they are asked for.

    path: absolute. Raises Invalid if nothing can be decoded.

    frames: how many can be decoded; rate: frames a second, a Fraction above 0.
    """

    def __init__(self, path):
        self._path = path
        self._name = os.path.basename(path)
        self.rate = None
        # By the packets, which costs next to nothing; a file that was cut short has more of them than frames.
        self.frames = self._count()

    def pictures(self):
        """Yields every frame as an array of height x width x 3, BGR, 0 to 255. Raises Invalid."""
        for frame in _decoded(self._path):
            yield bgr(frame)

    def first(self):
        """The first frame, as one of ``pictures``. Raises Invalid."""
        return next(self.pictures())

    def chosen(self, count):
        """Yields ``count`` frames, evenly chosen, the first and the last among them: (one of ``pictures``, the lines in which
        it may differ from the one before, a slice); one that is shown again is the same array. Raises Invalid."""
        import numpy
        given, before = 0, None
        for frame, times in spread(_decoded(self._path), self.frames, count):
            picture = bgr(frame)
            if before is None or not numpy.array_equal(picture, before):
                before = picture
            yield from itertools.repeat((before, slice(0, len(before))), times)
            given += times
        if given < count:
            decoded = sum(1 for _ in _decoded(self._path))
            raise Invalid(f"{self._name}: of its {self.frames} frames {decoded} can be decoded.")

    def _count(self):
        import av
        try:
            with _open(self._path) as container:
                if not container.streams.video:
                    raise Invalid(f"{self._name}: it has no video stream.")
                stream = container.streams.video[0]
                self.rate = stream.average_rate or stream.base_rate
                count = sum(1 for packet in container.demux(stream) if packet.size)
        except (av.error.FFmpegError, ValueError, IndexError) as error:
            raise Invalid(f"{self._name}: it could not be decoded: {error}") from None
        if not count:
            raise Invalid(f"{self._name}: it has no frame.")
        if not self.rate or self.rate <= 0:
            raise Invalid(f"{self._name}: it does not say how many frames a second it has.")
        return count


def evenly(frames, count):
    """The numbers of ``count`` frames of ``frames``, evenly spaced, the first and the last among them where there is room
    for both; some of them repeated where there are fewer."""
    if count == 1:
        return [0]
    steps, half = count - 1, (count - 1) // 2
    return [(number * (frames - 1) + half) // steps for number in range(count)]


def spread(frames, number, count):
    """Yields (frame, how often) of those that :func:`evenly` chooses among ``number`` frames; fewer if there are not so many."""
    times = collections.Counter(evenly(number, count))
    for place, frame in enumerate(frames):
        if place in times:
            yield frame, times[place]


def _decoded(path):
    import av
    try:
        with _open(path) as container:
            stream = container.streams.video[0]
            stream.thread_type = "NONE"
            stream.codec_context.thread_count = 1
            yield from container.decode(stream)
    except (av.error.FFmpegError, ValueError, IndexError) as error:
        raise Invalid(f"{os.path.basename(path)}: it could not be decoded: {error}") from None


def _open(path):
    import av
    return av.open(path, format=FORMATS[os.path.splitext(path)[1]], container_options={"protocol_whitelist": "file"})


def bgr(frame):
    """A frame of PyAV as an array of height x width x 3, BGR, 0 to 255."""
    import cv2
    # Older versions of PyAV do not tell range and matrix.
    usual = frame.format.name == "yuv420p" and getattr(frame, "color_range", 0) != _FULL_RANGE \
        and getattr(frame, "colorspace", None) in _BT601
    if usual and frame.width % 2 == 0 and frame.height % 2 == 0:
        # More exact than swscale's own conversion, which darkens white by two or three steps.
        return cv2.cvtColor(frame.to_ndarray(), cv2.COLOR_YUV2BGR_I420)
    return frame.to_ndarray(format="bgr24")
