"""What was drawn."""

SEEDS = []


def note(seed):
    SEEDS.append(seed)
    return len(SEEDS)
