"""The generator's own modules read a clock that follows the seed; libraries read the machine's."""

import datetime
import importlib.util
import json
import time
import tempfile
import unittest
from pathlib import Path

from generator_host_client import HostTest, files

from generator_host import clock, clock_reads, imports  # noqa: E402

EPOCH = 1_735_689_600
YEAR = 365 * 86_400

SCRIPT = """\
import argparse, json, os, sys
from pathlib import Path
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
parser = argparse.ArgumentParser()
for name in ("num-samples", "seed", "output", "body"):
    parser.add_argument("--" + name)
asked = parser.parse_args()
scope = {**globals()}
exec(asked.body, scope)
(Path(asked.output)).mkdir(parents=True, exist_ok=True)
(Path(asked.output) / "found.json").write_text(json.dumps(scope["found"], default=str))
"""

# By the module's own name, by another, by the function's, within a function and by whatever a star brings.
IMPORTS = {
    "import time": "time.{}", "import time as t": "t.{}", "from time import {} as read": "read",
    "import importlib; m = importlib.import_module('time')": "m.{}", "from time import *": "{}",
    "import sys; import time": "getattr(sys.modules['time'], '{}')",
}
SECONDS = ("time", "monotonic", "perf_counter", "process_time", "thread_time")
TEXTS = {"ctime": "()", "asctime": "()", "strftime": "('%Y-%m-%d %H:%M:%S')", "localtime": "()", "gmtime": "()"}
DATES = {
    "import datetime": ("datetime.datetime", "datetime.date"), "import datetime as dt": ("dt.datetime", "dt.date"),
    "from datetime import datetime, date": ("datetime", "date"), "from datetime import datetime as D, date as T": ("D", "T"),
    "from datetime import *": ("datetime", "date"),
}


class Clock(HostTest):
    arguments = ("--preload", "numpy,PIL,pydantic")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        folder = cls.host.folder / "generators" / "clock"
        (folder / "examples").mkdir(parents=True)
        (folder / "examples" / "generate.py").write_text(SCRIPT)
        (folder / "own.py").write_text("import time\nfrom time import time as at_import\nread = lambda: time.time()\n"
                                       "AT = at_import()\n")
        shared = folder.parent / "_brought"
        shared.mkdir()
        (shared / "brought.py").write_text("import time\nAT = time.time()\n")
        library = cls.host.folder / "library"
        library.mkdir()
        (library / "outsider.py").write_text(
            "import datetime, time\nfrom time import time as now\n"
            "def read():\n    return [time.time(), now(), datetime.datetime.now(datetime.timezone.utc).timestamp(),\n"
            "            time.mktime(time.strptime(time.ctime()))]\n"
            "def call(function):\n    return function()\n")
        cls.folder = folder
        cls.with_library = cls.new_host(*cls.arguments, "--sandbox", "off", libraries=[library])
        cls.lane = cls.host.lane(folder)

    def find(self, body, seed=5, lane=None, **fields):
        answer = (lane or self.lane).draw(seed, "--body", body, **fields)
        self.assertEqual(answer["status"], "ok", answer["log"])
        return json.loads((answer["out"] / "found.json").read_text())

    def assert_virtual(self, body):
        """The same in a used process, a new one and another lane, and another for another seed."""
        found = [self.find(body), self.find(body), self.find(body, fresh=True), self.find(body, lane=self.host.lane(self.folder))]
        self.assertEqual([found[0]] * 4, found, body)
        self.assertNotEqual(self.find(body, seed=6), found[0], body)
        return found[0]

    def test_every_way_to_import_the_seconds_reads_the_virtual_clock(self):
        for name in ("time", "monotonic", "perf_counter"):
            for statement, function in IMPORTS.items():
                with self.subTest(statement=statement, name=name):
                    read = function.format(name)
                    body = f"{statement.format(name)}\nfound = [{read}(), {read}()]"
                    first, second = self.assert_virtual(body)
                    self.assertAlmostEqual(second - first, 0.001, 4)
                    self.assertTrue(0 <= first - (EPOCH if name == "time" else 0) < YEAR + 1, first)

    def test_every_function_that_tells_the_time_is_virtual(self):
        body = "import time\nfound = {}\n" + "".join(
            f"found['{name}'] = time.{name}(), time.{name}_ns() / 1e9\n" for name in SECONDS)
        found = self.assert_virtual(body)
        for name in SECONDS:
            first, second = found[name]
            self.assertAlmostEqual(second - first, 0.001, 4, name)
        body = ("import time, datetime\nat = time.time()\n"
                "expected = [int(at), int(time.clock_gettime(time.CLOCK_REALTIME)), time.clock_gettime_ns(time.CLOCK_REALTIME) // 10**9]\n"
                "found = [expected, " + ", ".join(f"time.{name}{call}" for name, call in TEXTS.items()) + "]")
        (seconds, *others), *texts = self.assert_virtual(body)
        self.assertEqual(others, [seconds] * 2)
        real = [time.asctime(time.gmtime(seconds)), time.asctime(time.gmtime(seconds)),
                time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(seconds)), *[list(time.gmtime(seconds))] * 2]
        self.assertEqual(texts, real)

    def test_functions_that_are_given_a_time_keep_to_it(self):
        body = ("import time\nmoment = time.gmtime(86400)\nfound = [time.ctime(86400), time.asctime(moment), time.strftime('%d', moment),\n"
                "list(time.localtime(86400)), list(time.gmtime(86400))]")
        moment = time.gmtime(86400)
        self.assertEqual(self.find(body), [time.asctime(moment)] * 2 + ["02"] + [list(moment)] * 2)

    def test_every_way_to_import_the_dates_reads_the_virtual_clock(self):
        for statement, (moment, day) in DATES.items():
            with self.subTest(statement=statement):
                body = (f"{statement}\nimport datetime as real\n"
                        f"read = [{moment}.now(), {moment}.now(real.timezone.utc), {moment}.now(tz=real.timezone.utc), {moment}.utcnow(),\n"
                        f"        {moment}.today(), {day}.today(), {moment}.now]\nread[-1] = read[-1]()\n"
                        "found = [str(each) for each in read] + [type(each).__name__ for each in read]\n"
                        "assert all(type(each) is real.datetime for each in read if each is not read[5])")
                texts = self.assert_virtual(body)[:7]
                self.assertEqual(len({text[:10] for text in texts}), 1, texts)
                self.assertTrue(texts[1].endswith("+00:00"), texts)
                begin = datetime.datetime.fromisoformat(texts[0])
                self.assertEqual([datetime.datetime.fromisoformat(texts[number]) - begin for number in (3, 4)],
                                 [datetime.timedelta(milliseconds=number) for number in (3, 4)])

    def test_own_modules_and_those_brought_along_read_it_too(self):
        for body in ("import own\nfound = own.AT", "import own\nfound = own.read()",
                     "sys.path.insert(0, str(Path(__file__).resolve().parents[2] / '_brought'))\nimport brought\nfound = brought.AT",
                     "def late():\n    import time\n    return time.time()\nfound = late()",
                     "scope = {}\nexec('import time; at = time.time()', scope)\nfound = scope['at']"):
            with self.subTest(body=body):
                self.assert_virtual(body)

    def test_a_sleep_returns_at_once_and_moves_the_clock(self):
        body = ("import time\nfrom time import sleep\nbegin, cpu = time.time(), time.process_time()\n"
                "time.sleep(40_000)\nsleep(20_000.5)\nfound = [time.time() - begin, time.process_time() - cpu]")
        passed, cpu = self.find(body, timeout=20)
        self.assertAlmostEqual(passed, 60_000.5, 1)
        self.assertLess(cpu, 1)
        for value, error in (("-1", "ValueError"), ("'x'", "TypeError"), ("float('nan')", "ValueError")):
            answer = self.lane.draw(5, "--body", f"import time\ntime.sleep({value})")
            self.assertEqual((answer["status"], answer["type"]), ("raised", error))

    def test_a_sleep_beside_a_thread_or_a_child_waits_for_it(self):
        for start, ended in (("import subprocess\nit = subprocess.Popen([sys.executable, '-c', 'pass'])", "it.poll() is not None"),
                             ("import select, threading\nit = threading.Thread(target=lambda: select.select([], [], [], 0.2))\nit.start()",
                              "not it.is_alive()")):
            body = f"import time\n{start}\nbegin = time.time()\nwhile time.time() - begin < 20 and not ({ended}):\n    time.sleep(0.05)\nfound = {ended}"
            self.assertTrue(self.find(body))

    def test_a_search_that_is_bounded_by_time_ends_after_as_many_readings(self):
        body = "import time\nfound, begin = 0, time.{0}()\nwhile time.{0}() - begin < 10:\n    found += 1"
        for name in SECONDS:
            self.assertEqual({self.find(body.format(name), seed) for seed in (1, 2)}, {9_999}, name)
        self.assertEqual(self.find("from timeit import default_timer as timer\n" + body.format("x").replace("time.x", "timer")), 9_999)

    def test_libraries_read_the_machines_clock(self):
        lane = self.with_library.lane(self.folder)
        before = time.time()
        found = self.find("import outsider\nfound = outsider.read()", lane=lane)
        for at in found:
            self.assertTrue(int(before) <= at <= time.time() + 1, (at, before))
        found = self.find("import logging, tempfile, uuid\nmade = tempfile.NamedTemporaryFile()\n"
                          "found = [logging.makeLogRecord({}).created, logging.LogRecord('n', 1, 'p', 1, 'm', (), None).created]", lane=lane)
        self.assertTrue(all(int(before) <= at <= time.time() + 1 for at in found), found)

    def test_a_function_of_the_clock_stays_virtual_in_a_librarys_hands(self):
        lane = self.with_library.lane(self.folder)
        for function in ("time.time", "datetime.datetime.now", "datetime.date.today"):
            body = f"import outsider, time, datetime\nfound = outsider.call({function})"
            self.assertEqual(self.find(body, lane=lane), self.find(body, lane=lane, fresh=True))
            self.assertTrue(str(self.find(body, lane=lane)).startswith(("17", "2025")))

    def test_datetime_stays_the_class_that_it_is(self):
        self.find("import copy, datetime, pickle\nfrom datetime import datetime as D\nimport time\n"
                  "at = D.now()\n"
                  "assert type(at) is D is datetime.datetime and isinstance(at, datetime.date)\n"
                  "assert pickle.loads(pickle.dumps(at)) == at == copy.deepcopy(at) and pickle.loads(pickle.dumps(D)) is D\n"
                  "assert D.fromisoformat(at.isoformat()) == at and D.strptime('2020', '%Y').year == 2020\n"
                  "class Own(D):\n    pass\n"
                  "assert type(Own.now()) is Own is type(Own.today()) is type(Own.utcnow())\n"
                  "class Timer:\n    clock = time.perf_counter\n"
                  "assert Timer().clock() < Timer.clock() and copy.deepcopy(time.time) is not None\n"
                  "found = 1")

    @unittest.skipUnless(importlib.util.find_spec("pydantic"), "pydantic is not here")
    def test_models_with_moments_of_the_clock_work(self):
        body = ("from datetime import date, datetime\nimport time\nfrom pydantic import BaseModel, Field\n"
                "class Model(BaseModel):\n    at: datetime = Field(default_factory=datetime.now)\n    day: date = Field(default_factory=date.today)\n"
                "    seconds: float = Field(default_factory=time.time)\n"
                "made = Model()\nassert type(made.at) is datetime and Model(at='2020-01-01T00:00:00', day='2020-01-01').at.year == 2020\n"
                "import dataclasses\n@dataclasses.dataclass\nclass Record:\n    at: datetime = dataclasses.field(default_factory=datetime.now)\n"
                "found = [made.json(), str(Record().at)]")
        self.assert_virtual(body)

    def test_what_a_sample_replaces_is_put_back(self):
        lane = self.host.lane(self.folder)
        expected = self.find("import time\nfound = time.time()", lane=lane)
        self.assertEqual(self.find("import time\ntime.time = lambda: 7\nfound = time.time()", lane=lane), 7)
        self.find("import time\nfor name in ('time', 'sleep'):\n    delattr(time, name)\nfound = hasattr(time, 'sleep')", lane=lane)
        self.assertEqual(self.find("import time\nfound = time.time()", lane=lane), expected)

    def test_seeds_of_one_job_start_far_apart(self):
        starts = [self.find("import time\nfound = int(time.time())", seed) for seed in range(12)]
        self.assertGreater(min(abs(one - other) for one in starts for other in starts if one is not other), 3600)
        self.find("import time\nfound = time.time()", -1)
        self.find("import time\nfound = time.time()", 2 ** 70)

    def test_metadata_with_a_time_stamp_is_the_same_twice(self):
        lane = self.host.lane("clock-metadata-generator")
        samples = []
        for fresh in (False, False, True):
            request = lane.request(1, fresh=fresh)
            request["argv"][4] = "--output-dir"
            lane.send(request)
            self.assertEqual(lane.receive()["status"], "ok")
            samples.append(files(type(self.host.folder)(request["work"], "out")))
        self.assertEqual(samples, samples[:1] * 3)
        metadata = next(content for name, content in samples[0].items() if name.endswith("metadata.json"))
        self.assertTrue(json.loads(metadata)["timestamp"].startswith("2025-"))


class ClockReads(unittest.TestCase):
    """What of a source reads the clock, as the host tells it."""

    def find(self, **sources):
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder) / "generator"
            for name, source in {"examples/generate": "import own, brought", **sources}.items():
                path = (root.parent if name.startswith("_") else root) / f"{name}.py"
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(source)
            return [(read["file"], read["function"]) for read in clock_reads.find(imports.analyse(str(root)), str(root))]

    def functions(self, source):
        return [function for _, function in self.find(own=source)]

    def test_names_are_followed_however_they_were_imported(self):
        for source, functions in (
                ("import time\ntime.time()", ["time.time"]), ("import time as t\nt.sleep(1)", ["time.sleep"]),
                ("from time import perf_counter_ns as now\nclock = now", ["time.perf_counter_ns"]),
                ("def late():\n    import time\n    return time.monotonic()", ["time.monotonic"]),
                ("from time import *\nprocess_time()", ["time.process_time"]),
                ("from timeit import default_timer as timer\ntimer()", ["timeit.default_timer"]),
                ("import datetime as dt\ndt.datetime.now()\ndt.date.today()", ["datetime.date.today", "datetime.datetime.now"]),
                ("from datetime import datetime as D\nD.utcnow().isoformat()", ["datetime.datetime.utcnow"]),
                ("from datetime import datetime\nclass Model:\n    at = field(default_factory=datetime.today)", ["datetime.datetime.today"])):
            with self.subTest(source=source):
                self.assertEqual(self.functions(source), functions)

    def test_times_that_are_given_are_no_reads(self):
        for source, functions in (
                ("import time\ntime.strftime('%Y', moment)\ntime.ctime(1)\nconverter = time.gmtime", []),
                ("import time\ntime.strftime('%Y')\ntime.gmtime()", ["time.gmtime", "time.strftime"]),
                ("from datetime import datetime\ndatetime(2020, 1, 1)\ndatetime.fromtimestamp(1)", []),
                ("import numpy\nnumpy.time.time()\ntime.time()", []), ("now = 1\ntime = now", [])):
            with self.subTest(source=source):
                self.assertEqual(self.functions(source), functions)

    def test_modules_are_told_by_their_place(self):
        self.assertEqual(self.find(**{"src/own": "import time\ntime.time()\ntime.time()", "_kit/brought": "import time\ntime.time()"}),
                         [("_kit/brought.py", "time.time"), ("src/own.py", "time.time")])

    def test_all_that_is_virtual_is_found(self):
        self.assertEqual({f"{module.__name__}.{function._name}" for module, function in clock._FUNCTIONS},
                         {name for name in clock_reads.FUNCTIONS if name.count(".") == 1})


if __name__ == "__main__":
    unittest.main()
