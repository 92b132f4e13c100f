"""Sizes, colours and wordings."""

NAME = "tower-of-hanoi-data-generator"
DOMAIN = "hanoi"

MOST = 7  # discs
# Fewest and most discs, and fewest and most moves of the solution, by difficulty.
LEVELS = {None: (4, 7, 3, 7), "easy": (3, 4, 2, 3), "medium": (5, 5, 4, 6), "hard": (6, 7, 7, 9)}

SIZE, MARGIN = 384, 12  # the picture, and the border around the goal
PANEL = 112  # height of the panel that shows the goal
FPS, HOLD, DRAW = 12, 2, 16  # frames held before and after, steps of the moving

BACKGROUND, SHEET, LABEL, WOOD = (232, 236, 240), (255, 255, 255), (84, 96, 116), (150, 126, 104)
DISCS = ((214, 64, 69), (240, 140, 50), (236, 196, 62), (66, 164, 96), (56, 172, 190), (52, 100, 196),
         (146, 84, 178))

PROMPTS = (
    "Move the discs until they stand as in the small picture marked GOAL, in as few moves as "
    "possible. Only the top disc of a peg may move, and never onto a smaller disc.",
    "Tower of Hanoi: bring every disc to the peg where the goal at the top shows it. Move one disc "
    "at a time, put no disc on a smaller one, and use the fewest moves.",
    "Starting from the large pegs, reach the arrangement marked GOAL with {moves} moves. A move "
    "takes the top disc of one peg to another peg that is empty or has a larger disc on top.",
    "Show the shortest series of moves that turns the large towers into those of the small picture. "
    "Each move lifts one top disc and sets it down on a larger disc or an empty peg.",
    "Rearrange the discs like the goal above them. No disc may ever lie on a smaller one; one disc "
    "moves at a time. Take the shortest way, which is the only one of its length.",
)
