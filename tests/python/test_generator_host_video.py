"""Samples are conformed in the sandbox: size, number of frames, rate, and what becomes of odd ones."""

import importlib.util
import os
import signal
import struct
import unittest

from generator_host_client import HostTest, files, processes, until

from generator_host import conform, scaling
from generator_host.video_source import VideoSource, evenly

HAS_PYAV = importlib.util.find_spec("av") is not None
SHRUNK = {"width": 80, "height": 48, "frames": 13}  # of 96 x 64: by a fraction
WANTED = {"width": 128, "height": 128, "frames": 13, "fps": 16}
SAMPLE = "video_task/video_0000"


def decoded(path):
    """(frames as RGB arrays, frames a second, codec, pixel format)."""
    import av
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        frames = [frame.to_ndarray(format="rgb24") for frame in container.decode(stream)]
        return frames, stream.average_rate, stream.codec_context.name, stream.codec_context.pix_fmt


def boxes(data):
    """The names of an MP4's outermost boxes, in order."""
    names, at = [], 0
    while at < len(data):
        size, name = struct.unpack(">I4s", data[at:at + 8])
        names.append(name.decode())
        at += size
    return names


def still(answer, name):
    """(mode, (width, height)) of a picture of the sample."""
    from PIL import Image
    with Image.open(answer["sample"] / name) as picture:
        return picture.mode, picture.size


class Evenly(unittest.TestCase):
    def test_first_and_last_frame_are_kept(self):
        for frames in range(1, 60):
            for count in range(2, 60):
                chosen = evenly(frames, count)
                self.assertEqual((chosen[0], chosen[-1], len(chosen)), (0, frames - 1, count))
                self.assertEqual(chosen, sorted(chosen))

    def test_the_steps_differ_by_one_at_most(self):
        chosen = evenly(35, 13)
        steps = {after - before for before, after in zip(chosen, chosen[1:])}
        self.assertLessEqual(max(steps) - min(steps), 1)

    def test_one_frame_is_the_first(self):
        self.assertEqual(evenly(9, 1), [0])


@unittest.skipUnless(HAS_PYAV, "PyAV is not installed")
class Conformed(HostTest):
    arguments = ("--preload", "numpy,PIL,cv2")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.lane = cls.host.lane("video-generator")

    def draw(self, *arguments, video=WANTED, **fields):
        answer = self.lane.draw(5, *arguments, video=video, **fields)
        answer["sample"] = answer["out"] / SAMPLE
        return answer

    def assert_conformed(self, answer, width=128, height=128, frames=13, fps=16):
        self.assertEqual(answer["status"], "ok", answer)
        found, rate, codec, pixels = decoded(answer["sample"] / "ground_truth.mp4")
        self.assertEqual((len(found), rate, codec, pixels), (frames, fps, "h264", "yuv420p"))
        self.assertEqual({frame.shape for frame in found}, {(height, width, 3)})
        for name in ("first_frame.png", "final_frame.png"):
            self.assertEqual(still(answer, name)[1], (width, height), name)
        return found

    def assert_invalid(self, answer, *words):
        self.assertEqual(answer["status"], "invalid", answer)
        for word in words:
            self.assertIn(word, answer["message"])

    def test_size_frames_and_rate_are_those_asked_for(self):
        answer = self.draw()
        self.assert_conformed(answer)
        self.assertLess(answer["first_frame_distance"], 4)
        self.assertLess(answer["final_frame_distance"], 4)
        self.assertEqual(sorted(files(answer["sample"])),
                         ["final_frame.png", "first_frame.png", "ground_truth.mp4", "prompt.txt"])

    def test_the_distances_are_nearly_those_that_a_reader_finds(self):
        import cv2
        for video in (WANTED, SHRUNK, {"codec": "h264"}, {**WANTED, "keep_original": True}):
            with self.subTest(video):
                answer = self.draw(video=video)
                pictures = list(VideoSource(str(answer["sample"] / "ground_truth.mp4")).pictures())
                for name, picture in (("first_frame", pictures[0]), ("final_frame", pictures[-1])):
                    still = cv2.imread(str(answer["sample"] / f"{name}.png"))
                    self.assertAlmostEqual(answer[f"{name}_distance"], cv2.absdiff(picture, still).mean(), delta=0.15)

    def test_the_index_lies_before_the_pictures(self):
        data = (self.draw()["sample"] / "ground_truth.mp4").read_bytes()
        names = [name for name in boxes(data) if name != "free"]
        self.assertEqual(names, ["ftyp", "moov", "mdat"])

    def test_the_same_sample_has_the_same_bytes_in_any_process(self):
        reused, again, fresh = self.draw(), self.draw(), self.draw(fresh=True)
        self.assertEqual(files(reused["out"]), files(again["out"]))
        self.assertEqual(files(reused["out"]), files(fresh["out"]))
        other = self.host.lane("video-generator").draw(5, video=WANTED)
        self.assertEqual(files(reused["out"]), files(other["out"]))

    def test_a_sample_that_shrinks_by_a_fraction_has_the_same_bytes_in_any_process(self):
        reused = self.draw(video=SHRUNK)
        self.draw("--width", "120", video=SHRUNK)
        again, fresh = self.draw(video=SHRUNK), self.draw(video=SHRUNK, fresh=True)
        self.assert_conformed(reused, 80, 48, 13, 10)
        self.assertEqual(files(reused["out"]), files(again["out"]))
        self.assertEqual(files(reused["out"]), files(fresh["out"]))
        other = self.host.lane("video-generator").draw(5, video=SHRUNK)
        self.assertEqual(files(reused["out"]), files(other["out"]))

    def test_one_process_conforms_many_samples_and_a_lane_without_video_has_none(self):
        plain, lane = self.host.lane("video-generator"), self.host.lane("video-generator")
        plain.draw(5)
        lane.draw(5, video=WANTED)
        first = set(processes.children(lane.ready["pid"]))
        lane.draw(6, video=WANTED)
        self.assertEqual(set(processes.children(lane.ready["pid"])), first)
        self.assertEqual(len(processes.children(plain.ready["pid"])), len(first) - 1)

    def test_a_conformer_that_is_killed_costs_its_sample_alone(self):
        lane = self.host.lane("video-generator")
        lane.draw(5)
        plain = set(processes.children(lane.ready["pid"]))
        lane.start(5, "--frames", "600", "--width", "640", "--height", "480",
                   video={"width": 2048, "height": 2048, "frames": 2000, "keep_original": True})
        until(lambda: set(processes.children(lane.ready["pid"])) - plain, "the sample is being conformed")
        (conformer,) = set(processes.children(lane.ready["pid"])) - plain
        os.kill(conformer, signal.SIGKILL)
        answer = lane.receive()
        self.assert_invalid(answer, "SIGKILL")
        self.assertEqual(lane.draw(5, video=WANTED)["status"], "ok")

    def test_a_video_that_stands_still_is_told(self):
        self.assertIs(self.draw("--frames", "1").get("static_video"), True)
        self.assertNotIn("static_video", self.draw())

    def test_without_video_nothing_changes(self):
        answer = self.lane.draw(5)
        self.assertEqual(decoded(answer["out"] / SAMPLE / "ground_truth.mp4")[2], "mpeg4")
        self.assertNotIn("first_frame_distance", answer)

    def test_the_aspect_is_kept_and_the_rest_has_the_borders_colour(self):
        frames = self.assert_conformed(self.draw("--background", "120"))
        # 96 x 64 becomes 128 x 86 in 128 x 128.
        for row in (0, 20, 107, 127):
            self.assertLess(abs(int(frames[0][row].mean()) - 120), 4, row)
        self.assertGreater(int(frames[0][64][:, 0].max()), 180)

    def test_one_side_alone_keeps_the_aspect(self):
        self.assert_conformed(self.draw(video={"width": 192}), 192, 128, 7, 10)
        self.assert_conformed(self.draw(video={"height": 32}), 48, 32, 7, 10)

    def test_the_rate_alone_keeps_the_duration(self):
        self.assert_conformed(self.draw("--frames", "20", video={"fps": 25}), 96, 64, 50, 25)

    def test_the_frames_alone_keep_the_rate(self):
        self.assert_conformed(self.draw(video={"frames": 4}), 96, 64, 4, 10)

    def test_the_codec_alone_changes_nothing_else(self):
        self.assert_conformed(self.draw(video={"codec": "h264"}), 96, 64, 7, 10)

    def test_first_and_last_frame_stay_first_and_last(self):
        answer = self.draw("--frames", "30", video={"frames": 5, "width": 96, "height": 64})
        frames = self.assert_conformed(answer, 96, 64, 5, 10)
        self.assertGreater(int(frames[0][32][2][0]) - int(frames[0][32][2][1]), 100)
        self.assertGreater(int(frames[-1][32][-3][0]) - int(frames[-1][32][-3][1]), 100)

    def test_a_video_of_one_frame_stands_still(self):
        frames = self.assert_conformed(self.draw("--frames", "1"))
        self.assertLess(abs(frames[0].astype(int) - frames[-1]).max(), 30)

    def test_odd_sides_get_a_line(self):
        import numpy
        picture = numpy.full((63, 97, 3), 9, numpy.uint8)
        picture[0] = 200
        size = conform._size(picture, {"frames": 5})
        self.assertEqual(size, (98, 64))
        fitted = scaling.Scaler(size, lambda: [1, 2, 3], picture.shape).picture(picture)
        self.assertEqual(fitted.shape, (64, 98, 3))
        # Not scaled: its rows are as they were.
        self.assertEqual(numpy.unique(fitted[0, :97]).tolist(), [200])
        self.assertEqual(fitted[-1, -1].tolist(), [1, 2, 3])

    def test_stills_of_another_size_come_to_the_videos(self):
        answer = self.draw("--still", "300")
        self.assert_conformed(answer)
        self.assertLess(answer["first_frame_distance"], 6)
        self.assert_conformed(self.draw("--still", "300", video={"frames": 5}), 96, 64, 5, 10)

    def test_alpha_is_dropped_as_trainers_drop_it(self):
        answer = self.draw("--alpha")
        self.assert_conformed(answer)
        self.assertLess(answer["first_frame_distance"], 4)
        self.assertEqual(still(answer, "first_frame.png"), ("RGB", (128, 128)))

    def test_a_sample_without_a_video_has_its_stills_conformed(self):
        answer = self.draw("--no-video")
        self.assertEqual(answer["status"], "ok")
        self.assertEqual(still(answer, "final_frame.png"), ("RGB", (128, 128)))
        self.assertNotIn("first_frame_distance", answer)

    def test_a_final_frame_that_contradicts_the_video_shows(self):
        answer = self.draw("--wrong-final", video={"frames": 13})
        self.assertLess(answer["first_frame_distance"], 4)
        self.assertGreater(answer["final_frame_distance"], 10)

    def test_the_originals_are_kept_if_asked(self):
        plain = files(self.lane.draw(5)["out"] / SAMPLE)
        kept = files(self.draw(video={**WANTED, "keep_original": True})["sample"])
        for name in ("first_frame.png", "final_frame.png", "ground_truth.mp4"):
            self.assertEqual(kept[f"original/{name}"], plain[name])
            self.assertNotEqual(kept[name], plain[name])
        self.assert_invalid(self.draw("--own-original", video={**WANTED, "keep_original": True}), "original")

    def test_another_container_becomes_an_mp4(self):
        answer = self.draw("--name", "ground_truth.avi")
        self.assert_conformed(answer)
        self.assertNotIn("ground_truth.avi", files(answer["sample"]))

    def test_a_video_that_cannot_be_decoded_fails_with_its_reason(self):
        self.assert_invalid(self.draw("--damage", "cut"), "ground_truth.mp4")
        self.assert_invalid(self.draw("--damage", "empty"), "ground_truth.mp4")
        self.assert_invalid(self.draw("--damage", "noise"), "ground_truth.mp4", "decoded")
        self.assert_conformed(self.draw())

    def test_a_size_that_follows_has_a_bound(self):
        self.assert_invalid(self.draw("--width", "480", "--height", "32", video={"height": 256}), "at most 2048")

    def test_the_time_out_holds_for_conforming_too(self):
        answer = self.draw("--frames", "900", "--width", "640", "--height", "480", timeout=0.9,
                           video={"width": 2048, "height": 2048, "frames": 2000, "keep_original": True})
        self.assertEqual(answer["status"], "timed_out")
        self.assert_conformed(self.draw())

    def test_what_a_generator_does_to_libraries_does_not_show(self):
        clean = files(self.host.lane("ok-generator").draw(7, video=WANTED)["out"])
        lane = self.host.lane("stateful-generator")
        lane.draw(6, video=WANTED)
        self.assertEqual(set(files(lane.draw(7, video=WANTED)["out"])),
                         {name.replace("ok", "stateful") for name in clean})

    def test_a_sample_without_output_is_left_to_the_worker(self):
        answer = self.host.lane("no-output-generator").draw(3, video=WANTED)
        self.assertEqual(answer["status"], "ok")

    def test_an_abort_ends_the_conforming(self):
        out = self.lane.start(5, "--frames", "600", "--width", "640", "--height", "480",
                              video={"width": 2048, "height": 2048, "frames": 2000, "keep_original": True})
        until(lambda: not out.exists(), "the sample is being drawn")
        self.lane.send({"op": "abort"})
        answer = self.lane.receive()
        self.assertEqual((answer["status"], answer.get("aborted")), ("killed", True))
        self.assert_conformed(self.draw())


@unittest.skipUnless(HAS_PYAV, "PyAV is not installed")
class WithoutLibrary(HostTest):
    arguments = ("--preload", "numpy,PIL,cv2")

    def test_a_worker_without_pyav_says_so(self):
        folder = self.host.folder / "libraries"
        (folder / "av").mkdir(parents=True)
        (folder / "av" / "__init__.py").write_text("raise ModuleNotFoundError(\"No module named 'av'\", name='av')\n")
        host = self.new_host("--preload", "numpy,PIL,cv2", libraries=[folder])
        answer = host.lane("video-generator").draw(5, video=WANTED)
        self.assertEqual(answer["status"], "unsupported")
        self.assertIn("python3-av", answer["message"])


if __name__ == "__main__":
    unittest.main()
