"""Captures the frames of the videos that a script writes with OpenCV, where they will be encoded anew.

A job with `video` has each video brought into its own form (conform.py). To encode it in the generator's form first, and
to decode that, would take a third of a sample's time and lose some of the pictures. So `cv2.VideoWriter` keeps the frames
in the lane's store and leaves a small file in the video's place (captured_video.py). Whoever is about to read that file
finds the video: it is encoded then, as OpenCV would have, and the sample goes the usual way.
docs/decisions/0031-captured-frames.md tells why.
"""

import importlib
import os
import sys
import threading

from . import captured_video, processes
from .captured_video import SIZE, CapturedVideo
from .still_capture import StillCapture

# They read videos without a call of Python's that could be heard.
_READERS = frozenset(("av", "decord", "torchcodec", "torchvision", "imageio", "moviepy", "skvideo"))
_EVENTS = frozenset(("open", "import", "shutil.copyfile", "subprocess.Popen", "os.posix_spawn", "os.exec", "os.system"))
_LARGEST, _FASTEST = 4096, 240  # a side in pixels; frames a second


class FrameCapture:
    """Of one runner. store: where the frames go."""

    def __init__(self, store):
        self._store, self._stills = store, StillCapture(store)
        self._pid = os.getpid()
        self._sample = self._folder = None
        self._made = False   # whether files stand in the place of videos
        self._copied = None  # a file that is about to be copied
        self._own = threading.local()  # .busy: calls that are the host's own
        self._opens = {}     # whether OpenCV can write, by ending and codec
        self._writer = self._array = None  # OpenCV's, and NumPy's
        self._installed = self._has_reader = False
        self.renew = False   # whether the process cannot capture as a new one would

    def begin(self, sample, folder):
        """Captures from now on. sample: its number in the lane; folder: below which its files lie."""
        self._store.clear()
        self._sample, self._folder, self._made, self._copied = sample, folder, False, None
        if not self._installed:
            self._installed = True
            self._install()
            self._stills.install()
        self._stills.begin(sample)

    def end(self):
        """Captures nothing any more until the next sample."""
        self._sample, self._made = None, False
        self._stills.end()

    def _install(self):
        # What is loaded later must not tell samples apart by what was drawn before them in the process.
        self._has_reader = not _READERS.isdisjoint(sys.modules)
        try:
            library, self._array = importlib.import_module("cv2"), importlib.import_module("numpy").ndarray
        except Exception:  # without them nothing is captured
            return
        self._writer = library.VideoWriter
        library.VideoWriter = _make_writer(self._writer, self)
        library.VideoCapture = _make_reader(library.VideoCapture, self)
        sys.addaudithook(self._hear)

    # For the writer

    def start(self, path, fourcc, fps, frameSize, isColor=True):
        """What a call of cv2.VideoWriter asks for, as a video to be captured; None if OpenCV is to write it. Raises
        TypeError for arguments that are none of these."""
        if self._sample is None or self._has_reader or self.renew or os.getpid() != self._pid:
            return None
        width, height = frameSize
        usual = isinstance(path, str) and type(fourcc) is int and isColor is True and fps == int(fps) \
            and 1 <= fps <= _FASTEST and all(type(side) is int and 16 <= side <= _LARGEST for side in (width, height))
        if not usual or not self._can_write(path, fourcc, (width, height)):
            return None
        try:
            open(path, "wb").close()
        except (OSError, ValueError):
            return None
        return CapturedVideo(self._sample, os.path.abspath(path), width, height, int(fps), fourcc, processes.processors())

    def _can_write(self, path, fourcc, size):
        kind = os.path.splitext(path)[1], fourcc
        if kind not in self._opens:
            writer = self._writer(path, fourcc, 10, size)
            self._opens[kind] = writer.isOpened()
            writer.release()
        return self._opens[kind]

    def add(self, video, image, last):
        """Stores what of a frame differs from the last one, an array or None; returns the frame as an array of its own, or
        None if it cannot be stored."""
        if type(image) is not self._array or image.shape != (video.height, video.width, 3) or image.dtype != "uint8":
            return None
        frame = image[:video.height & -2, :video.width & -2]
        top, end = 0, len(frame)
        if last is not None:
            lines = (frame != last).any(axis=(1, 2)).nonzero()[0]
            if not len(lines):
                video.runs[-1][1] += 1
                return last
            top, end = int(lines[0]), int(lines[-1]) + 1
        offset = self._store.append(frame[top:end].tobytes())
        if offset is None:
            return None
        video.runs.append([offset, 1, top, end - top])
        if last is None:
            return frame.copy()
        last[top:end] = frame[top:end]
        return last

    def finish(self, video):
        """Puts the file in the video's place; returns whether it could."""
        data = video.encoded() if video.runs else None
        if data is None:
            return False
        try:
            with open(video.path, "wb") as file:
                file.write(data)
        except OSError:
            return False
        self._made = True
        return True

    def is_over(self, video):
        """Whether its sample has ended."""
        return video.sample != self._sample

    def frames(self, video):
        """Yields the frames of a video."""
        return (frame for frame, _ in video.stored(self._store))

    # For whoever reads

    def before_reading(self, path):
        """Has the file be the video, if it stands in its place."""
        self._hear("open", (path, "rb", os.O_RDONLY))

    def _encode(self, path):
        video = CapturedVideo.read(os.path.realpath(path))
        if video is not None and video.sample == self._sample:
            video.write(self._store, os.path.realpath(path), self._writer)

    def _hear(self, event, arguments):
        if self._sample is None or event not in _EVENTS or getattr(self._own, "busy", False):
            return
        self._own.busy = True
        try:
            if event == "import" and arguments[0] in _READERS:
                self.renew = True  # in this process its import is not heard again
            if self._made:
                self._before(event, arguments)
        except (OSError, ValueError, TypeError):
            pass  # the script's own call finds the same
        finally:
            self._own.busy = False

    def _before(self, event, arguments):
        if event == "shutil.copyfile":
            self._copied = os.path.abspath(os.fsdecode(arguments[0]))
        elif event == "open":
            path, _, flags = arguments
            if isinstance(path, int) or flags & os.O_TRUNC or os.stat(path).st_size != SIZE:
                return
            copied, self._copied = self._copied, None
            if os.path.abspath(os.fsdecode(path)) != copied:
                self._encode(path)
        elif event == "import":
            if arguments[0] in _READERS:
                self._encode_all()
        else:
            self._encode_all(repr(arguments))

    def _encode_all(self, command=None):
        """All of the sample's files, or those that a program may be about: it need not be told their paths."""
        whole = command is None or self._folder in command or os.getcwd().startswith(self._folder)
        for path, _ in list(captured_video.find(self._folder)):
            if whole or os.path.basename(path) in command:
                self._encode(path)


class _Kind(type):
    """Of the classes below: they cannot derive from OpenCV's, which do not bear it, and stand for them."""

    def __instancecheck__(cls, instance):
        return type(instance) is cls or isinstance(instance, cls.real)

    def __getattr__(cls, name):
        return getattr(type.__getattribute__(cls, "real"), name)


def _make_writer(real_writer, capture):
    class VideoWriter(metaclass=_Kind):
        """cv2.VideoWriter, whose frames are captured where that can be."""

        real = real_writer

        def __init__(self, *arguments, **named):
            self._video = self._last = self._written = None
            if arguments or named:
                self.open(*arguments, **named)

        def open(self, *arguments, **named):
            self.release()
            try:
                self._video = capture.start(*arguments, **named)
            except (TypeError, ValueError, OverflowError):
                self._video = None  # another form of the call, or a wrong one
            if self._video is None:
                self._written = real_writer(*arguments, **named)
            return self.isOpened()

        def isOpened(self):
            return self._video is not None or self._written is not None and self._written.isOpened()

        def write(self, image):
            if self._video is not None:
                self._last = capture.add(self._video, image, self._last)
                if self._last is not None:
                    return
            self._given_up().write(image)

        def release(self):
            video = self._video
            if video is None or not (capture.is_over(video) or capture.finish(video)):
                self._given_up().release()
            self._video = self._last = None

        def __getattr__(self, name):
            if name.startswith("_"):
                raise AttributeError(name)
            return getattr(self._given_up(), name)

        def _given_up(self):
            """OpenCV's own writer, with all that was captured."""
            video, self._video, self._last = self._video, None, None
            if video is not None:
                self._written = video.open(real_writer, video.path)
                for frame in capture.frames(video):
                    self._written.write(frame)
            if self._written is None:
                self._written = real_writer()
            return self._written

        def __del__(self):
            try:
                self.release()
            except Exception:
                pass  # OpenCV's own says nothing either

    return _named(VideoWriter)


def _make_reader(real_reader, capture):
    class VideoCapture(metaclass=_Kind):
        """cv2.VideoCapture, which finds the video in the place of captured frames."""

        real = real_reader

        def __init__(self, *arguments, **named):
            _before(arguments, named)
            self._reader = real_reader(*arguments, **named)

        def open(self, *arguments, **named):
            _before(arguments, named)
            return self._reader.open(*arguments, **named)

        def __getattr__(self, name):
            if name.startswith("_"):
                raise AttributeError(name)
            return getattr(self._reader, name)

    def _before(arguments, named):
        path = arguments[0] if arguments else named.get("filename")
        if isinstance(path, str):
            capture.before_reading(path)

    return _named(VideoCapture)


def _named(kind):
    kind.__module__, kind.__qualname__ = kind.real.__module__, kind.real.__qualname__
    return kind
