"""Brings a sample's video and stills into the form that a job asks for.

docs/videos.md describes the result, decision 0024 the choices. NumPy, OpenCV, Pillow and PyAV are loaded by name, in
the process that conforms alone (conformer.py).
"""

import functools
import os
import zlib

from . import captured_video, encoder
from .captured_stills import LARGEST, STILLS, CapturedStills
from .captured_video import CapturedSource
from .scaling import Scaler
from .video_source import FORMATS, Invalid, VideoSource, bgr, is_regular

VIDEO = "ground_truth"
ORIGINALS = "original"

# As the job's own fields allow (VideoSpec.cs); here for what follows from the sample.
MOST_FRAMES = 2000
MOST_PIXELS = 2048  # a side
_NOISE = 40         # of 255
_DEPTH = 4          # folders between the output and its tasks, as OutputSearch.cs looks


def find(output, seed):
    """The sample's folder below a generator's output, as the worker will find it (OutputSearch.cs); None where it will
    find none or several, which is for the worker to say."""
    tasks = [(task, _folders(task)) for task in _tasks(output, 1)]
    tasks = [(task, samples) for task, samples in tasks if samples]
    if not tasks or any(len(samples) > 1 for _, samples in tasks):
        return None
    return tasks[seed % len(tasks)][1][0]


def _tasks(folder, depth):
    below = _folders(folder)
    here = [path for path in below if path.endswith("_task")]
    if here or depth == _DEPTH:
        return here
    return [task for path in below for task in _tasks(path, depth + 1)]


def _folders(path):
    with os.scandir(path) as entries:
        return sorted(entry.path for entry in entries if entry.is_dir(follow_symlinks=False))


def conform(folder, wanted, store=None, sample=None):
    """Replaces the sample's video and stills.

    wanted: "width", "height" (pixels, even), "frames", "fps", each absent for as it is; "keep_original". Returns what
    a lane's answer says of it: "first_frame_distance" and "final_frame_distance", the mean of the absolute differences
    of all values (0 to 255) between the first or last picture that the new video was encoded from, in its 4:2:0, and the
    new still, where there are both; "static_video" if its pictures do not differ; "captured": whether its frames were.
    Raises Invalid.

    store, sample: where frames that were captured lie, and the number of the lane's sample that they may be of.
    """
    path = _video(folder)
    source = _source(folder, path, store, sample)
    kept = CapturedStills.of(store, sample)
    stills = {name: _read_still(folder, name, kept) for name in STILLS if is_regular(os.path.join(folder, name))}
    first = source.first() if source else stills.get(STILLS[0])
    if first is None:
        return {}
    size = _size(first, wanted)
    scaler = Scaler(size, functools.partial(_border, stills.get(STILLS[0], first)), first.shape if source else None)
    if wanted.get("keep_original"):
        _keep(folder, [name for name in (path and os.path.basename(path), *stills) if name])
    # A still that is as it shall be keeps its bytes.
    scaled = {name: scaler.picture(still) for name, still in stills.items()}
    for name, still in scaled.items():
        if still is not stills[name]:
            _write_still(folder, name, still)
    if source is None:
        return {}
    rate, count = _timing(source, wanted)
    made = os.path.join(folder, f".{VIDEO}.mp4")
    watched = Watched(scaler.frames(source.chosen(count)))
    encoder.encode(watched, size, rate, made)
    os.remove(path)
    os.rename(made, os.path.join(folder, f"{VIDEO}.mp4"))
    found = {"captured": isinstance(source, CapturedSource), **_distances(watched, scaled)}
    return found if watched.moves else {**found, "static_video": True}


def _video(folder):
    for extension in FORMATS:
        path = os.path.join(folder, VIDEO + extension)
        if is_regular(path):
            return path
    return None


def _source(folder, path, store, sample):
    """Whatever gives the video's frames, None without a video. Other videos whose frames were captured become what the
    generator asked for."""
    import cv2
    source = None
    for found, video in captured_video.find(folder) if store is not None else ():
        if video.sample != sample:
            continue
        if found == path:
            source = CapturedSource(video, store, os.path.basename(path))
        else:
            video.write(store, found, cv2.VideoWriter)
    return source or (VideoSource(path) if path is not None else None)


def _read_still(folder, name, kept):
    import cv2
    import numpy
    from PIL import Image
    path = os.path.join(folder, name)
    try:
        if kept:
            with open(path, "rb") as file:
                found = kept.read(file.read(LARGEST))
            if found is not None:
                return found
        with Image.open(path, formats=("PNG",)) as picture:
            if picture.mode == "RGB" and "transparency" not in picture.info:
                # The same values; from Pillow to an array they are copied three times.
                found = _read_by_opencv(path)
                if found is not None:
                    return found
            # As trainers open it: what a picture lets shine through is dropped.
            return cv2.cvtColor(numpy.asarray(picture.convert("RGB")), cv2.COLOR_RGB2BGR)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise Invalid(f"{name}: it could not be decoded: {error}") from None


def _read_by_opencv(path):
    import cv2
    try:
        return cv2.imread(path, cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION)
    except cv2.error:
        return None


def _write_still(folder, name, picture):
    import cv2
    from PIL import Image
    made = os.path.join(folder, f".{name}")
    # Of drawn pictures run lengths alone make files as small, in two thirds of the time.
    Image.fromarray(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB)).save(made, "PNG", compress_type=zlib.Z_RLE)
    os.replace(made, os.path.join(folder, name))


def _keep(folder, names):
    import shutil
    place = os.path.join(folder, ORIGINALS)
    try:
        os.mkdir(place)
    except FileExistsError:
        raise Invalid(f"{ORIGINALS}: the generator writes it itself; allowed with keep_original: "
                      "a sample without it.") from None
    for name in names:
        shutil.copyfile(os.path.join(folder, name), os.path.join(place, name))


def _size(picture, wanted):
    """(width, height): as asked for, else the source's; of one side alone the other follows. Even, as 4:2:0 needs."""
    height, width = picture.shape[:2]
    sides = wanted.get("width"), wanted.get("height")
    if sides[0] is None and sides[1] is None:
        return width + width % 2, height + height % 2
    across = sides[0] or _even(sides[1] * width / height)
    down = sides[1] or _even(sides[0] * height / width)
    if max(across, down) > MOST_PIXELS:
        raise Invalid(f"{VIDEO}: of {width} x {height} pixels it would become {across} x {down}; "
                      f"allowed: at most {MOST_PIXELS} a side, so ask for both, width and height.")
    return across, down


def _even(length):
    return max(2, 2 * round(length / 2))


def _timing(source, wanted):
    """(frames a second, frames). The rate alone keeps the duration, the number of frames alone the rate."""
    rate = wanted.get("fps") or source.rate
    count = wanted.get("frames")
    if count is None:
        count = source.frames if rate == source.rate else max(1, round(source.frames * rate / source.rate))
    if count > MOST_FRAMES:
        raise Invalid(f"{VIDEO}: it would have {count} frames; allowed: at most {MOST_FRAMES}, "
                      "so ask for a number of frames.")
    return rate, count


def _border(picture):
    """The colour of most of a picture's edge: the median of each channel."""
    import numpy
    edge = numpy.concatenate((picture[0], picture[-1], picture[:, 0], picture[:, -1]))
    return [int(value) for value in numpy.median(edge, axis=0)]


class Watched:
    """Frames on their way to the encoder: the first (an array), the last, and whether any differs from the first, in some
    value by more than a codec's own noise."""

    def __init__(self, frames):
        self._frames = frames
        self.first, self.last, self.moves = None, None, False

    def __iter__(self):
        import cv2
        for frame in self._frames:
            if self.first is None:
                self.first = bgr(frame)
            elif not self.moves and frame is not self.last:
                self.moves = cv2.absdiff(bgr(frame), self.first).max() > _NOISE
            self.last = frame
            yield frame


def _distances(watched, stills):
    """Of the pictures that were encoded. To decode the whole video for them would take up to a third of all that
    conforming takes, and change the figures by less than 0.1 (docs/decisions/0024-conformed-videos.md)."""
    ends = zip(STILLS, (watched.first, bgr(watched.last)))
    return {f"{name[:-len('.png')]}_distance": _distance(picture, stills[name]) for name, picture in ends if name in stills}


def _distance(picture, still):
    import cv2
    # Of one channel and a difference the sum is a ninth of the work of OpenCV's norm.
    return round(cv2.sumElems(cv2.absdiff(picture, still).reshape(len(still), -1))[0] / still.size, 3)
