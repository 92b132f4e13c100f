"""The generator host: runs unmodified generators, sample after sample."""
