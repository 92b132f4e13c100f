"""What can be set on the command line, and so as parameters of a job."""

from samplekit.difficulty import add_difficulty


def add_flags(parser):
    add_difficulty(parser)
