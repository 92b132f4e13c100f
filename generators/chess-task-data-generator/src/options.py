"""What can be set on the command line, and so as parameters of a job."""


def add_flags(parser):
    parser.add_argument("--side", choices=("white", "black"), help="whose move it always is (default: either)")
