"""What every built-in generator shares: command line, sample loop, files and video."""

from .run import run
from .sample import Sample

__all__ = ["Sample", "run"]
