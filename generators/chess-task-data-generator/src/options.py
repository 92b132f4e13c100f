"""What can be set on the command line, and so as parameters of a job."""

from samplekit.difficulty import add_difficulty

def add_flags(parser):
    add_difficulty(parser)
    parser.add_argument("--side", choices=("white", "black"), help="whose move it always is (default: either)")
