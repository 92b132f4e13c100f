"""Invents positions with exactly one mate in one."""

from dataclasses import dataclass
from typing import List, Tuple

from . import config, rules

# Who mates, and with what company besides the king. Left to chance, queens and rooks would
# mate nearly always.
COMPANY = {
    "Q": ("", "N", "B", "R", "P", "NP"),
    "R": ("", "R", "B", "N", "BN", "P"),
    "B": ("BN", "R", "Q", "BR", "NR"),
    "N": ("R", "B", "Q", "NR", "BR"),
    "P": ("R", "Q", "BN", "RB", "RN"),
}
MATING = "QQQRRRBBNNP"
SHIELD = "ppppnbr"  # who may stand in the losing king's way
CROWD = "PPPNBRQpppppnbrq"  # who may be added without spoiling the puzzle
LIMITS = {"P": 6, "N": 2, "B": 2, "R": 2, "Q": 1, "K": 1}
EDGE = [s for s in range(64) if s & 7 in (0, 7) or s >> 3 in (0, 7)]
KING_HOMES = (4, 60)


@dataclass
class Puzzle:
    board: List[str]
    white: bool  # whose move it is
    move: Tuple[int, int, str]

    @property
    def after(self):
        return rules.play(self.board, self.move)


def invent(rng, side=None, difficulty=None):
    """A puzzle for either side, or for "white" or "black", of any difficulty or this one."""
    white = rng.random() < 0.5
    if side:
        white = side == "white"
    mating = rng.choice(MATING)
    while True:
        board, move = _skeleton(rng, mating)
        # Most skeletons are no mate; this finds out long before all moves are tried.
        if _is_mate(board, move) and _only_mate(board) == move:
            break
    board, move = _crowd(rng, board, move, config.CROWDS[difficulty])
    if white:
        return Puzzle(board, True, move)
    return Puzzle(_mirror(board), False, _mirror_move(move))


def _skeleton(rng, mating):
    """Two kings, a few pieces and a move of White that gives check, or seems to."""
    board = [rules.EMPTY] * 64
    king = rng.choice(EDGE) if rng.random() < 0.9 else rng.randrange(64)
    board[king] = "k"
    near = rules.KING[king]
    for square in rng.sample(near, rng.randint(0, min(3, len(near)))):
        _put(board, rng.choice(SHIELD), square)
    move = origin, target, _ = _aim(rng, mating, king)
    if rng.random() < 0.2:  # something to capture
        _put(board, rng.choice(SHIELD), target)
    _put(board, mating, origin)
    for piece in "K" + rng.choice(COMPANY[mating]):
        _put(board, piece, rng.randrange(64))
    return board, move


def _aim(rng, mating, king):
    """A move to a square from where the piece attacks the king."""
    if mating != "P":
        target = rng.choice(_reach(mating, king))
        return rng.choice(_reach(mating, target)), target, ""
    promotion = rng.choice(("", "Q", "Q", "N"))
    # A pawn starts on the second rank and promotes on the last, so it checks from between.
    ranks = range(56, 64) if promotion else range(16, 56)
    targets = [square for square in _reach(promotion or "P", king) if square in ranks]
    target = rng.choice(targets or ranks)  # nothing in reach: the skeleton will be thrown away
    return rng.choice(rules.PAWN[False][target] + [target - 8]), target, promotion


def _reach(kind, square):
    """From where a white piece attacks the square; but for pawns, also where it moves to."""
    if kind == "P":
        return rules.PAWN[False][square]
    if kind in rules.HOPS:
        return rules.HOPS[kind][square]
    return [target for ray in rules.SLIDES[kind][square] for target in ray]


def _crowd(rng, board, move, tries):
    """Add pieces as long as the mate stays the only one."""
    for _ in range(rng.randint(*tries)):
        fuller = board[:]
        _put(fuller, rng.choice(CROWD), rng.randrange(64))
        found = _only_mate(fuller)
        if found:
            board, move = fuller, found
    return board, move


def _put(board, piece, square):
    """Put a piece where it may stand; otherwise leave the board as it is."""
    kind, rank = piece.upper(), square >> 3
    if board[square] != rules.EMPTY or board.count(piece) >= LIMITS[kind]:
        return
    # No pawn on the outer ranks (impossible) or on its own fifth (en passant, see rules.py).
    if kind == "P" and rank in (0, 7, 4 if piece == "P" else 3):
        return
    board[square] = piece


def _is_legal(board):
    if "K" not in board or any(board[s] in ("K", "k") for s in KING_HOMES):
        return False
    # White in check would be legal, but the check would give half the solution away.
    return not rules.in_check(board, True) and not rules.in_check(board, False)


def _is_mate(board, move):
    return (_is_legal(board) and move in rules.moves(board, True)
            and rules.gives_mate(board, move, True))


def _only_mate(board):
    """The single mating move, or None if the position is illegal or not a puzzle."""
    found = rules.mates(board, True) if _is_legal(board) else []
    return found[0] if len(found) == 1 else None


def _mirror(board):
    """The same position with colours exchanged."""
    return [board[s ^ 56].swapcase() for s in range(64)]


def _mirror_move(move):
    return move[0] ^ 56, move[1] ^ 56, move[2].swapcase()
