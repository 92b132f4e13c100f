"""A video whose frames were captured as the generator wrote them (frame_capture.py), and the file in its place.

That file says where in the store the frames lie. It can be copied, moved and renamed as the video could be. What is in
it comes from the generator's process, so nothing of it is believed unchecked.
"""

import bisect
import fractions
import itertools
import json
import os
import stat

from . import frame_store, processes
from .video_source import Invalid, evenly

SIZE = 65_536  # bytes of the file: no video, and more than a generator takes for a broken one
_MAGIC = b"The frames of this video were captured: "
_MOST_FRAMES = 100_000
_MOST = {"sample": 1 << 62, "width": 8192, "height": 8192, "rate": 240, "fourcc": (1 << 32) - 1}


class CapturedVideo:
    """sample: number of the lane's sample; path, width, height (pixels), rate (frames a second, whole) and fourcc (codec):
    as the generator opened it; processors: that its process could use then.

    runs: [offset in the store, how often the frame is shown, first line, lines] each. A frame is height x width x 3 bytes,
    BGR, without the last line of a side that is odd, which OpenCV leaves out. The store has the lines that differ from the
    frame before: most of a puzzle's picture stays as it is.
    """

    def __init__(self, sample, path, width, height, rate, fourcc, processors, runs=()):
        self.sample, self.path, self.width, self.height = sample, path, width, height
        self.rate, self.fourcc, self.processors = rate, fourcc, processors
        self.runs = list(runs)

    @property
    def frames(self):
        return sum(count for _, count, *_ in self.runs)

    def encoded(self):
        """The file's bytes; None if they would be too many."""
        data = _MAGIC + json.dumps(vars(self), separators=(",", ":")).encode()
        return data.ljust(SIZE) if len(data) <= SIZE else None

    @classmethod
    def read(cls, path):
        """The captured video whose file this is, or None."""
        try:
            found = os.stat(path, follow_symlinks=False)
            if not stat.S_ISREG(found.st_mode) or found.st_size != SIZE:
                return None
            descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
            try:
                data = os.read(descriptor, SIZE)
            finally:
                os.close(descriptor)
            if not data.startswith(_MAGIC):
                return None
            video = cls(**json.loads(data[len(_MAGIC):]))
        except (OSError, ValueError, TypeError, RecursionError):
            return None
        return video if video._is_sound() else None

    def _is_sound(self):
        return all(_is_whole(getattr(self, name), most) for name, most in _MOST.items()) \
            and min(self.width, self.height, self.rate) > 0 and isinstance(self.path, str) and "\0" not in self.path \
            and isinstance(self.processors, list) and all(_is_whole(number, 1 << 20) for number in self.processors) \
            and isinstance(self.runs, list) and all(map(self._is_run, self.runs)) and 0 < self.frames <= _MOST_FRAMES

    def _is_run(self, run):
        most = (frame_store.LIMIT, _MOST_FRAMES, self.height, self.height)
        return isinstance(run, list) and len(run) == len(most) and all(map(_is_whole, run, most)) \
            and run[1] > 0 and run[2] + run[3] <= self.height & -2

    def open(self, open_writer, path):
        """Has OpenCV open the file that the generator asked for; returns what ``open_writer`` does."""
        with processes.on(self.processors):  # x264 takes as many threads as it finds processors when it is opened
            return open_writer(path, self.fourcc, self.rate, (self.width, self.height))

    def write(self, store, path, writer):
        """Encodes the file that the generator asked for, with cv2's own ``writer``, in the place of ``path``. Raises
        OSError."""
        made = os.path.join(os.path.dirname(path), ".captured" + os.path.splitext(self.path)[1])
        video = self.open(writer, made)
        if not video.isOpened():
            raise OSError(f"{os.path.basename(path)}: it cannot be written")
        for frame, _ in self.stored(store):
            video.write(frame)
        video.release()
        os.replace(made, path)

    def stored(self, store, count=None):
        """Yields every frame, or ``count`` evenly chosen ones: (an array of height x width x 3, BGR, 0 to 255; the lines in
        which it may differ from the one before, a slice).

        A frame that is shown again is the same array; with the next other frame its values are no longer those. Raises
        OSError.
        """
        import numpy
        buffer = numpy.zeros((self.height & -2, self.width & -2, 3), numpy.uint8)
        numbers, after = None if count is None else evenly(self.frames, count), 0
        changed = slice(0, len(buffer))
        for offset, shown, top, lines in self.runs:
            store.read(offset, buffer[top:top + lines].reshape(-1).data)
            before, after = after, after + shown
            if numbers is not None:
                shown = bisect.bisect_left(numbers, after) - bisect.bisect_left(numbers, before)
            changed = slice(min(top, changed.start), max(top + lines, changed.stop))
            yield from itertools.repeat((buffer[:], changed), shown)
            if shown:
                changed = slice(len(buffer), 0)  # none


def find(folder):
    """Yields (path, captured video) of every such file below a folder, of whatever depth."""
    waiting = [folder]
    while waiting:
        try:
            with os.scandir(waiting.pop()) as entries:
                found = list(entries)
            waiting.extend(entry.path for entry in found if entry.is_dir(follow_symlinks=False))
        except OSError:
            continue  # it is gone, or its path is too long for any file in it
        for entry in found:
            video = CapturedVideo.read(entry.path)
            if video is not None:
                yield entry.path, video


class CapturedSource:
    """The frames of a captured video, as VideoSource gives those of a file: frames, rate, first, chosen. A frame's values
    are those of the next one when that is asked for."""

    def __init__(self, video, store, name):
        self._video, self._store, self._name = video, store, name
        self.frames = video.frames
        self.rate = fractions.Fraction(video.rate)

    def first(self):
        """The first frame, an array of height x width x 3, BGR, 0 to 255. Raises Invalid."""
        return next(self.chosen(None))[0]

    def chosen(self, count):
        """Yields ``count`` frames, evenly chosen, the first and the last among them, as CapturedVideo.stored does. Raises
        Invalid."""
        try:
            yield from self._video.stored(self._store, count)
        except OSError as error:
            raise Invalid(f"{self._name}: {error}") from None


def _is_whole(value, most):
    return type(value) is int and 0 <= value <= most
