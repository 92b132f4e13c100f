"""The pixels of stills that a script saves are taken where the file is theirs still, and the sample is the same one."""

import importlib.util
import os
import tempfile
import unittest
from unittest import mock

from generator_host_client import VIDEO_SCRIPT, HostTest, files

from generator_host import captured_stills, conform, descriptors, frame_store
from generator_host.captured_stills import CapturedStills
from generator_host.frame_store import FrameStore
from generator_host.still_capture import StillCapture

HAS_PYAV = importlib.util.find_spec("av") is not None
WANTED = {"width": 64, "height": 48, "frames": 5, "fps": 16}  # of 96 x 72: stills are scaled
SAMPLE = "video_task/video_0000"

_ENTRY = VIDEO_SCRIPT + '''
import os, shutil, tempfile, threading
import cv2
import numpy
from PIL import Image



def picture(number):
    image = numpy.full((72, 96, 3), 240, numpy.uint8)
    image[20:40, 8 * number:8 * number + 16] = (200 - asked.seed, 120, 10)
    return image


video = cv2.VideoWriter(str(folder / "ground_truth.mp4"), cv2.VideoWriter_fourcc(*"mp4v"), 10, (96, 72))
for number in range(9):
    video.write(picture(number)[..., ::-1])
video.release()
still, last = Image.fromarray(picture(0)), Image.fromarray(picture(8))
path, end = folder / "first_frame.png", folder / "final_frame.png"
'''

_SAVED = {
    "as most do": "still.save(path); last.save(end)",
    "by names and with options": "still.save(str(path), format='PNG', optimize=True); last.save(fp=end, compress_level=1)",
    "elsewhere and copied": """
place = Path(tempfile.gettempdir()) / "first_frame.png"
still.save(place); shutil.copy(place, path); last.save(end)""",
    "and changed after": "still.save(path); still.paste((0, 0, 0), (0, 0, 90, 70)); last.save(end)",
    "and another in its place": "last.save(path); still.save(path); still.save(end); last.save(end)",
    "and another by another library": "still.save(path); last.save(end); cv2.imwrite(str(path), picture(4)); os.sync()",
    "and one behind the other's name": "still.save(path); last.save(end); os.replace(end, path); last.save(end)",
    "and more behind it": "still.save(path); last.save(end); path.open('ab').write(b'more')",
    "to a file": "still.save(path.open('wb'), 'PNG'); last.save(end)",
    "of other kinds": "still.convert('RGBA').save(path); last.convert('P').save(end)",
    "with transparency": "still.save(path, transparency=(240, 240, 240)); last.save(end)",
    "as a moving picture": "still.save(path, save_all=True, append_images=[last]); last.save(end)",
    "with what is read": "still.save(path); Image.open(path).save(end)",
    "by a thread": """
thread = threading.Thread(target=still.save, args=(path,))
thread.start(); thread.join(); last.save(end)""",
    "by a child": """
if os.fork() == 0:
    last.save(path); os._exit(0)
os.wait(); last.save(end)""",
    "and asked who does it": "still.save(path); last.save(end); (folder / 'metadata.json').write_text(f'{{\"name\": \"{Image.Image.save.__name__}\"}}')",
}


def still(*colour):
    from PIL import Image
    return Image.new("RGB", (40, 30), colour)


def saved(picture, **options):
    """A picture's file, as bytes."""
    import io
    file = io.BytesIO()
    picture.save(file, **{"format": "PNG", **options})
    return file.getvalue()


class Kept(unittest.TestCase):
    def setUp(self):
        self.store = FrameStore.make()
        self.addCleanup(descriptors.close, self.store.descriptor)

    def keep(self, picture, data=None, sample=7):
        kept = CapturedStills(self.store, sample)
        kept.add(saved(picture) if data is None else data, picture.tobytes(), picture.size)

    def read(self, data, sample=7):
        found = CapturedStills.of(self.store, sample).read(data)
        return None if found is None else found[0, 0].tolist()

    def test_the_pixels_of_a_file_are_found_by_its_bytes(self):
        self.keep(still(1, 2, 3))
        self.assertEqual(self.read(saved(still(1, 2, 3))), [3, 2, 1])
        self.assertIsNone(self.read(saved(still(1, 2, 4))))
        self.assertIsNone(self.read(b""))

    def test_those_of_another_sample_are_not(self):
        self.keep(still(1, 2, 3), sample=6)
        for sample in (7, None):
            self.assertIsNone(self.read(saved(still(1, 2, 3)), sample))

    def test_nor_are_those_of_a_file_that_is_no_png(self):
        data = saved(still(1, 2, 3), format="JPEG")
        self.keep(still(1, 2, 3), data)
        self.assertIsNone(self.read(data))

    def test_nor_those_of_a_file_that_is_too_large(self):
        with mock.patch.object(captured_stills, "LARGEST", 50):
            self.keep(still(1, 2, 3), saved(still(1, 2, 3))[:50])
            self.assertIsNone(self.read(saved(still(1, 2, 3))[:50]))

    def test_what_a_process_made_up_is_passed_over(self):
        data = saved(still(1, 2, 3))
        self.keep(still(1, 2, 3))
        note = self.store.noted().rstrip()
        for forged in (b"", b"{", b"[]", b"5", b'{"sample": 7}', b"[" * 4000, note.replace(b"[0,40,30]", b"5"),
                       note.replace(b"[0,", b"[-1,"), note.replace(b",40,", b",0,"), note.replace(b",40,", b",8193,"),
                       note.replace(b",40,", b",4e1,"), note.replace(b"[0,", b"[true,"), note.replace(b"[0,", b"[268435450,"),
                       note.replace(b"[0,", b"[1e999,"), b'{"sample": 7, "stills": 5}', b'{"sample": 7, "stills": "no"}', b"\xff\xfe\0"):
            self.assertNotEqual(forged, note)
            self.store.note(forged)
            self.assertIsNone(self.read(data), forged)
        self.store.note(note)
        self.assertEqual(self.read(data), [3, 2, 1])

    def test_without_a_store_every_file_is_decoded(self):
        self.assertIsNone(CapturedStills.of(None, 7).read(saved(still(1, 2, 3))))

    def test_they_are_what_a_still_is_read_from(self):
        with tempfile.TemporaryDirectory() as folder:
            with open(os.path.join(folder, "first_frame.png"), "wb") as file:
                file.write(saved(still(1, 2, 3)))
            self.keep(still(9, 9, 9), saved(still(1, 2, 3)))  # so that they can be told apart
            kept = CapturedStills.of(self.store, 7)
            self.assertEqual(conform._read_still(folder, "first_frame.png", kept)[0, 0].tolist(), [9, 9, 9])

    def test_nothing_is_kept_beyond_the_stores_room(self):
        while self.store.append(bytes(32 << 20)) is not None:
            pass
        self.keep(still(1, 2, 3))
        self.assertEqual(self.store.noted(), bytes(frame_store.NOTES))


class Saving(unittest.TestCase):
    def setUp(self):
        from PIL import Image
        store = FrameStore.make()
        self.addCleanup(descriptors.close, store.descriptor)
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.store, self.folder = store, folder.name
        before = Image.Image.save
        self.addCleanup(setattr, Image.Image, "save", before)
        self.capture = StillCapture(store)
        self.capture.install()
        self.capture.begin(7)

    def kept(self, name="first_frame.png"):
        with open(os.path.join(self.folder, name), "rb") as file:
            return CapturedStills.of(self.store, 7).read(file.read()) is not None

    def test_a_still_is_kept_as_it_is_saved(self):
        for name, options in (("first_frame.png", {}), ("final_frame.png", {"compress_level": 9}), ("first_frame.png", {"format": "PNG"})):
            still(1, 2, 3).save(os.path.join(self.folder, name), **options)
            self.assertTrue(self.kept(name))

    def test_no_other_picture_is(self):
        place = os.path.join(self.folder, "first_frame.png")
        still(1, 2, 3).save(os.path.join(self.folder, "second_frame.png"))
        still(1, 2, 3).convert("L").save(place)
        still(1, 2, 3).save(place, save_all=True)
        with open(place, "wb") as file:
            still(4, 5, 6).save(file, "PNG")
        self.capture.end()
        still(1, 2, 3).save(place)
        self.assertEqual(self.store.noted(), bytes(frame_store.NOTES))

    def test_what_saving_raises_is_raised(self):
        with self.assertRaises(FileNotFoundError):
            still(1, 2, 3).save(os.path.join(self.folder, "no", "first_frame.png"))
        with self.assertRaises(ValueError):
            still(1, 2, 3).save(os.path.join(self.folder, "first_frame.unknown"))


@unittest.skipUnless(HAS_PYAV, "PyAV is not installed")
class Stills(HostTest):
    arguments = ("--preload", "numpy,PIL,cv2")

    def test_a_sample_is_the_same_however_its_stills_are_saved(self):
        for name, script in _SAVED.items():
            generator = self.host.copy("video-generator")
            (generator / "examples" / "generate.py").write_text(_ENTRY + script, encoding="utf-8")
            lane = self.host.lane(generator)
            with self.subTest(name):
                captured, slow = (lane.draw(5, video=video) for video in (WANTED, {**WANTED, "keep_original": True}))
                self.assertEqual((captured["status"], slow["status"]), ("ok", "ok"), (captured, slow))
                self.assertEqual((captured["captured"], slow["captured"]), (True, False))
                quick, plain = files(captured["out"] / SAMPLE), files(slow["out"] / SAMPLE)
                for path in quick.keys() - {"ground_truth.mp4"}:
                    self.assertEqual(quick[path], plain[path], path)
                for end in ("first", "final"):
                    found, wanted = (answer[f"{end}_frame_distance"] for answer in (captured, slow))
                    self.assertLess(abs(found - wanted), 4, end)  # what the generator's own codec loses
            lane.close()

    def test_a_script_that_changes_what_is_kept_spoils_its_own_figures_alone(self):
        generator = self.host.copy("video-generator")
        (generator / "examples" / "generate.py").write_text(_ENTRY + '''
import json
still.save(path); last.save(end)
for name in os.listdir("/proc/self/fd"):
    if os.path.exists(f"/proc/self/fd/{name}") and "memfd:frames" in os.readlink(f"/proc/self/fd/{name}"):
        for offset, width, height in json.loads(os.pread(int(name), 4096, 256 << 20))["stills"].values():
            os.pwrite(int(name), bytes(3 * width * height), offset)
''', encoding="utf-8")
        lane = self.host.lane(generator)
        answer = lane.draw(5, video=WANTED)
        self.assertEqual((answer["status"], answer["captured"]), ("ok", True), answer)
        self.assertGreater(answer["first_frame_distance"], 100)  # so it is these pixels that were compared


if __name__ == "__main__":
    unittest.main()
