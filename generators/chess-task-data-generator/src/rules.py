"""The rules of chess that a mate in one needs.

A board is a list of 64 one-letter strings, a1 first, h8 last: capitals are White, `.` is
empty. A move is (origin, target, promotion), where promotion is "" or the new piece.

Castling and en passant are left out, since `puzzle.py` only builds positions where neither is
possible: the kings stand off their home squares, and no pawn stands on its own fifth rank,
from where alone it could capture en passant.
"""

EMPTY = "."
PIECES = {True: "PNBRQK", False: "pnbrqk"}  # by "is white"
DIAGONAL = ((1, 1), (1, -1), (-1, 1), (-1, -1))
STRAIGHT = ((1, 0), (-1, 0), (0, 1), (0, -1))
LEAPS = tuple((x, y) for x in (-2, -1, 1, 2) for y in (-2, -1, 1, 2) if abs(x) != abs(y))


def _ray(square, step, length=7):
    file, rank = square & 7, square >> 3
    squares = []
    while len(squares) < length:
        file, rank = file + step[0], rank + step[1]
        if not (0 <= file < 8 and 0 <= rank < 8):
            break
        squares.append(rank * 8 + file)
    return squares


def _rays(steps, length=7):
    return [[r for r in (_ray(s, step, length) for step in steps) if r] for s in range(64)]


# Walked once at import; every question below is then a table look-up.
BISHOP, ROOK = _rays(DIAGONAL), _rays(STRAIGHT)
SLIDES = {"B": BISHOP, "R": ROOK, "Q": [b + r for b, r in zip(BISHOP, ROOK)]}
KNIGHT = [[ray[0] for ray in rays] for rays in _rays(LEAPS, 1)]
KING = [[ray[0] for ray in rays] for rays in SLIDES["Q"]]
HOPS = {"N": KNIGHT, "K": KING}
# Where a pawn on this square captures, by colour.
PAWN = {white: [[t for x in (1, -1) for t in _ray(s, (x, 1 if white else -1), 1)]
                for s in range(64)] for white in (True, False)}


def name(square):
    return "abcdefgh"[square & 7] + "12345678"[square >> 3]


def uci(move):
    return name(move[0]) + name(move[1]) + move[2].lower()


def fen(board, white):
    ranks = []
    for rank in range(7, -1, -1):
        text = "".join(board[rank * 8:rank * 8 + 8])
        for run in range(8, 0, -1):
            text = text.replace(EMPTY * run, str(run))
        ranks.append(text)
    return f"{'/'.join(ranks)} {'w' if white else 'b'} - - 0 1"


def attacked(board, square, white):
    """Does White (or Black) attack the square?"""
    pawn, knight, bishop, rook, queen, king = PIECES[white]
    for rays, slider in ((BISHOP, bishop), (ROOK, rook)):
        for ray in rays[square]:
            for s in ray:
                piece = board[s]
                if piece != EMPTY:
                    if piece == slider or piece == queen:
                        return True
                    break
    return (any(board[s] == knight for s in KNIGHT[square])
            or any(board[s] == king for s in KING[square])
            # A white pawn attacks this square from where a black pawn here would attack.
            or any(board[s] == pawn for s in PAWN[not white][square]))


def in_check(board, white):
    return attacked(board, board.index(PIECES[white][5]), not white)


def play(board, move):
    origin, target, promotion = move
    after = board[:]
    after[target] = promotion or board[origin]
    after[origin] = EMPTY
    return after


def moves(board, white):
    """Every move, also those that leave the own king in check."""
    mine = PIECES[white]
    for origin, piece in enumerate(board):
        if piece not in mine:
            continue
        kind = piece.upper()
        if kind == "P":
            yield from _pawn_moves(board, origin, white)
        elif kind in HOPS:
            for target in HOPS[kind][origin]:
                if board[target] not in mine:
                    yield origin, target, ""
        else:
            for ray in SLIDES[kind][origin]:
                for target in ray:
                    if board[target] not in mine:
                        yield origin, target, ""
                    if board[target] != EMPTY:
                        break


def _pawn_moves(board, origin, white):
    step, home, last = (8, 1, 7) if white else (-8, 6, 0)
    targets = [t for t in PAWN[white][origin] if board[t] in PIECES[not white]]
    if board[origin + step] == EMPTY:
        targets.append(origin + step)
        if origin >> 3 == home and board[origin + 2 * step] == EMPTY:
            targets.append(origin + 2 * step)
    for target in targets:
        for promotion in PIECES[white][1:5] if target >> 3 == last else ("",):
            yield origin, target, promotion


def can_move(board, white):
    return any(not in_check(play(board, move), white) for move in moves(board, white))


def gives_mate(board, move, white):
    after = play(board, move)
    # Few moves give check, so that question comes first.
    return (in_check(after, not white) and not in_check(after, white)
            and not can_move(after, not white))


def mates(board, white):
    """The moves that checkmate at once."""
    return [move for move in moves(board, white) if gives_mate(board, move, white)]
