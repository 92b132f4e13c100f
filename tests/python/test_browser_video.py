"""Chromium plays a conformed video to its end, and not the generator's own. Skipped where there is no Chromium."""

import http.server
import importlib.util
import json
import os
import shutil
import subprocess
import threading
import unittest

from generator_host_client import DEADLINE, HostTest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
PAGE = b"""<body><script>
async function look(name) {
  return new Promise(done => {
    const video = document.createElement('video');
    const end = state => done({state, width: video.videoWidth, height: video.videoHeight, seconds: video.duration,
                               frames: video.getVideoPlaybackQuality().totalVideoFrames});
    video.muted = true;
    video.onended = () => end('ended');
    video.onerror = () => end('error');
    video.src = name;
    document.body.append(video);
    video.play().catch(() => end('error'));
  });
}
(async () => {
  const seen = {conformed: await look('conformed.mp4'), original: await look('original.mp4')};
  await fetch('seen', {method: 'POST', body: JSON.stringify(seen)});
})();
</script>"""


@unittest.skipUnless(CHROMIUM, "there is no Chromium")
@unittest.skipUnless(importlib.util.find_spec("av"), "PyAV is not installed")
class Browser(HostTest):
    arguments = ("--preload", "numpy,PIL,cv2")

    def test_chromium_plays_a_conformed_video_to_its_end(self):
        wanted = {"width": 128, "height": 128, "frames": 17, "fps": 16, "keep_original": True}
        sample = self.host.lane("video-generator").draw(5, video=wanted)["out"] / "video_task" / "video_0000"
        seen = look({"/conformed.mp4": (sample / "ground_truth.mp4").read_bytes(),
                     "/original.mp4": (sample / "original" / "ground_truth.mp4").read_bytes()}, self.host.folder)
        self.assertEqual(seen["conformed"],
                         {"state": "ended", "width": 128, "height": 128, "seconds": 17 / 16, "frames": 17})
        self.assertEqual(seen["original"]["state"], "error")


def look(files, folder):
    """What Chromium made of the videos, from a page that this serves."""
    seen, told = {}, threading.Event()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            content = files.get(self.path, PAGE)
            self.send_response(200)
            self.send_header("Content-Type", "video/mp4" if self.path in files else "text/html")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def do_POST(self):
            seen.update(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()
            told.set()

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        arguments = ["--headless=new", "--disable-gpu", "--no-first-run", "--autoplay-policy=no-user-gesture-required",
                     f"--user-data-dir={folder / 'chromium'}", *(["--no-sandbox"] if os.getuid() == 0 else [])]
        browser = subprocess.Popen([CHROMIUM, *arguments, f"http://127.0.0.1:{server.server_port}/"],
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            if not told.wait(2 * DEADLINE):
                raise AssertionError("Chromium said nothing of the videos")
        finally:
            browser.terminate()
            browser.wait(DEADLINE)
            server.shutdown()
    return seen


if __name__ == "__main__":
    unittest.main()
