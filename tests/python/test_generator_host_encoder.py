"""Pictures that are shown again cost the encoder nothing, and every reader finds them all."""

import importlib.util
import os
import random
import tempfile
import unittest
from unittest import mock

import generator_host_client  # noqa: F401  (it makes the host's modules importable)

from generator_host import encoder

HAS_PYAV = importlib.util.find_spec("av") is not None
SIZES = [(2, 2), (16, 16), (18, 34), (128, 96), (514, 258), (1920, 1080)]


def frame(size, shift):
    """A picture in an av.VideoFrame; another ``shift``, another picture."""
    import av
    import cv2
    import numpy
    width, height = size
    picture = numpy.full((height, width, 3), 255, numpy.uint8)
    picture[:, ::7] = 40
    picture[shift % height] = (30 + shift % 200, 220 - shift % 150, 90)
    cv2.circle(picture, (width // 2 + shift % 5, height // 2), min(size) // 4, (200, shift % 256, 20), -1)
    return av.VideoFrame.from_ndarray(cv2.cvtColor(picture, cv2.COLOR_BGR2YUV_I420), format="yuv420p")


def repeated(runs, size=(128, 96)):
    """Frames of runs of pictures: each (which picture, how often it is shown)."""
    return [same for shift, times in runs for same in [frame(size, shift)] * times]


def units(packet):
    """The NAL units of an MP4's packet."""
    while packet:
        size = int.from_bytes(packet[:4], "big")
        yield packet[4:4 + size]
        packet = packet[4 + size:]


class Bits:
    """Reads a NAL unit as ITU-T H.264 writes it, from its second byte on."""

    def __init__(self, unit):
        self._bits = "".join(f"{byte:08b}" for byte in unit[1:].replace(b"\0\0\3", b"\0\0"))

    def number(self, length):
        found, self._bits = int(self._bits[:length], 2), self._bits[length:]
        return found

    def golomb(self):
        """ue(v), 9.1."""
        zeros = self._bits.index("1")
        return self.number(2 * zeros + 1) - 1


@unittest.skipUnless(HAS_PYAV, "PyAV is not installed")
class Encoder(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = os.path.join(folder.name, "video.mp4")

    def encoded(self, frames, size=(128, 96), rate=16):
        """(planes of each picture, number of each key picture, sizes of all packets) of the frames' video, decoded by a
        reader that no error escapes."""
        import av
        encoder.encode(iter(frames), size, rate, self.path)
        with av.logging.Capture() as log, av.open(self.path) as container:
            stream = container.streams.video[0]
            stream.codec_context.options = {"err_detect": "explode"}
            packets = [packet for packet in container.demux(stream) if packet.size]
            container.seek(0)
            found = list(container.decode(stream))
            self.assertEqual([picture.pts * stream.time_base * rate for picture in found], list(range(len(found))))
            self.assertEqual((stream.frames, stream.average_rate), (len(found), rate))
        self.assertEqual([entry for entry in log if entry[0] <= av.logging.WARNING], [])
        return ([picture.to_ndarray() for picture in found], [number for number, packet in enumerate(packets) if packet.is_keyframe],
                [packet.size for packet in packets])

    def assert_repeats(self, runs, size=(128, 96)):
        """Each picture is decoded as it is when no picture is shown twice, as often as it is shown."""
        pictures, keys, sizes = self.encoded(repeated(runs, size), size)
        once, *_ = self.encoded(repeated([(shift, 1) for shift, _ in runs], size), size)
        wanted = [picture for picture, (_, times) in zip(once, runs) for _ in range(times)]
        self.assertEqual(len(pictures), len(wanted))
        self.assertTrue(all((found == picture).all() for found, picture in zip(pictures, wanted)))
        return keys, sizes

    def test_this_x264_repeats_pictures(self):
        for size in SIZES:
            self.assertIsNotNone(encoder._repetition(size), size)

    def test_a_picture_that_is_shown_again_takes_a_few_bytes(self):
        _, sizes = self.assert_repeats([(0, 40), (1, 41)])
        self.assertEqual(sum(size > 30 for size in sizes), 2)

    def test_pictures_of_all_sizes(self):
        for size in SIZES:
            self.assert_repeats([(0, 3), (1, 1), (2, 20), (3, 2)], size)

    def test_runs_of_all_lengths(self):
        chance = random.Random(5)
        for _ in range(15):
            self.assert_repeats([(shift, chance.choice((1, 1, 2, 3, 15, 16, 17, 33))) for shift in range(chance.randint(1, 12))])

    def test_pictures_are_numbered_as_the_standard_asks(self):
        import av
        self.encoded(repeated([(0, 3), (1, 1), (2, 1), (3, 40), (4, 230), (5, 9)]))
        with av.open(self.path) as container:
            stream = container.streams.video[0]
            settings = stream.codec_context.extradata
            packets = [bytes(packet) for packet in container.demux(stream) if packet.size]
        size = int.from_bytes(settings[6:8], "big")
        parameters = Bits(settings[8:8 + size])
        parameters.number(24)  # profile, constraints, level
        self.assertEqual(parameters.golomb(), 0)
        bits = parameters.golomb() + 4
        self.assertEqual(parameters.golomb(), 2)  # pictures come in the order of their numbers
        number = -1
        for packet in packets:
            unit = list(units(packet))[-1]
            kind, is_reference = unit[0] & 31, unit[0] >> 5 > 0
            slice_ = Bits(unit)
            first, _, set_ = slice_.golomb(), slice_.golomb(), slice_.golomb()
            number = 0 if kind == 5 else number + 1
            self.assertEqual((first, set_, is_reference, slice_.number(bits)), (0, 0, True, number % 2 ** bits))
        self.assertEqual(len(packets), 284)

    def test_one_picture_alone(self):
        self.assertEqual(self.assert_repeats([(0, 1)])[0], [0])

    def test_a_key_picture_comes_in_time_however_pictures_repeat(self):
        for runs in ([(0, 700)], [(0, 3), (1, 498)], [(0, 249), (1, 252)], [(shift, 1) for shift in range(510)],
                     [(shift, 50) for shift in range(12)]):
            keys, _ = self.assert_repeats_about(runs)
            number = sum(times for _, times in runs)
            self.assertEqual(keys, list(range(0, number, encoder.KEY_INTERVAL)), runs)

    def assert_repeats_about(self, runs):
        """As assert_repeats, but for what a key picture within a run changes."""
        import cv2
        frames = repeated(runs)
        pictures, keys, sizes = self.encoded(frames)
        self.assertEqual(len(pictures), len(frames))
        self.assertLess(max(cv2.absdiff(found, given.to_ndarray()).mean() for found, given in zip(pictures, frames)), 1)
        return keys, sizes

    def test_the_same_pictures_give_the_same_bytes(self):
        runs = [(0, 5), (1, 1), (2, 9)]
        found = []
        for _ in range(2):
            self.encoded(repeated(runs))
            with open(self.path, "rb") as video:
                found.append(video.read())
            encoder._repetition.cache_clear()
        self.assertEqual(*found)

    def test_opencv_reads_them_all(self):
        import cv2
        self.encoded(repeated([(0, 30), (1, 2), (2, 49)]))
        video = cv2.VideoCapture(self.path)
        self.addCleanup(video.release)
        self.assertEqual(video.get(cv2.CAP_PROP_FRAME_COUNT), 81)
        self.assertEqual(sum(1 for _ in iter(lambda: video.read()[0], False)), 81)

    def test_an_x264_that_writes_otherwise_encodes_every_picture(self):
        with mock.patch.object(encoder, "_HEAD", b"\0\0\1\x41"):
            encoder._repetition.cache_clear()
            self.addCleanup(encoder._repetition.cache_clear)
            self.assertIsNone(encoder._repetition((128, 96)))
            self.assert_repeats_about([(0, 300), (1, 20)])


if __name__ == "__main__":
    unittest.main()
