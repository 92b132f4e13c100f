"""Encodes pictures as H.264 in an MP4 file, the same bytes each time.

A picture that is shown again is not encoded again. A P picture that skips every macroblock repeats the one before it,
and but for its number it is the same twenty bytes in every video of a size: x264 makes them once. PyAV is loaded by
name, in the process that conforms alone (conformer.py).
"""

import collections
import functools
import io

# A fixed quantizer: of a picture of a puzzle nothing is lost that can be seen. The fastest preset is also the nearest
# to such pictures, as it spends no bits by what an eye might not notice. A constant rate factor takes a third more time,
# for reckoning how hard each picture is, and makes larger files (bench/encoders.py).
_QUALITY = {"preset": "ultrafast", "qp": "10"}
# The same bytes each time: one thread, and no macroblock tree, whose results on processors with AVX-512 depend on what
# else lies in the memory (x264 164; seen with the same pictures encoded twice in one process).
_REPEATABLE = "threads=1:lookahead-threads=1:sync-lookahead=0:mbtree=0:cabac=1"
# The matrix that a reader takes for a small video, also one that does not look at what is written here.
_COLOURS = "colormatrix=smpte170m:colorprim=bt709:transfer=bt709"
# The index in front of the pictures: a player begins before it has the whole file. No clock, no version of FFmpeg.
_CONTAINER = {"movflags": "+faststart", "fflags": "+bitexact"}

KEY_INTERVAL = 250  # frames from a key picture to the next at most, which is x264's own default


def encode(frames, size, rate, path):
    """Writes frames, each an av.VideoFrame of yuv420p; the same one again repeats it. size: (width, height), even; rate:
    frames a second."""
    import av
    with av.open(path, "w", format="mp4", container_options=_CONTAINER) as container:
        stream = _stream(container, size, rate)
        shown = _Shown(container, stream, _repetition(size))
        before, key = None, 0
        for number, frame in enumerate(frames):
            if frame is before and number - key < KEY_INTERVAL and shown.repeat():
                continue
            frame.pts, before = number, frame
            frame.pict_type = av.video.frame.PictureType.NONE
            if number - key == KEY_INTERVAL:
                frame.pict_type, key = av.video.frame.PictureType.I, number
            shown.add(stream.encode(frame))
        shown.end(stream.encode())


def _stream(container, size, rate):
    stream = container.add_stream("libx264", rate=rate)
    stream.width, stream.height = size
    stream.pix_fmt = "yuv420p"
    stream.codec_context.thread_count = 1
    stream.options = {**_QUALITY, "x264-params": f"{_REPEATABLE}:{_COLOURS}"}
    return stream


class _Shown:
    """Writes packets, each as often as its picture is shown. The encoder gives them in order, but some pictures later.

    repetition: the packet that repeats the picture before it, None without one.
    """

    def __init__(self, container, stream, repetition):
        self._container, self._stream, self._repetition = container, stream, repetition
        self._packets = collections.deque()
        self._times = collections.deque()  # of the packets, and of those that are to come
        self._number = 0                   # pictures since the last key picture

    def repeat(self):
        """Whether the last picture is shown once more without being encoded."""
        if self._repetition is not None:
            self._times[-1] += 1
        return self._repetition is not None

    def add(self, packets):
        """packets: what came of the next picture's encoding, of whichever pictures."""
        self._times.append(1)
        self._packets.extend(packets)
        while self._packets and len(self._times) > 1:  # the last picture may be shown again
            self._write()

    def end(self, packets):
        self._packets.extend(packets)
        while self._packets:
            self._write()

    def _write(self):
        import av
        packet = self._packets.popleft()
        self._number = 0 if packet.is_keyframe else self._number + 1
        if not packet.is_keyframe and self._repetition is not None:
            packet.update(_numbered(bytes(packet), self._number))  # the encoder does not know of repetitions
        at, time_base = packet.pts, packet.time_base
        self._container.mux(packet)
        for later in range(1, self._times.popleft()):
            self._number += 1
            again = av.Packet(_numbered(self._repetition, self._number))
            again.pts = again.dts = at + later
            again.time_base, again.stream = time_base, self._stream
            self._container.mux(again)


@functools.lru_cache(maxsize=16)
def _repetition(size):
    """The packet, bytes, that repeats the picture before it in a video of a size; None if this x264 writes its packets in
    another way than ``_numbered`` takes for granted, so that every picture is to be encoded."""
    import av
    import numpy
    width, height = size
    grey = av.VideoFrame.from_ndarray(numpy.full((height * 3 // 2, width), 128, numpy.uint8), format="yuv420p")
    with av.open(io.BytesIO(), "w", format="mp4") as container:
        stream, packets = _stream(container, size, 1), []
        for number in range(3):
            grey.pts = number
            packets += stream.encode(grey)
        key, *others = packets + stream.encode()
        container.mux(key)  # a file is to have something
    others = [bytes(packet) for packet in others]
    if len(others) == 2 and all(_is_numbered(packet, number) for number, packet in enumerate(others, 1)):
        return others[0]
    return None


# A packet is a start code of four bytes and a slice (ITU-T H.264, 7.3.3): a byte for the unit's type (1), then, bit by
# bit, 1 for the first macroblock, 00110 for nothing but P slices, 1 for parameter set 0, and in four bits the picture's
# number since the last key picture, of 16. The five bits that follow are not all 0, so neither of the two bytes is, and
# no other number makes anything of them that would have to be escaped.
_HEAD = b"\0\0\0\1\x41"


def _is_numbered(packet, number):
    head = int.from_bytes(packet[5:7], "big")
    return packet.startswith(_HEAD) and head >> 9 == 0b1001101 and head & 31 != 0 and head >> 5 & 15 == number % 16


def _numbered(packet, number):
    """A packet of a P picture with another number."""
    head = int.from_bytes(packet[5:7], "big") & ~(15 << 5) | number % 16 << 5
    return packet[:5] + head.to_bytes(2, "big") + packet[7:]
