import pathlib
import shutil
import tempfile
import unittest

import scripts

FIRST, SECOND = "sha256:" + "a" * 64, "sha256:" + "b" * 64
DOCKERFILES = ("Dockerfile.worker", "Dockerfile.api")


class PinBaseImagesTests(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        for name in DOCKERFILES:
            shutil.copy(scripts.ROOT / name, self.root)

    def pin(self, digest: str, *arguments, code: int = 0):
        # Docker's answer to "imagetools inspect"; a skopeo that is installed would be asked first.
        scripts.stand_in(self.root / "bin", "docker", f'[ "$1 $2 $3" = "buildx imagetools inspect" ] || exit 1\necho {digest}\n')
        programs = self.root / "bin"
        for tool in ("bash", "env", "dirname", "grep", "sed", "sort", "awk"):
            (programs / tool).unlink(missing_ok=True)
            (programs / tool).symlink_to(shutil.which(tool))
        result = scripts.run("pin_base_images.sh", *arguments, ROOT=str(self.root), PATH=str(programs))
        self.assertEqual(result.returncode, code, result.stderr)
        return result.stderr

    def images(self):
        words = " ".join((self.root / name).read_text() for name in DOCKERFILES).replace("=", " ").split()
        return [word for word in words if word.startswith(("mcr.", "docker.io/", "public.ecr."))]

    def test_every_base_image_gets_its_digest_and_later_the_new_one(self):
        before = [image.partition("@")[0] for image in self.images()]
        self.assertGreater(len(before), 5)
        self.assertIn("debian:bookworm-slim", self.pin(FIRST, "--check", code=1))

        self.pin(FIRST)
        self.assertEqual(self.images(), [f"{image}@{FIRST}" for image in before])
        self.pin(FIRST, "--check")

        self.pin(SECOND)
        self.assertEqual(self.images(), [f"{image}@{SECOND}" for image in before])

    def test_an_answer_that_is_no_digest_changes_nothing(self):
        before = self.images()
        self.assertIn("is no digest: unauthorized", self.pin("unauthorized", code=1))
        self.assertEqual(self.images(), before)


if __name__ == "__main__":
    unittest.main()
