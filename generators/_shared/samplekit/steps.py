"""How far a film has come at each of its frames."""


def progress(steps, hold, draw):
    """The number of steps done, with fractions: `hold` frames at 0, then all `steps` evenly in
    `draw` frames, then `hold` more of the last one."""
    for part in [0] * hold + list(range(1, draw)) + [draw] * (1 + hold):
        yield steps * part / draw
