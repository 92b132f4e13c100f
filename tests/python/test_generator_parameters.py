"""What a generator can be told is read from its source, and what it is told reaches it."""

import ast
import json
import subprocess
import sys
import unittest
from pathlib import Path

from generator_host_client import GENERATORS, PACKAGES, HostTest, files

from generator_host import imports, parameters  # noqa: E402  (the client has made it importable)

CONFIGURED = GENERATORS / "configured-generator"


def schema(entry, config="", **modules):
    """The schema discovered in sources given as text, in which something
    reads the whole configuration."""
    found = imports.Imports()
    found.trees = {name: ast.parse(text) for name, text in {"entry": entry, "config": config, "use": "vars(config)", **modules}.items()}
    return parameters.discover(found) or {"properties": {}}


def read(entry, config="", **modules):
    return schema(entry, config, **modules)["properties"]


class Discovery(unittest.TestCase):
    def test_flags_and_fields_of_the_public_template(self):
        schema = parameters.discover(imports.analyse(str(CONFIGURED)))
        self.assertEqual(("object", False), (schema["type"], schema["additionalProperties"]))
        self.assertEqual({
            "difficulty": {"type": ["string", "null"], "default": None, "x-field": "difficulty"},
            "image_size": {"type": "array", "default": [400, 300], "items": {"type": "integer"}, "minItems": 2, "maxItems": 2,
                           "x-field": "image_size"},
            "num_dots": {"type": "integer", "description": "Dots in the picture", "default": 4, "minimum": 2, "maximum": 9,
                         "x-field": "num_dots"},
            "speed": {"type": "number", "default": 1.5, "exclusiveMinimum": 0, "x-field": "speed"},
            "style": {"enum": ["plain", "striped"], "default": "plain", "x-field": "style"},
            "tilt": {"type": ["number", "null"], "description": "Degrees; none for a random tilt", "default": None, "x-field": "tilt"},
            "colours": {"type": "array", "default": [[1, 2, 3]], "x-field": "colours"},
            "weights": {"type": "object", "default": {"a": 0.5}, "additionalProperties": {"type": "number"}, "x-field": "weights"},
            "level": {"type": "string", "enum": ["easy", "hard"], "description": "how hard (default: easy)", "default": "easy",
                      "x-flag": "--level"},
            "grid_size": {"type": "integer", "description": "cells along a side", "default": 3, "x-flag": "--grid-size"},
            "no_videos": {"type": "boolean", "description": "write no video", "default": False, "x-flag": "--no-videos"},
        }, schema["properties"])

    def test_every_kind_of_flag(self):
        found = read("""
LEAST = 3
parser.add_argument("-k", "--kinds", nargs="+", choices=["a", "b"], default=["a"])
parser.add_argument("--size", nargs=2, type=int)
parser.add_argument("--level", type=int, choices=range(1, 6), default=LEAST)
parser.add_argument("--side", type=int, choices=range(128, 1025, 2))
parser.add_argument("--odd", type=int, choices=range(1, 6, 2))
parser.add_argument("--ratio", type=float, default=compute())
parser.add_argument("--path", type=Path, default=Path("x"))
parser.add_argument("--film", action=argparse.BooleanOptionalAction, default=True)
parser.add_argument("--hidden", help=argparse.SUPPRESS)
parser.add_argument("--verbose", action="count")
parser.add_argument("--count", "--num-samples", type=int)
parser.add_argument("--really", type=bool)
parser.add_argument("-q")
parser.add_argument("folder")
""")
        self.assertEqual({
            "kinds": {"type": "array", "default": ["a"], "items": {"type": "string", "enum": ["a", "b"]}, "minItems": 1, "x-flag": "--kinds"},
            "size": {"type": "array", "items": {"type": "integer"}, "minItems": 2, "maxItems": 2, "x-flag": "--size"},
            "level": {"type": "integer", "default": 3, "minimum": 1, "maximum": 5, "x-flag": "--level"},
            "side": {"type": "integer", "minimum": 128, "maximum": 1024, "multipleOf": 2, "x-flag": "--side"},
            "odd": {"type": "integer", "enum": [1, 3, 5], "x-flag": "--odd"},
            "ratio": {"type": "number", "x-flag": "--ratio"},
            "film": {"type": "boolean", "default": True, "x-negative-flag": "--no-film", "x-flag": "--film"},
        }, found)

    def test_what_the_entry_passes_is_not_offered(self):
        config = "class TaskConfig(BaseModel):\n    a: int = 1\n    b: int = 2\n    c: int = 3\n"
        for entry, offered in (
                ("TaskConfig(a=1)", "bc"),
                ("TaskConfig(**{'a': 1, 'b': 2})", "c"),
                ("kw = {'a': 1}\nif x:\n    kw['b'] = 2\nTaskConfig(**kw)", "c"),
                ("kw = dict(a=1)\nTaskConfig(b=2, **kw)", "c"),
                ("config = TaskConfig(a=1)\nconfig.b = 5", "c"),
                ("config: TaskConfig = TaskConfig(a=1)\nconfig.b = 5", "c"),
                ("kw = {'a': 1}\nkw.update(more)\nTaskConfig(**kw)", ""),
                ("TaskConfig(**vars(args))", ""),
                ("TaskConfig(*values)", ""),
                ("config = TaskConfig()", "abc")):
            self.assertEqual(list(offered), list(read(entry, config)), entry)

    def test_only_what_can_be_told_is_offered(self):
        found = read("TaskConfig()", """
class Shape(str, Enum):
    ROUND = "round"
    FLAT = "flat"
class TaskConfig(Base):
    shape: Shape = Shape.ROUND
    size: "int | None" = None
    both: Union[int, str] = 1
    mixed: Tuple[int, str] = (1, "a")
    bound: Annotated[int, Field(ge=1)] = 5
    model_config = ConfigDict(frozen=True)
    shared: ClassVar[int] = 3
    _private: int = 1
    odd: Callable = print
    made: int = Field(default_factory=secrets.randbelow)
    endless: float = float("inf")
    seed: int = 5
""")
        self.assertEqual({
            "shape": {"enum": ["round", "flat"], "x-field": "shape"},
            "size": {"type": ["integer", "null"], "default": None, "x-field": "size"},
            "both": {"type": ["integer", "string"], "default": 1, "x-field": "both"},
            "mixed": {"type": "array", "default": [1, "a"], "prefixItems": [{"type": "integer"}, {"type": "string"}],
                      "minItems": 2, "maxItems": 2, "x-field": "mixed"},
            "bound": {"type": "integer", "default": 5, "minimum": 1, "x-field": "bound"},
            "made": {"type": "integer", "x-field": "made"},
            "endless": {"type": "number", "x-field": "endless"},
        }, found)

    def test_what_nothing_reads_is_not_offered(self):
        config = "class TaskConfig(BaseModel):\n    a: int = 1\n    b: int = 2\n    c: int = 3\n"
        for use, offered in (("self.config.a + 1", "a"), ("getattr(config, 'b', 0)", "b"), ("getattr(config, name)", "abc"),
                             ("x.a = 1", ""), ("config.model_dump()", "abc"), ("answer.json()", ""), ("asdict(self.config)", "abc")):
            self.assertEqual(list(offered), list(read("TaskConfig()", config, use=use)), use)

    def test_a_flag_has_the_bounds_of_the_field_that_it_feeds(self):
        config = """
class TaskConfig(BaseModel):
    dots: int = Field(default=4, ge=3, le=15)
    tilt: Optional[float] = Field(default=None, gt=0, lt=90)
    word: str = Field(default="abc", min_length=2, max_length=8)
    style: Literal["plain", "striped"] = "plain"
    free: int = 1
"""
        flags = "".join(f"parser.add_argument('--{name}', type={kind})\n" for name, kind in (
            ("dots", "int"), ("tilt", "float"), ("word", "str"), ("style", "str"), ("free", "int")))
        bounded = {
            "dots": {"type": "integer", "minimum": 3, "maximum": 15, "x-flag": "--dots"},
            "tilt": {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 90, "x-flag": "--tilt"},
            "word": {"type": "string", "minLength": 2, "maxLength": 8, "x-flag": "--word"},
            "style": {"type": "string", "enum": ["plain", "striped"], "x-flag": "--style"},
            "free": {"type": "integer", "x-flag": "--free"},
        }
        for way in ("a = parser.parse_args()\nTaskConfig(dots=a.dots, tilt=a.tilt, word=a.word, style=a.style, free=a.free)",
                    "a = parser.parse_args()\nkw = {'dots': a.dots, 'tilt': a.tilt}\nif a.word:\n    kw['word'] = a.word\n"
                    "kw.update(style=a.style)\nTaskConfig(**kw)",
                    "def main(args):\n    c = TaskConfig(dots=args.dots or 4)\n    c.tilt = args.tilt if args.tilt else None\n"
                    "    c.word = args.word\n    kind = args.style\n    c.style = kind"):
            self.assertEqual(bounded, read(flags + way, config), way)

    def test_a_flag_keeps_its_own_word_against_the_field(self):
        config = "class TaskConfig(BaseModel):\n    dots: int = Field(default=4, ge=3, le=15)\n    size: int = Field(default=8, ge=4)\n"
        self.assertEqual({
            "dots": {"type": "integer", "enum": [5, 6], "minimum": 3, "maximum": 15, "x-flag": "--dots"},
            # 0 is the script's word for "none", and its default.
            "size": {"type": "integer", "default": 0, "x-flag": "--size"},
            "name": {"type": "string", "x-flag": "--name"},
        }, read("""
parser.add_argument("--dots", type=int, choices=[5, 6])
parser.add_argument("--size", type=int, default=0)
parser.add_argument("--name")
args = parser.parse_args()
TaskConfig(dots=args.dots, size=args.size or args.name)
""", config))

    def test_a_required_flag_is_required(self):
        found = schema("""
parser.add_argument("--num-samples", type=int, required=True)
parser.add_argument("--task", choices=["a", "b"], required=True)
parser.add_argument("--size", type=int, required=False)
""")
        self.assertEqual((["task"], ["task", "size"]), (found["required"], list(found["properties"])))
        self.assertNotIn("required", schema("parser.add_argument('--size', type=int)"))

    def test_numbers_of_samples_programs_folders_and_buckets_are_not_offered(self):
        found = read("""
parser.add_argument("--n-samples", type=int)
parser.add_argument("--sample-count", type=int)
parser.add_argument("--samples-per-domain", type=int)
parser.add_argument("--amount", type=int)
parser.add_argument("--puzzles", type=int, help="Number of puzzles to generate")
parser.add_argument("--many", type=int, help="Total number of task samples")
parser.add_argument("--blender", default="blender")
parser.add_argument("--blender-bin", help="Blender")
parser.add_argument("--renderer", help="The renderer's executable")
parser.add_argument("--ffmpeg")
parser.add_argument("--s3-bucket")
parser.add_argument("--bucket", default="x")
parser.add_argument("--upload-to", help="S3 bucket for the results")
parser.add_argument("--outdir")
parser.add_argument("--where", help="Output directory (default: data/questions)")
parser.add_argument("--assets", help="path to the pictures")
TaskConfig(num_samples=parser.parse_args().amount)
args = parser.parse_args()
TaskConfig(num_samples=args.amount)
""")
        self.assertEqual({}, found)
        # Names that are like these and mean something in the picture.
        found = read("""
parser.add_argument("--sample-points", type=int)
parser.add_argument("--render-samples", type=int, help="Number of samples per pixel")
parser.add_argument("--buckets", type=int, help="number of buckets in the picture")
parser.add_argument("--path-length", type=int, help="cells on the path to the exit")
parser.add_argument("--script", choices=["latin", "greek"])
parser.add_argument("--binary", action="store_true")
parser.add_argument("--program", type=int)
""")
        self.assertEqual(["sample_points", "render_samples", "buckets", "path_length", "script", "binary", "program"], list(found))

    def test_neither_seed_nor_place_is_offered_by_another_name(self):
        found = read("""
parser.add_argument("--reset-seed", dest="seed", type=int)
parser.add_argument("--where", dest="output")
parser.add_argument("--odd", dest=compute())
parser.add_argument("--save-root")
parser.add_argument("--out-file")
parser.add_argument("--settings", type=open)
parser.add_argument("--log", type=argparse.FileType("w"))
parser.add_argument("--kept", dest="other", type=float, default=1e999)
""")
        self.assertEqual({"kept": {"type": "number", "x-flag": "--kept"}}, found)

    def test_a_default_is_a_value_that_may_be_given(self):
        found = read("TaskConfig()", """
class Colour(Enum):
    RED = (255, 0, 0)
class TaskConfig(Base):
    most: int = None
    hue: Colour = Colour.RED
    least: int = Field(default=3, ge=-1e999)
""")
        self.assertEqual({"most": {"type": "integer", "x-field": "most"}, "least": {"type": "integer", "default": 3, "x-field": "least"}}, found)

    def test_nothing_to_set_is_no_schema(self):
        self.assertEqual({}, parameters.answer(imports.analyse(str(GENERATORS / "ok-generator"))))

    def test_as_a_program_it_writes_a_line_for_each_folder(self):
        lines = subprocess.run([sys.executable, "-m", "generator_host.parameters", CONFIGURED, imports.ENTRY, "",
                                "/nowhere", imports.ENTRY, ""], cwd=PACKAGES,
                               capture_output=True, text=True, check=True).stdout.splitlines()
        self.assertIn("num_dots", json.loads(lines[0])["parameters"]["properties"])
        self.assertIn("FileNotFoundError", json.loads(lines[1])["parameters_error"])


class Application(HostTest):
    arguments = ("--preload", "numpy,PIL,pydantic")

    def written(self, text, says):
        """A lane of a generator whose TaskConfig and last word are given."""
        folder = self.host.copy("configured-generator")
        (folder / "src" / "config.py").write_text(text, encoding="utf-8")
        entry = folder / "examples" / "generate.py"
        source = entry.read_text(encoding="utf-8").partition("config = ")[0]
        entry.write_text(source + says, encoding="utf-8")
        return self.host.lane(folder)

    def says(self, answer):
        self.assertEqual("ok", answer["status"], answer["log"])
        return json.loads(next(answer["out"].rglob("metadata.json")).read_text(encoding="utf-8"))["says"]

    def test_fields_and_flags_reach_the_generator_and_leave_no_trace(self):
        lane = self.host.lane("configured-generator")
        before = lane.draw()
        self.assertEqual("easy False 3 4 1.5 'plain' None [(1, 2, 3)] (400, 300) None", self.says(before))
        changed = lane.draw(5, "--grid-size=8", "--no-videos", config={
            "num_dots": 9, "speed": 2, "tilt": 0.5, "colours": [[9, 9, 9], [8, 8, 8]], "image_size": [7, 8], "difficulty": "hard"})
        self.assertEqual("easy True 8 9 2.0 'plain' 0.5 [(9, 9, 9), (8, 8, 8)] (7, 8) 'hard'", self.says(changed))
        self.assertNotEqual(*({name: data for name, data in files(answer["out"]).items() if name.endswith("first_frame.png")}
                              for answer in (before, changed)))
        self.assertEqual(files(before["out"]), files(lane.draw()["out"]))

    def test_a_value_that_the_model_refuses_is_its_own_error(self):
        answer = self.host.lane("configured-generator").draw(config={"num_dots": 10})
        self.assertEqual("raised", answer["status"])
        self.assertRegex(answer["type"], r"^pydantic.*\.ValidationError$")
        self.assertIn("num_dots", answer["message"])

    def test_what_is_not_taken_fails_the_sample(self):
        lane = self.host.lane("configured-generator")
        for config, reason in (({"absent": 1}, "The generator did not take absent: TaskConfig has no field absent."),
                               ({"grid_size": 5}, "The generator itself sets grid_size of TaskConfig.")):
            answer = lane.draw(config=config)
            self.assertEqual(("raised", "ParameterNotApplied", reason), (answer["status"], answer["type"], answer["message"]))
        answer = self.host.lane("ok-generator").draw(config={"a": 1})
        self.assertEqual("The generator did not take a: it ran no class TaskConfig of its own.", answer["message"])
        self.assertEqual("ok", lane.draw()["status"])

    def test_a_configuration_that_is_made_another_way_fails_the_sample(self):
        lane = self.written("from pydantic import BaseModel\nclass TaskConfig(BaseModel):\n    a: int = 1\n",
                            "TaskConfig.construct()\nsys.exit(0)\n")
        self.assertEqual("The generator did not take a: it made no TaskConfig by calling it.", lane.draw(config={"a": 2})["message"])
        self.assertEqual("ok", lane.draw()["status"])

    def test_data_classes_and_plain_classes(self):
        says = "config = TaskConfig()\ntiny_samples.write(asked, 'x', says=repr((config.a, config.b, config.c)))\n"
        config = {"a": 5, "b": [6, 7], "c": [8]}
        data = self.written("""
from dataclasses import dataclass, field
@dataclass
class Base:
    a: int = 1
@dataclass
class TaskConfig(Base):
    b: tuple = (2, 3)
    c: list = field(default_factory=list)
""", says)
        plain = self.written("class Base:\n    a = 1\nclass TaskConfig(Base):\n    b = (2, 3)\n    c = []\n", says)
        for lane in (data, plain):
            self.assertEqual("(5, (6, 7), [8])", self.says(lane.draw(config=config)))
            self.assertEqual("(1, (2, 3), [])", self.says(lane.draw()))
            self.assertEqual("(5, (2, 3), [])", self.says(lane.draw(config={"a": 5})))

    def test_values_become_what_the_default_is(self):
        lane = self.written("""
import enum
from dataclasses import dataclass, field
class Mode(enum.Enum):
    EASY = "easy"
    HARD = "hard"
@dataclass
class TaskConfig:
    a: Mode = Mode.EASY
    b: float = 1.5
    c: dict = field(default_factory=lambda: {"red": (255, 0, 0)})
""", "config = TaskConfig()\ntiny_samples.write(asked, 'x', says=repr((config.a.name, config.b, config.c)))\n")
        self.assertEqual("('HARD', 2.0, {'red': (1, 2, 3)})", self.says(lane.draw(config={"a": "hard", "b": 2, "c": {"red": [1, 2, 3]}})))

    def test_what_the_generator_sets_later_fails_the_sample(self):
        lane = self.written("from pydantic import BaseModel\nclass TaskConfig(BaseModel):\n    a: int = 1\n",
                            "config = TaskConfig()\nsetattr(config, 'a', 7)\nsys.exit(0)\n")
        self.assertEqual("The generator itself sets a of TaskConfig.", lane.draw(config={"a": 2})["message"])
        self.assertEqual("ok", lane.draw(config={"a": 7})["status"])

    def test_a_configuration_that_is_no_object_is_refused(self):
        answer = self.host.lane("configured-generator").draw(config=[1])
        self.assertEqual(("refused", "field 'config' must be dict"), (answer["status"], answer["message"]))

    def test_an_inspection_tells_the_parameters(self):
        answer = self.host.ask({"op": "inspect", "id": 7, "generator": str(CONFIGURED)})
        self.assertIn("num_dots", answer["parameters"]["properties"])
        self.assertNotIn("parameters", self.host.ask({"op": "inspect", "id": 8, "generator": str(GENERATORS / "ok-generator")}))


if __name__ == "__main__":
    unittest.main()
