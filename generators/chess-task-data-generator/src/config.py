"""Sizes, colours and wordings."""

NAME = "chess-task-data-generator"
DOMAIN = "chess"

SQUARE, MARGIN = 44, 16
SIZE = 8 * SQUARE + 2 * MARGIN
FPS, HOLD, GLIDE = 12, 3, 14  # frames held before and after the move, steps of the move

# Fewest and most pieces that are tried beside those of the mate, by difficulty.
CROWDS = {None: (2, 12), "easy": (0, 2), "medium": (4, 8), "hard": (11, 18)}

LIGHT, DARK = (240, 222, 190), (178, 132, 96)
BORDER, LETTERS = (84, 56, 42), (228, 206, 176)

PIECE_NAMES = {"P": "pawn", "N": "knight", "B": "bishop", "R": "rook", "Q": "queen", "K": "king"}
PROMPTS = (
    "{side} to move. Find the one move that checkmates {other} and play it on the board.",
    "It is {side}'s turn. Deliver checkmate in one move: slide the right piece to its square.",
    "Chess puzzle, mate in one. {side} moves. Show the piece gliding to the square where it "
    "checkmates the {other_lower} king.",
    "{side} can end this game at once. Move a single {side_lower} piece so that the "
    "{other_lower} king is in check and cannot escape.",
    "In this position {side} has exactly one move that gives checkmate. Play that move; all "
    "other pieces stay where they are.",
    "Solve the mate in one for {side}: make the winning move and leave {other} without a "
    "legal reply.",
)
