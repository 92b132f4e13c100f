import json
import pathlib
import re
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]


class NoticesTests(unittest.TestCase):
    def test_every_package_of_the_programs_is_named_with_its_licence(self):
        packages = set()
        for lock in ROOT.glob("src/*/packages.lock.json"):
            for graph in json.loads(lock.read_text())["dependencies"].values():
                packages |= {name for name, one in graph.items() if one["type"] != "Project"}
        rows = dict(re.findall(r"^\| ([\w.]+) \| ([\w.-]+) \|", (ROOT / "THIRD-PARTY-NOTICES.md").read_text(), re.MULTILINE))
        self.assertGreater(len(packages), 20)
        self.assertEqual(packages, set(rows))


if __name__ == "__main__":
    unittest.main()
