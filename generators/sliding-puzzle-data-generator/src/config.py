"""Sizes, colours and wordings."""

NAME = "sliding-puzzle-data-generator"
DOMAIN = "sliding"

# Fewest and most cells along a side, and fewest and most moves of the solution, by difficulty.
LEVELS = {None: (3, 4, 4, 8), "easy": (3, 3, 3, 4), "medium": (3, 4, 5, 6), "hard": (4, 4, 7, 9)}

SIZE, MARGIN = 384, 12  # the picture, and the border around the boards
BOARD, GOAL = 256, 88  # the longest sides of the board and of the small one that shows the goal
FPS, HOLD, DRAW = 12, 2, 16  # frames held before and after, steps of the sliding

BACKGROUND, TRAY, LABEL, DIGITS = (232, 236, 240), (52, 62, 82), (84, 96, 116), (255, 255, 255)
FIRST, LAST = (38, 110, 200), (206, 62, 84)  # colours of the lowest and of the highest tile

PROMPTS = (
    "Slide tiles into the gap, one at a time, until the large board looks like the small one marked "
    "GOAL. Use as few moves as possible.",
    "Solve the sliding puzzle in the fewest moves: bring the tiles of the large board into the "
    "order of the small board at the top. Only a tile beside the gap can move, into the gap.",
    "The small board marked GOAL shows where every tile and the gap belong. Reach it on the large "
    "board with {moves} moves; a move slides one tile next to the gap into it.",
    "Rearrange the large board by moving numbered tiles into the empty place until it equals the "
    "goal above it. Take the shortest way, which is the only one of its length.",
    "Starting from the large board, show the shortest series of slides that ends in the arrangement "
    "marked GOAL. Tiles move up, down, left or right into the gap and never jump.",
)
