"""Brings a sample's video and stills into the form that a job asks for.

docs/videos.md describes the result, decision 0024 the choices. NumPy, OpenCV, Pillow and PyAV are loaded by name, in
the process that conforms alone (conformer.py).
"""

import os

from . import captured_video
from .captured_video import CapturedSource
from .video_source import FORMATS, Invalid, VideoSource, ends, is_regular

VIDEO = "ground_truth"
STILLS = ("first_frame.png", "final_frame.png")
ORIGINALS = "original"

# As the job's own fields allow (VideoSpec.cs); here for what follows from the sample.
MOST_FRAMES = 2000
MOST_PIXELS = 2048  # a side
_NOISE = 40         # of 255
_DEPTH = 4          # folders between the output and its tasks, as OutputSearch.cs looks

# Constant quality: of a picture of a puzzle nothing is lost that can be seen. The fastest preset is also the nearest to
# such pictures, as it spends no bits by what an eye might not notice; it needs more of them (bench/encoders.py).
_ENCODER = {"preset": "ultrafast", "crf": "15"}
# The same bytes each time: one thread, and no macroblock tree, whose results on processors with AVX-512 depend on what
# else lies in the memory (x264 164; seen with the same pictures encoded twice in one process).
_REPEATABLE = "threads=1:lookahead-threads=1:sync-lookahead=0:mbtree=0:cabac=1"
# The matrix that a reader takes for a small video, also one that does not look at what is written here.
_COLOURS = "colormatrix=smpte170m:colorprim=bt709:transfer=bt709"


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
    a lane's answer says of it: "first_frame_distance" and "final_frame_distance", of the new video's first and last
    picture from the new stills, the mean of the absolute differences of all values (0 to 255), where there are both,
    "static_video" if its pictures do not differ, and "captured": whether its frames were. Raises Invalid.

    store, sample: where frames that were captured lie, and the number of the lane's sample that they may be of.
    """
    path = _video(folder)
    source = _source(folder, path, store, sample)
    stills = {name: _read_still(folder, name) for name in STILLS if is_regular(os.path.join(folder, name))}
    first = next(source.pictures()) if source else stills.get(STILLS[0])
    if first is None:
        return {}
    size = _size(first, wanted)
    border = _border(stills.get(STILLS[0], first))
    if wanted.get("keep_original"):
        _keep(folder, [name for name in (path and os.path.basename(path), *stills) if name])
    # A still that is as it shall be keeps its bytes.
    fitted = {name: still if _has(still, size) else _fit(still, size, border) for name, still in stills.items()}
    for name, still in fitted.items():
        if still is not stills[name]:
            _write_still(folder, name, still)
    if source is None:
        return {}
    rate, count = _timing(source, wanted)
    made = os.path.join(folder, f".{VIDEO}.mp4")
    motion = Motion()
    _encode(motion.watch(_fitted(source.chosen(count), size, border)), size, rate, made)
    os.remove(path)
    os.rename(made, os.path.join(folder, f"{VIDEO}.mp4"))
    found = {"captured": isinstance(source, CapturedSource),
             **_distances(os.path.join(folder, f"{VIDEO}.mp4"), count, fitted)}
    return found if motion.seen else {**found, "static_video": True}


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


def _read_still(folder, name):
    import numpy
    from PIL import Image
    try:
        with Image.open(os.path.join(folder, name), formats=("PNG",)) as picture:
            # As trainers open it: what a picture lets shine through is dropped.
            return numpy.asarray(picture.convert("RGB"))
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise Invalid(f"{name}: it could not be decoded: {error}") from None


def _write_still(folder, name, picture):
    from PIL import Image
    made = os.path.join(folder, f".{name}")
    Image.fromarray(picture).save(made, "PNG")
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


def _has(picture, size):
    return (picture.shape[1], picture.shape[0]) == size


def _fit(picture, size, border):
    """Scales a picture into the size, keeping its aspect, and fills what is left with the border's colour."""
    import cv2
    (width, height), (down, across) = size, picture.shape[:2]
    # A side that is odd gets a line more; it is not scaled for that.
    if not (0 <= width - across <= 1 and 0 <= height - down <= 1):
        scale = min(width / across, height / down)
        across, down = (max(1, min(most, round(side * scale))) for most, side in ((width, across), (height, down)))
        picture = cv2.resize(picture, (across, down), interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)
    left, top = (width - across) // 2, (height - down) // 2
    if (across, down) != size:
        picture = cv2.copyMakeBorder(picture, top, height - down - top, left, width - across - left,
                                     cv2.BORDER_CONSTANT, value=border)
    return picture


class Motion:
    """Whether pictures that pass by differ from the first of them: in any value by more than a codec's own noise."""

    def __init__(self):
        self.seen = False

    def watch(self, pictures):
        import cv2
        first = before = None
        for picture in pictures:
            if first is None:
                first = picture
            elif not self.seen and picture is not before:
                self.seen = cv2.norm(picture, first, cv2.NORM_INF) > _NOISE
            before = picture
            yield picture


def _fitted(pictures, size, border):
    import numpy
    before = fitted = None
    for picture in pictures:
        # Of few frames each comes several times, and many videos rest.
        if picture is not before and (before is None or not numpy.array_equal(picture, before)):
            before, fitted = picture, _fit(picture, size, border)
        yield fitted


def _encode(pictures, size, rate, path):
    import av
    import cv2
    # The index in front of the pictures: a player begins before it has the whole file. No clock, no version of FFmpeg.
    options = {"movflags": "+faststart", "fflags": "+bitexact"}
    with av.open(path, "w", format="mp4", container_options=options) as container:
        stream = container.add_stream("libx264", rate=rate)
        stream.width, stream.height = size
        stream.pix_fmt = "yuv420p"
        stream.codec_context.thread_count = 1
        stream.options = {**_ENCODER, "x264-params": f"{_REPEATABLE}:{_COLOURS}"}
        before = frame = None
        for number, picture in enumerate(pictures):
            if picture is not before:
                converted = cv2.cvtColor(picture, cv2.COLOR_RGB2YUV_I420)
                before, frame = picture, av.VideoFrame.from_ndarray(converted, format="yuv420p")
            frame.pts = number
            container.mux(stream.encode(frame))
        container.mux(stream.encode())


def _distances(path, count, stills):
    """Of the video that was written, as a reader decodes it. Raises Invalid if its number of frames is wrong."""
    frames, first, last = ends(path)
    if frames != count:
        raise Invalid(f"{VIDEO}.mp4: {frames} frames were written; asked for: {count}.")
    return {f"{name[:-len('.png')]}_distance": _distance(picture, stills[name])
            for name, picture in zip(STILLS, (first, last)) if name in stills}


def _distance(picture, still):
    import cv2
    return round(cv2.norm(picture, still, cv2.NORM_L1) / picture.size, 3)
