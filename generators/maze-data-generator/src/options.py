"""What can be set on the command line, and so as parameters of a job."""

from samplekit.difficulty import add_difficulty

ALGORITHMS = ("depth_first", "prim", "kruskal", "wilson")


def add_flags(parser):
    add_difficulty(parser)
    # Written out: the pipeline reads defaults and choices from this text.
    parser.add_argument("--algorithm", choices=ALGORITHMS, metavar="NAME",
                        help="carve every maze this way: depth_first, prim, kruskal or wilson (default: any)")
    parser.add_argument("--min-size", type=int, choices=range(3, 31), default=6, metavar="CELLS",
                        help="fewest cells along a side, 3 to 30 (default %(default)s)")
    parser.add_argument("--max-size", type=int, choices=range(3, 31), default=14, metavar="CELLS",
                        help="most cells along a side, 3 to 30 (default %(default)s)")
