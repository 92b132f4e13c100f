"""Turns a random state into a sample."""

from samplekit import Sample

from . import config, drawing, puzzle, rules


def make_sample(rng, options):
    found = puzzle.invent(rng, options.side, options.difficulty)
    side, other = ("White", "Black") if found.white else ("Black", "White")
    prompt = rng.choice(config.PROMPTS).format(
        side=side, other=other, side_lower=side.lower(), other_lower=other.lower())
    return Sample(
        prompt=prompt,
        parameters={
            "fen": rules.fen(found.board, found.white),
            "side_to_move": side.lower(),
            "solution": rules.uci(found.move),
            "solution_piece": config.PIECE_NAMES[found.board[found.move[0]].upper()],
            "solution_fen": rules.fen(found.after, not found.white),
        },
        frames=drawing.frames(found.board, found.move),
        fps=config.FPS)
