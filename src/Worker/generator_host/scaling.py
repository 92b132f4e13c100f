"""How pictures come into the size that a job asks for: their aspect is kept, and the border's colour fills what is left.

They shrink by area averaging and grow bicubically. NumPy, OpenCV and PyAV are loaded by name, in the process that
conforms alone (conformer.py).
"""

import fractions
import functools

from . import processes

# The same values on every processor; without them swscale's depend on its instructions.
_EXACT = "accurate_rnd+bitexact"


class Scaler:
    """size: (width, height), even. border: gives blue, green and red, 0 to 255, of what pictures do not fill. frame: the
    shape of the video's frames, None without a video."""

    def __init__(self, size, border, frame=None):
        self.size, self._border_of = size, border
        self._frame = frame[:2] if frame else (0, 0)
        self._canvas = self._place_of_canvas = self._planes = None

    @functools.cached_property
    def _border(self):
        return self._border_of()

    def _has(self, picture):
        """Whether the picture has the size already."""
        return (picture.shape[1], picture.shape[0]) == self.size

    def picture(self, picture):
        """A picture, an array of height x width x 3, BGR, in the size; itself if it has it."""
        import cv2
        if self._has(picture):
            return picture
        # OpenCV drops the last line of an odd side. A still that has this line loses it, to lie where its video does.
        height, width = (side - 1 if side % 2 and side - 1 == frames else side for side, frames in zip(picture.shape, self._frame))
        picture = picture[:height, :width]
        width, height, left, top = self._place(picture)
        if _grows(picture, width, height):
            # In half of OpenCV's time, plane by plane: nothing becomes of the colours.
            picture = cv2.merge([_filtered(plane, "gray", "gray", width, height) for plane in cv2.split(picture)])
        elif (width, height) != (picture.shape[1], picture.shape[0]):
            picture = cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA)
        if self._has(picture):
            return picture
        across, down = self.size
        return cv2.copyMakeBorder(picture, top, down - height - top, left, across - width - left,
                                  cv2.BORDER_CONSTANT, value=self._border)

    def frames(self, pictures):
        """Yields each picture in the size as an av.VideoFrame, yuv420p; the same one again for the same array. pictures: as
        CapturedVideo.stored yields them. Nothing of a picture is needed any more when the next one is asked for."""
        before = frame = None
        for picture, lines in pictures:
            if picture is not before:
                before, frame = picture, _frame(self._yuv(picture, lines))
            yield frame

    def _place(self, picture):
        """(width, height, left, top) of a picture within the size; of one that is scaled all are even, as a colour of 4:2:0
        lies on two by two pixels."""
        (across, down), (height, width) = self.size, picture.shape[:2]
        # A side that is odd gets a line more; it is not scaled for that.
        if 0 <= across - width <= 1 and 0 <= down - height <= 1:
            return width, height, 0, 0
        scale = min(across / width, down / height)
        width, height = (max(2, min(most, 2 * round(side * scale / 2))) for most, side in ((across, width), (down, height)))
        return width, height, (across - width) // 4 * 2, (down - height) // 4 * 2

    def _yuv(self, picture, lines):
        """A picture in the size, an array of 3/2 height x width: the planes Y, U and V of 4:2:0, until the next is asked for.
        lines: in which it may differ from the one before, a slice."""
        import cv2
        if self._has(picture):
            self._planes = _converted(picture, lines, self._planes)
            return self._planes
        place, (down, across) = self._place(picture), picture.shape[:2]
        width, height, *_ = place
        # The same filter as that of stills; swscale makes 4:2:0 on the way.
        if _grows(picture, width, height):
            return self._framed(_filtered(picture, "bgr24", "yuv420p", width, height), place)
        # To shrink by a fraction swscale takes a third of OpenCV's time.
        if width < across and height < down and (across % width or down % height) and not (across % 2 or down % 2):
            planes = cv2.cvtColor(picture, cv2.COLOR_BGR2YUV_I420)
            return self._framed(_filtered(planes, "yuv420p", "yuv420p", width, height), place)
        return cv2.cvtColor(self.picture(picture), cv2.COLOR_BGR2YUV_I420)

    def _framed(self, planes, place):
        """Planes within those of the border's colour."""
        import cv2
        import numpy
        (across, down), (width, height, left, top) = self.size, place
        if (width, height) == self.size:
            return planes
        if self._place_of_canvas != place:
            border = numpy.full((down, across, 3), self._border, numpy.uint8)
            self._canvas, self._place_of_canvas = cv2.cvtColor(border, cv2.COLOR_BGR2YUV_I420), place
        self._canvas[top:top + height, left:left + width] = planes[:height]
        _colours(self._canvas)[:, top // 2:(top + height) // 2, left // 2:(left + width) // 2] = _colours(planes)
        return self._canvas


def _converted(picture, lines, planes):
    """The planes of 4:2:0 of a picture with even sides: those of the one before, with the lines that may differ; None if there is
    none before."""
    import cv2
    if planes is None:
        return cv2.cvtColor(picture, cv2.COLOR_BGR2YUV_I420)
    top, end = lines.start & -2, lines.stop + 1 & -2  # a colour is that of two lines
    if top < end:
        found = cv2.cvtColor(picture[top:end], cv2.COLOR_BGR2YUV_I420)
        planes[top:end] = found[:end - top]
        _colours(planes)[:, top // 2:end // 2] = _colours(found)
    return planes


def _colours(planes):
    """The planes U and V of 4:2:0, an array of 3/2 height x width: a view of 2 x 1/2 height x 1/2 width."""
    down, across = planes.shape[0] * 2 // 3, planes.shape[1]
    return planes[down:].reshape(2, down // 2, across // 2)


def _frame(planes):
    """An av.VideoFrame of the planes of 4:2:0, an array of 3/2 height x width. ``from_ndarray`` takes two to nine times as long."""
    import av
    import numpy
    frame = av.VideoFrame(planes.shape[1], planes.shape[0] * 2 // 3, "yuv420p")
    values, end = planes.reshape(-1), 0
    for plane in frame.planes:
        start, end = end, end + plane.height * plane.width
        # Lines of a frame may have padding.
        lines = numpy.frombuffer(plane, numpy.uint8).reshape(plane.height, plane.line_size)
        lines[:, :plane.width] = values[start:end].reshape(plane.height, plane.width)
    return frame


def _grows(picture, width, height):
    down, across = picture.shape[:2]
    return width >= across and height >= down and (width, height) != (across, down)


def _filtered(picture, given, wanted, width, height):
    """A picture in another size, by swscale: an array of the form ``wanted`` of one of the form ``given``. Forms are "gray"
    (height x width), "bgr24" (height x width x 3) and "yuv420p" (3/2 height x width)."""
    import av
    down, across = picture.shape[:2]
    if given == "yuv420p":
        down = down * 2 // 3
    _, source, sink = _filters(across, down, given, wanted, width, height)
    try:
        source.push(av.VideoFrame.from_ndarray(picture, format=given))
        return sink.pull().to_ndarray()
    except BaseException:
        _filters.cache_clear()  # nobody knows what they hold
        raise


@functools.lru_cache(maxsize=2)  # samples of a generator mostly have one size, and filters leave memory to the collector
def _filters(across, down, given, wanted, width, height):
    """libavfilter's filters that do so: their graph, where pictures go in, where they come out."""
    import av.filter
    graph = av.filter.Graph()  # to be kept: in some versions of PyAV its filters do not keep it
    with processes.on(processes.processors()[:1]):  # FFmpeg makes threads for all that it finds
        source = graph.add_buffer(width=across, height=down, format=given, time_base=fractions.Fraction(1, 1000))
        scaler = "area" if width < across else "bicubic"
        steps = (graph.add("scale", f"{width}:{height}:flags={scaler}+{_EXACT}"), graph.add("format", wanted), graph.add("buffersink"))
        for before, after in zip((source, *steps), steps):
            before.link_to(after)
        graph.configure()
    return graph, source, steps[-1]
