"""Frames that are captured as a script writes them give the same sample, and only where nobody would find out."""

import importlib.util
import os
import unittest
from pathlib import Path

from generator_host_client import REPOSITORY, VIDEO_SCRIPT, HostTest, files

from generator_host import descriptors, frame_store
from generator_host.frame_store import FrameStore

HAS_PYAV = importlib.util.find_spec("av") is not None
WANTED = {"width": 96, "height": 64, "frames": 13, "fps": 16}
SLOW = {**WANTED, "keep_original": True}  # the generator's own video is encoded, decoded and conformed
SAMPLE = "video_task/video_0000"

_ENTRY = VIDEO_SCRIPT + '''
import hashlib, json, os, shutil, subprocess, sys, tempfile
import cv2
import numpy

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))


def picture(number, width=96, height=64):
    image = numpy.full((height, width, 3), 240, numpy.uint8)
    image[20:40, 8 * number:8 * number + 16] = (10, 120, 200 - asked.seed % 100)
    return image


def writer(path, code="mp4v", fps=10, size=(96, 64), **named):
    return cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*code), fps, size, **named)


def fill(video, count=9):
    for number in range(count):
        video.write(picture(number))
    video.release()


pictures = [picture(number) for number in range(9)]
path = folder / "ground_truth.mp4"
elsewhere = Path(tempfile.gettempdir()) / "drawn.mp4"
cv2.imwrite(str(folder / "first_frame.png"), pictures[0])
cv2.imwrite(str(folder / "final_frame.png"), pictures[-1])
(folder / "prompt.txt").write_text("Move the square.\\n")
'''

# What a script may do without finding out.
_CAPTURED = {
    "as most do": "fill(writer(path))",
    "copied": "fill(writer(elsewhere)); shutil.copy(elsewhere, path)",
    "copied twice": "fill(writer(elsewhere)); shutil.copy2(elsewhere, folder / 'a.mp4'); shutil.copyfile(elsewhere, path)",
    "moved": "fill(writer(elsewhere)); shutil.move(elsewhere, path)",
    "renamed": "fill(writer(folder / 'drawn.mp4')); os.replace(folder / 'drawn.mp4', path)",
    "of another ending": """
fill(writer(elsewhere.with_suffix(".avi"), "MJPG"))
shutil.copy(elsewhere.with_suffix(".avi"), path.with_suffix(".avi"))""",
    "H.264": "fill(writer(path, 'avc1'))",
    "of the first codec that can be written": """
for code in ("none", "mp4v"):
    video = writer(path, code)
    if video.isOpened():
        break
fill(video)""",
    "opened later": """
video = cv2.VideoWriter()
assert not video.isOpened()
assert video.open(str(path), cv2.VideoWriter.fourcc(*"mp4v"), 10.0, (96, 64))
fill(video)""",
    "by a name of its own": "from cv2 import VideoWriter as Writer\nfill(Writer(str(path), cv2.VideoWriter_fourcc(*'mp4v'), 10, (96, 64)))",
    "of a kind that is asked for": "video = writer(path); assert isinstance(video, cv2.VideoWriter); fill(video)",
    "with arguments by name": "fill(writer(path, isColor=True))",
    "not released": "def make():\n    video = writer(path)\n    [video.write(each) for each in pictures]\nmake()",
    "of an odd size": """
for name in ("first_video.mp4", "ground_truth.mp4"):
    video = writer(folder / name, size=(95, 63))
    [video.write(picture(each, 95, 63)) for each in range(9)]
    video.release()""",
    "in two videos": "fill(writer(folder / 'first_video.mp4'), 5); fill(writer(path))",
    "two at once": """
one, other = writer(folder / "first_video.mp4"), writer(path)
for each in pictures:
    one.write(255 - each)
    other.write(each)
one.release(), other.release()""",
    "two by threads": """
import threading
def draw(name):
    fill(writer(folder / name))
threads = [threading.Thread(target=draw, args=(name,)) for name in ("first_video.mp4", "ground_truth.mp4")]
[each.start() for each in threads]
[each.join() for each in threads]""",
    "of frames that it goes on changing": """
video, canvas = writer(path), picture(0)
for number in range(9):
    canvas[:] = picture(number)
    video.write(canvas)
video.release()""",
    "of views": "video = writer(path); [video.write(each[:, ::-1][:, ::-1]) for each in pictures]; video.release()",
    "of frames that rest": "video = writer(path); [video.write(pictures[each // 3]) for each in range(27)]; video.release()",
    "and looked at from outside": "fill(writer(path)); assert path.exists() and path.stat().st_size > 1000 and path.is_file()",
    "beside a program": "fill(writer(path)); subprocess.run(['true'], check=True)",
    "written again": "fill(writer(path), 3); fill(writer(path))",
}

# Here OpenCV's own file is read, or could be.
_READ = {
    "as a video": """
fill(writer(path))
read = cv2.VideoCapture(str(path))
assert read.isOpened() and isinstance(read, cv2.VideoCapture)
found = []
while (frame := read.read())[0]:
    found.append(frame[1])
assert len(found) == 9 == int(read.get(cv2.CAP_PROP_FRAME_COUNT))
cv2.imwrite(str(folder / "final_frame.png"), found[-1])""",
    "as a video that is opened later": "fill(writer(path)); read = cv2.VideoCapture(); assert read.open(str(path)) and read.read()[0]",
    "as bytes": """
fill(writer(path))
(folder / "metadata.json").write_text(json.dumps({"digest": hashlib.sha256(path.read_bytes()).hexdigest()}))""",
    "after it was copied": "fill(writer(elsewhere)); shutil.copy(elsewhere, path); assert path.open('rb').read(8)[4:] == b'ftyp'",
    "as it is copied by hand": """
fill(writer(elsewhere))
with open(elsewhere, "rb") as one, open(path, "wb") as other:
    shutil.copyfileobj(one, other)""",
    "by its path": "fill(writer(path)); assert os.read(os.open(path, os.O_RDONLY), 8)[4:] == b'ftyp'",
    "at its end": "fill(writer(path))\nwith open(path, 'ab') as file:\n    file.write(b'\\0\\0\\0\\x08free')",
    "by a program": "fill(writer(elsewhere)); subprocess.run(['cp', str(elsewhere), str(path)], check=True)",
    "by a shell": "fill(writer(elsewhere)); assert os.system(f'cp {elsewhere} {path}') == 0",
    "by a program that is given its folder": """
fill(writer(elsewhere))
subprocess.run(["cp", "-r", f"{elsewhere.parent}/.", str(folder)], check=True)
os.replace(folder / "drawn.mp4", path)""",
    "by a program that works in its folder": """
fill(writer(folder / "drawn.mp4"))
os.chdir(folder)
os.system("cp *.mp4 ground_truth.mp4")
os.remove("drawn.mp4")""",
    "by a child": """
fill(writer(elsewhere))
if os.fork() == 0:
    path.write_bytes(elsewhere.read_bytes())
    os._exit(0)
os.wait()""",
    "and written by a child": """
if os.fork() == 0:
    fill(writer(path))
    os._exit(0)
os.wait()""",
    "at a rate that is not whole": "fill(writer(path, fps=29.97))",
    "of frames of another size": "video = writer(path); video.write(picture(0, 64, 48)); fill(video)",
    "asked for its properties": "video = writer(path); video.write(pictures[0]); assert video.getBackendName(); fill(video)",
    "by an interface that is named": "fill(cv2.VideoWriter(str(path), cv2.CAP_FFMPEG, cv2.VideoWriter_fourcc(*'mp4v'), 10, (96, 64)))",
}

_WITH_PYAV = """
with av.open(str(path)) as video:
    assert len(list(video.decode(video=0))) == 9"""
_READ["by FFmpeg's libraries"] = "fill(writer(path))\nimport av" + _WITH_PYAV
_READ["by FFmpeg's libraries that are there before"] = "import av\nfill(writer(path))" + _WITH_PYAV

# Samples that fail fail the same way.
_FAILING = {
    "no frame": "writer(path).release()",
    "no folder": "fill(writer(folder / 'none' / 'ground_truth.mp4')); sys.exit('no video')",
    "a frame that is none": "writer(path).write('text')",
    "an argument too few": "cv2.VideoWriter(str(path), 1)",
    "never released": "video = writer(path); video.write(pictures[0]); sys.modules['keeps'] = video",
}


def frames(path):
    import av
    with av.open(str(path)) as container:
        return [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]


class Store(unittest.TestCase):
    def setUp(self):
        self.store = FrameStore.make()
        self.addCleanup(descriptors.close, self.store.descriptor)

    def test_what_was_added_is_read_and_each_sample_begins_anew(self):
        self.assertEqual([self.store.append(b"one"), self.store.append(b"three")], [0, 3])
        self.store.clear()
        self.assertEqual(self.store.append(b"two"), 0)
        buffer = bytearray(8)
        self.store.read(0, buffer)
        self.assertEqual(buffer, b"twothree")
        with self.assertRaises(OSError):
            self.store.read(frame_store.LIMIT - 4, buffer)

    def test_notes_lie_behind_the_pictures(self):
        self.assertEqual(self.store.noted(), bytes(frame_store.NOTES))
        self.store.note(b"of many words")
        self.store.append(b"one")
        self.store.note(b"of two")
        self.assertEqual(self.store.noted().rstrip(), b"of two")

    def test_it_cannot_grow_and_gives_back_what_a_large_sample_took(self):
        block = bytes(32 << 20)
        self.store.note(b"of a sample")
        self.assertEqual([self.store.append(block) is None for _ in range(9)], 8 * [False] + [True])
        for change in (lambda: os.ftruncate(self.store.descriptor, frame_store.LIMIT + (1 << 20)), lambda: os.ftruncate(self.store.descriptor, 1)):
            with self.assertRaises(OSError):
                change()
        self.assertEqual(os.fstat(self.store.descriptor).st_blocks * 512, frame_store.LIMIT + frame_store.NOTES)
        self.store.trim()
        self.assertEqual(self.store.noted().rstrip(), b"of a sample")
        self.assertLessEqual(os.fstat(self.store.descriptor).st_blocks * 512, (64 << 20) + frame_store.NOTES)


@unittest.skipUnless(HAS_PYAV, "PyAV is not installed")
class Captured(HostTest):
    arguments = ("--preload", "numpy,PIL,cv2")

    def lane(self, script):
        generator = self.host.copy("video-generator")
        (generator / "examples" / "generate.py").write_text(_ENTRY + script, encoding="utf-8")
        return self.host.lane(generator)

    @staticmethod
    def both(lane, **fields):
        """The answers for one sample, with its frames captured and by way of its file."""
        return tuple(lane.draw(5, video=video, **fields) for video in (WANTED, SLOW))

    def assert_same_video(self, captured, slow, name="ground_truth.mp4"):
        self.assertEqual(*((answer["out"] / SAMPLE / name).read_bytes() for answer in (captured, slow)))

    def assert_alike(self, name, captured, slow):
        """All files but the video are the same, and its frames nearly."""
        quick, plain = files(captured["out"] / SAMPLE), files(slow["out"] / SAMPLE)
        plain = {path: data for path, data in plain.items() if not path.startswith("original/")}
        self.assertEqual(quick.keys(), plain.keys(), name)
        for path in quick.keys() - {"ground_truth.mp4"}:
            self.assertEqual(quick[path], plain[path], f"{name}: {path}")
        one, other = (frames(answer["out"] / SAMPLE / "ground_truth.mp4") for answer in (captured, slow))
        self.assert_near(one, other, name)

    def assert_near(self, one, other, name):
        self.assertEqual((len(one), len(other)), (13, 13), name)
        for left, right in zip(one, other):
            self.assertLess(abs(left.astype(int) - right).mean(), 4, name)

    def test_what_is_captured_is_what_would_be_decoded(self):
        for name, script in _CAPTURED.items():
            lane = self.lane(script)
            with self.subTest(name):
                captured, slow = self.both(lane)
                self.assertEqual((captured["status"], slow["status"]), ("ok", "ok"), (captured, slow))
                self.assertEqual((captured["captured"], slow["captured"]), (True, False))
                self.assert_alike(name, captured, slow)
                self.assertLessEqual(captured["final_frame_distance"], slow["final_frame_distance"])
            lane.close()

    def test_a_file_that_is_read_is_the_one_that_opencv_writes(self):
        for name, script in _READ.items():
            lane = self.lane(script)
            with self.subTest(name):
                captured, slow = self.both(lane)
                self.assertEqual((captured["status"], slow["status"]), ("ok", "ok"), (captured, slow))
                self.assertFalse(captured["captured"])
                self.assert_alike(name, captured, slow)
                self.assert_same_video(captured, slow)
            lane.close()

    def test_the_samples_before_in_a_process_do_not_show(self):
        scripts = {**_CAPTURED, **_READ}
        for name in ("as most do", "in two videos", "of frames that rest", "as a video", "by FFmpeg's libraries"):
            lane = self.lane(scripts[name])
            with self.subTest(name):
                for seed in (4, 5):
                    reused = lane.draw(seed, video=WANTED, keep_after=1)
                plain = lane.draw(5)
                again, fresh = lane.draw(5, video=WANTED), lane.draw(5, video=WANTED, fresh=True)
                self.assertEqual(files(reused["out"]), files(fresh["out"]))
                self.assertEqual(files(reused["out"]), files(again["out"]))
                self.assertEqual(files(plain["out"]), files(lane.draw(5, fresh=True)["out"]))
            lane.close()

    def test_a_video_beside_the_stills_alone_is_the_one_that_opencv_writes(self):
        lane = self.lane("fill(writer(folder / 'first_video.mp4'))")
        captured, slow = self.both(lane)
        self.assertEqual((captured["status"], slow["status"]), ("ok", "ok"), captured)
        self.assert_same_video(captured, slow, "first_video.mp4")

    def test_failures_are_the_same(self):
        for name, script in _FAILING.items():
            lane = self.lane(script)
            with self.subTest(name):
                captured, slow = self.both(lane)
                self.assertEqual((captured["status"], captured.get("type")), (slow["status"], slow.get("type")))
                self.assertNotEqual(captured["status"], "ok")
            lane.close()

    def test_real_generators_give_what_would_be_decoded(self):
        """The built-in ones; with REAL_GENERATORS_DIR those of that folder too."""
        found = sorted((REPOSITORY / "generators").glob("*-generator"))
        if folder := os.environ.get("REAL_GENERATORS_DIR"):
            found += sorted(path for path in Path(folder).iterdir() if (path / "examples").is_dir())
        for generator in found:
            lane = self.host.lane(generator)
            with self.subTest(generator.name):
                captured, slow = self.both(lane, timeout=120)
                self.assertEqual((captured["status"], slow["status"]), ("ok", "ok"), captured)
                self.assertTrue(captured["captured"])
                quick, plain = files(captured["out"]), files(slow["out"])
                (video,) = (path for path in quick if path.endswith("/ground_truth.mp4"))
                self.assertEqual({path: data for path, data in quick.items() if path != video},
                                 {path: data for path, data in plain.items() if path != video and "/original/" not in path})
                self.assert_near(*(frames(answer["out"] / video) for answer in (captured, slow)), generator.name)
            lane.close()

    def test_of_a_frame_that_hardly_changes_the_store_holds_little(self):
        lane = self.lane('''
video = writer(path, size=(2048, 2048))
image = numpy.full((2048, 2048, 3), 230, numpy.uint8)
for number in range(40):
    image[50 * number:50 * number + 60, 40 * number:40 * number + 90] = (10, 5 * number, 200)
    video.write(image)
video.release()''')
        captured, slow = self.both(lane)
        self.assertEqual((captured["status"], captured["captured"]), ("ok", True), captured)
        self.assert_near(*(frames(answer["out"] / SAMPLE / "ground_truth.mp4") for answer in (captured, slow)), "")

    def test_more_frames_than_the_store_holds_are_written(self):
        lane = self.lane('''
video = writer(path, size=(2048, 2048))
image = numpy.zeros((2048, 2048, 3), numpy.uint8)
for number in range(24):
    image[:] = 10 * number
    video.write(image)
video.release()''')
        captured, slow = self.both(lane)
        self.assertEqual((captured["status"], captured["captured"]), ("ok", False), captured)
        self.assert_same_video(captured, slow)

    def test_a_file_that_only_looks_like_one_is_a_broken_video(self):
        lane = self.lane('''
def forge(**other):
    video = {"sample": asked.seed + 1, "path": "a.mp4", "width": 96, "height": 64, "rate": 10, "fourcc": 1, "processors": [0],
             "runs": [[0, 1, 0, 64]], **other}
    path.write_bytes((b"The frames of this video were captured: " + json.dumps(video).encode()).ljust(65536))
forge(**[{"sample": 99}, {"width": 1 << 30}, {"path": 5}, {"more": 1}, {"rate": 0}, {"rate": True}, {"runs": []}, {"runs": 5},
         *({"runs": runs} for runs in ([[1 << 40, 1, 0, 64]], [[0, 1 << 60, 0, 64]], [[0, 1]], [[0, 1, 0, 65]], [[0, 1, 64, 1]],
                                       [[0, 1, -1, 64]], [[0, 1, 0, True]], [[255 << 20, 9, 0, 64], [256 << 20, 1, 0, 64]]))
         ][asked.seed])''')
        for seed in range(16):
            answer = lane.draw(seed, video=WANTED)
            self.assertEqual(answer["status"], "invalid", (seed, answer))
            self.assertIn("ground_truth", answer["message"])
