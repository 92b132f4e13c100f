"""The flag by which generators let their samples be easy, medium or hard."""

LEVELS = ("easy", "medium", "hard")


def add_difficulty(parser):
    parser.add_argument("--difficulty", choices=("easy", "medium", "hard"),
                        help="easy, medium or hard (default: the generator's usual range)")
