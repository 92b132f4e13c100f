"""Pictures come into the size asked for: where they lie in it, and that the quick ways give what the exact one does.

Stills are read as trainers read them.
"""

import gc
import importlib.util
import os
import tempfile
import unittest

import generator_host_client  # noqa: F401  (it makes the host's modules importable)

from generator_host import conform, processes, scaling
from generator_host.captured_stills import CapturedStills
from generator_host.scaling import Scaler
from generator_host.video_source import bgr

HAS_PYAV = importlib.util.find_spec("av") is not None
BORDER = [30, 160, 220]  # BGR


def drawn(width, height, shift=0):
    """A picture with lines, areas and colours, as puzzles are."""
    import cv2
    import numpy
    picture = numpy.full((height, width, 3), 255, numpy.uint8)
    for step in range(0, max(width, height), 23):
        cv2.line(picture, (step, 0), (step, height), (0, 0, 0), 2)
        cv2.line(picture, (0, step), (width, step), (40, 40, 40), 1)
    cv2.circle(picture, (width // 2 + shift, height // 2), min(width, height) // 4, (200, 60, 20), -1)
    cv2.rectangle(picture, (width // 8, height // 8), (width // 4, height // 3), (30, 200, 90), -1)
    return picture


def whole(pictures):
    """The pictures, each with all of its lines."""
    return ((picture, slice(0, len(picture))) for picture in pictures)


def scaled(picture, size):
    """What becomes of a picture on its way into a video: planes of 4:2:0, 3/2 height x width."""
    (frame,) = Scaler(size, lambda: BORDER, picture.shape).frames(whole([picture]))
    return frame.to_ndarray()


@unittest.skipUnless(HAS_PYAV, "PyAV is not installed")
class Scaling(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        import cv2
        cv2.setNumThreads(1)  # as the conformer does

    def setUp(self):
        scaling._filters.cache_clear()

    def assert_as_still(self, picture, size, luma, mean):
        """luma: most that a value of brightness may differ; mean: most of all values on the mean."""
        import cv2
        exact = Scaler(size, lambda: BORDER, picture.shape).picture(picture)
        self.assertEqual(exact.shape, (size[1], size[0], 3))
        planes, wanted = scaled(picture, size), cv2.cvtColor(exact, cv2.COLOR_BGR2YUV_I420)
        self.assertEqual(planes.shape, wanted.shape)
        self.assertLessEqual(cv2.absdiff(planes[:size[1]], wanted[:size[1]]).max(), luma)
        self.assertLessEqual(cv2.absdiff(planes, wanted).mean(), mean)

    def test_shrinking_by_a_fraction_is_the_same_averaging(self):
        for source in ((1024, 1024), (512, 512), (654, 454), (654, 654), (600, 800), (64, 1640)):
            for size in ((480, 480), (832, 480), (384, 384), (432, 320)):
                if source == (654, 454) and size == (832, 480):
                    continue  # it grows
                with self.subTest(f"{source} to {size}"):
                    scaling._filters.cache_clear()
                    self.assert_as_still(drawn(*source), size, luma=1, mean=0.7)
                    self.assertEqual(scaling._filters.cache_info().currsize, 1)

    def test_a_frame_is_what_a_still_is_on_every_other_way(self):
        for source, size in (((512, 512), (512, 512)), ((1024, 1024), (512, 512)),
                             ((97, 63), (98, 64)), ((655, 455), (512, 512))):
            with self.subTest(f"{source} to {size}"):
                self.assert_as_still(drawn(*source), size, luma=0, mean=0)

    def test_growing_is_bicubic(self):
        import cv2
        for source, size in (((400, 400), (512, 512)), ((256, 256), (512, 512)), ((257, 171), (1024, 682)), ((64, 48), (1280, 960)),
                             ((500, 500), (512, 512)), ((16, 16), (18, 18))):
            with self.subTest(f"{source} to {size}"):
                picture = drawn(*source)
                still = Scaler(size, lambda: BORDER, picture.shape).picture(picture)
                # OpenCV's own filter overshoots a little more at an edge.
                self.assertLess(cv2.absdiff(still, cv2.resize(picture, size, interpolation=cv2.INTER_CUBIC)).mean(), 2.5)
                self.assertGreater(cv2.absdiff(still, cv2.resize(picture, size, interpolation=cv2.INTER_LINEAR)).mean(), 0)
                # A frame is as near to the still as 4:2:0 lets it be, and a little.
                found, wanted = scaled(picture, size), cv2.cvtColor(still, cv2.COLOR_BGR2YUV_I420)
                near, nearest = (cv2.absdiff(cv2.cvtColor(planes, cv2.COLOR_YUV2BGR_I420), still).mean() for planes in (found, wanted))
                self.assertLess(near, nearest + 0.3)

    def test_what_grows_keeps_its_colours(self):
        import numpy
        for colour in ((0, 0, 0), (255, 255, 255), (0, 0, 255), (200, 60, 20), (1, 254, 128)):
            picture = numpy.full((90, 90, 3), colour, numpy.uint8)
            self.assertTrue((Scaler((128, 128), lambda: BORDER, picture.shape).picture(picture) == colour).all(), colour)
            planes, wanted = scaled(picture, (128, 128)), scaled(numpy.full((128, 128, 3), colour, numpy.uint8), (128, 128))
            self.assertLessEqual(abs(planes.astype(int) - wanted).max(), 1, colour)

    def test_the_rest_has_the_borders_colour_on_every_way(self):
        import numpy
        for source in ((1000, 600), (600, 1000), (1024, 512), (300, 200)):
            with self.subTest(source):
                picture = drawn(*source)
                for found in (bgr(next(Scaler((400, 400), lambda: BORDER, picture.shape).frames(whole([picture])))),
                              Scaler((400, 400), lambda: BORDER, picture.shape).picture(picture)):
                    for corner in (found[:8, :8], found[-8:, -8:]):
                        self.assertLessEqual(abs(corner.astype(int) - numpy.array(BORDER)).max(), 2)

    def test_a_picture_lies_at_even_places(self):
        # An odd place would lay colours half a pixel beside their brightness.
        for width in range(200, 230):
            for height in (151, 152, 153):
                place = Scaler((128, 96), lambda: BORDER, (height, width, 3))._place(drawn(width, height))
                self.assertEqual([number % 2 for number in place], [0, 0, 0, 0], (width, height))
                across, down, left, top = place
                self.assertTrue(left + across <= 128 and top + down <= 96 and (across == 128 or down == 96), place)

    def test_a_still_lies_where_its_video_does(self):
        # The video of 655 x 455 has 654 x 454.
        still, frame = drawn(655, 455), drawn(655, 455)[:454, :654]
        for size in ((512, 512), (654, 454), (832, 480)):
            scaler = Scaler(size, lambda: BORDER, frame.shape)
            self.assertTrue((scaler.picture(still) == scaler.picture(frame)).all(), size)

    def test_a_still_that_has_the_size_stays_itself(self):
        for frame, size in (((511, 511, 3), (512, 512)), ((512, 512, 3), (513, 512)), ((654, 454, 3), (455, 655)), (None, (97, 63))):
            still = drawn(*size)
            self.assertIs(Scaler(size, lambda: BORDER, frame).picture(still), still)

    def test_no_line_is_cut_that_is_not_odd(self):
        # Of a video with odd sides, as other libraries write them, and of stills without one.
        for frame, still in (((511, 511, 3), (512, 512)), (None, (513, 513))):
            self.assertTrue((Scaler((256, 256), lambda: BORDER, frame).picture(drawn(*still))
                             == Scaler((256, 256), lambda: BORDER, (still[1], still[0], 3)).picture(drawn(*still))).all())

    def test_pictures_of_several_sizes_may_follow_each_other(self):
        pictures = [drawn(1000, 700), drawn(700, 1000), drawn(1000, 700, 40), drawn(300, 200)]
        found = [frame.to_ndarray() for frame in Scaler((480, 360), lambda: BORDER, pictures[0].shape).frames(whole(pictures))]
        for picture, planes in zip(pictures, found):
            self.assertTrue((planes == scaled(picture, (480, 360))).all(), picture.shape)

    def test_a_picture_that_is_shown_again_is_one_frame(self):
        one, other = drawn(700, 500), drawn(700, 500, 30)
        frames = list(Scaler((480, 360), lambda: BORDER, one.shape).frames(whole([one, one, other, other, one])))
        self.assertIs(frames[0], frames[1])
        self.assertIs(frames[2], frames[3])
        self.assertEqual(len({id(frame) for frame in frames}), 3)

    def test_of_what_need_not_be_scaled_only_lines_that_changed_are_converted(self):
        import cv2
        import numpy
        chance = numpy.random.default_rng(7)
        canvas = drawn(96, 64)
        scaler = Scaler((96, 64), lambda: BORDER, canvas.shape)

        def changing():
            yield canvas[:], slice(0, 64)
            for top, end in ((0, 1), (63, 64), (31, 34), (10, 10), (0, 64), (5, 6), (64, 0), (40, 61)):
                canvas[top:end] = chance.integers(0, 256, canvas[top:end].shape)
                yield canvas[:], slice(top, end)

        frames = scaler.frames(changing())
        self.assertEqual(sum(1 for _ in map(lambda frame: self.assertTrue(
            (frame.to_ndarray() == cv2.cvtColor(canvas, cv2.COLOR_BGR2YUV_I420)).all()), frames)), 9)

    @unittest.skipUnless(len(processes.processors()) > 1, "FFmpeg makes no threads on one processor")
    def test_no_thread_is_made(self):
        before = processes.thread_count()
        for side in (1024, 300):
            scaled(drawn(side, side), (480, 480))
            self.assertEqual(processes.thread_count(), before)

    def test_filters_outlive_what_made_them_and_a_failure_ends_them(self):
        picture = drawn(700, 500)
        before = scaled(picture, (480, 360))
        gc.collect()
        self.assertTrue((scaled(picture, (480, 360)) == before).all())
        self.assertEqual(scaling._filters.cache_info().hits, 1)
        with self.assertRaises(Exception):
            scaling._filtered(before[:, :7], "yuv420p", "yuv420p", 480, 360)
        self.assertEqual(scaling._filters.cache_info().currsize, 0)
        self.assertTrue((scaled(picture, (480, 360)) == before).all())


@unittest.skipUnless(HAS_PYAV, "PyAV is not installed")
class Stills(unittest.TestCase):
    """However a PNG is read, its values are those that Pillow's convert("RGB") gives, as trainers read it."""

    def assert_as_pillow(self, save):
        import numpy
        from PIL import Image
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "first_frame.png")
            save(path)
            with Image.open(path) as picture:
                wanted = numpy.asarray(picture.convert("RGB"))
            self.assertTrue((conform._read_still(folder, "first_frame.png", CapturedStills(None, 1))[..., ::-1] == wanted).all())

    def test_of_every_kind(self):
        import cv2
        import numpy
        from PIL import Image
        picture = drawn(120, 90)
        for mode in ("RGB", "RGBA", "L", "LA", "P", "1"):
            with self.subTest(mode):
                self.assert_as_pillow(lambda path: Image.fromarray(picture).convert(mode).save(path))
        deep = picture.astype(numpy.uint16) * 201 + 77
        turned = Image.Exif()
        turned[0x0112] = 6
        kinds = {"16 bits": lambda path: cv2.imwrite(path, deep),
                 "one colour shines through": lambda path: Image.fromarray(picture).save(path, transparency=(255, 255, 255)),
                 "to be turned": lambda path: Image.fromarray(picture).save(path, exif=turned)}
        for name, save in kinds.items():
            with self.subTest(name):
                self.assert_as_pillow(save)

    def test_one_that_is_cut_off_names_its_file(self):
        from PIL import Image
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "final_frame.png")
            Image.fromarray(drawn(120, 90)).save(path)
            with open(path, "r+b") as file:
                file.truncate(os.path.getsize(path) // 2)
            with self.assertRaisesRegex(conform.Invalid, "final_frame.png: it could not be decoded"):
                conform._read_still(folder, "final_frame.png", CapturedStills(None, 1))


if __name__ == "__main__":
    unittest.main()
