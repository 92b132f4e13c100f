"""How far a film has come at each of its frames: the number of steps done, with fractions."""


def progress(steps, hold, draw):
    """For a line that grows: `hold` frames at 0, then all `steps` evenly in `draw` frames, then
    `hold` more of the last one."""
    for part in [0] * hold + list(range(1, draw)) + [draw] * (1 + hold):
        yield steps * part / draw


def moves(count, hold, draw):
    """For moves, one after another: each takes the same whole number of frames, at least one, so
    that every position between two moves is shown. As long as `progress` is, unless there are
    more moves than frames."""
    each = max(1, draw // count)
    yield from [0] * hold
    for part in range(1, each * count + 1):
        yield part / each
    yield from [count] * (hold + max(0, draw - each * count))
