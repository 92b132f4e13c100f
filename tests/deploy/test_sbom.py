import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

from test_images import effective

SCRIPT = pathlib.Path(__file__).resolve().parents[2] / "docker" / "sbom.py"


class SbomTests(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def write(self, path: str, text: str) -> pathlib.Path:
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        return file

    def test_it_lists_every_kind_of_package_by_its_address(self):
        self.write("etc/os-release", 'NAME="Ubuntu"\nID=ubuntu\n')
        self.write("var/lib/dpkg/status", "Package: libc6\nStatus: install ok installed\nArchitecture: arm64\nVersion: 1:2.39+b1\nDescription: C\n library\n\n"
                   "Package: gone\nStatus: deinstall ok config-files\nArchitecture: all\nVersion: 1\n")
        deps = self.write("Worker.deps.json", json.dumps({"libraries": {
            "Worker/1.0.0": {"type": "project", "sha512": ""}, "AWSSDK.S3/4.0.1": {"type": "package", "sha512": "sha512-AQID"}}}))
        more = self.write("vmds.deps.json", json.dumps({"libraries": {
            "vmds/1.0.0": {"type": "project", "sha512": ""}, "AWSSDK.S3/4.0.1": {"type": "package", "sha512": "sha512-AQID"},
            "Spectre.Console/0.57.2": {"type": "package", "sha512": "sha512-AQID"}}}))
        self.write("site/numpy-1.24.2.dist-info/METADATA", "Metadata-Version: 2.1\nName: NumPy\nVersion: 1.24.2\n")
        lock = self.write("generators.lock", "# head\nchess\thttps://example.org/chess\tabc123\n")
        command = [sys.executable, str(SCRIPT), "image", "--system", self.folder, "--deps", deps, more, "--site-packages", self.folder / "site", "--generators", lock]

        written = subprocess.run(command, capture_output=True, check=True).stdout

        bill = json.loads(written)
        self.assertEqual((bill["bomFormat"], bill["specVersion"], bill["metadata"]["component"]["name"]), ("CycloneDX", "1.5", "image"))
        self.assertEqual([one["purl"] for one in bill["components"]], [
            "pkg:deb/ubuntu/libc6@1%3A2.39%2Bb1?arch=arm64", "pkg:generic/chess@abc123?vcs_url=git%2Bhttps%3A%2F%2Fexample.org%2Fchess%40abc123",
            "pkg:nuget/AWSSDK.S3@4.0.1", "pkg:nuget/Spectre.Console@0.57.2", "pkg:pypi/numpy@1.24.2"])
        self.assertEqual(bill["components"][2]["hashes"], [{"alg": "SHA-512", "content": "010203"}])
        self.assertEqual(subprocess.run(command, capture_output=True, check=True).stdout, written)

    def test_every_image_carries_its_bill(self):
        for dockerfile, stage in (("Dockerfile.worker", ""), ("Dockerfile.api", ""), ("Dockerfile.api", "adapter")):
            with self.subTest(dockerfile=dockerfile, stage=stage):
                copied = [rest for word, rest in effective(dockerfile, stage) if word == "COPY" and rest.endswith(" /opt/sbom.cdx.json")]
                self.assertEqual(len(copied), 1)


if __name__ == "__main__":
    unittest.main()
