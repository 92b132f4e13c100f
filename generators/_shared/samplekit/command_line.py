"""The flags every generator understands."""

import argparse

MAX_SEED = 2**31 - 1


def whole_number(lowest, highest=None):
    """An argparse type: the error names the value and what is allowed."""
    allowed = f"{lowest} or more" if highest is None else f"{lowest} to {highest}"

    def parse(text):
        try:
            value = int(text)
        except ValueError:
            raise argparse.ArgumentTypeError(
                f"{text!r} is not a whole number (allowed: {allowed})") from None
        if value < lowest or (highest is not None and value > highest):
            raise argparse.ArgumentTypeError(f"{value} is out of range (allowed: {allowed})")
        return value

    return parse


def parse(description, arguments=None, add_flags=None):
    """`add_flags(parser)` may declare flags of the generator's own."""
    # Without abbreviations a misspelled flag is an error, not another flag.
    parser = argparse.ArgumentParser(description=description, allow_abbrev=False)
    parser.add_argument("--num-samples", type=whole_number(1), required=True,
                        help="how many samples to write (1 or more)")
    parser.add_argument("--seed", type=whole_number(0, MAX_SEED), default=42,
                        help=f"base seed, 0 to {MAX_SEED} (default 42); sample i uses seed + i")
    parser.add_argument("--start-index", type=whole_number(0), default=0,
                        help="index of the first sample (default 0)")
    parser.add_argument("--output", "--output-dir", dest="output", default="data",
                        help="folder for the samples (default ./data)")
    # Written out: the pipeline reads types and choices from this text.
    parser.add_argument("--size", type=int, choices=range(128, 1025, 2), metavar="PIXELS",
                        help="longer side of the pictures in pixels, even, 128 to 1024 (default: as drawn)")
    parser.add_argument("--fps", type=int, choices=range(1, 61), metavar="FPS",
                        help="frames a second of the video, 1 to 60 (default: the generator's own)")
    if add_flags:
        add_flags(parser)
    return parser.parse_args(arguments)
