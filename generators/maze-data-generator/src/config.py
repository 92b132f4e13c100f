"""Sizes, colours and wordings."""

NAME = "maze-data-generator"
DOMAIN = "maze"

SIZE, MARGIN = 384, 12  # the picture, and the least border around the maze
FPS, HOLD, DRAW = 12, 3, 14  # frames held before and after, steps of the drawing

# Fewest and most cells along a side, by difficulty, within what --min-size and --max-size allow.
LEVELS = {"easy": (6, 8), "medium": (9, 11), "hard": (12, 14)}

BACKGROUND, FLOOR, WALL = (232, 236, 240), (255, 255, 255), (38, 50, 68)
PATH, START, GOAL = (66, 135, 220), (46, 160, 96), (214, 64, 69)

PROMPTS = (
    "Draw the way from the green dot to the red dot without crossing a wall.",
    "Find the only path through the maze: start at the green dot and end at the red one.",
    "A blue line grows from the green dot along the corridors until it reaches the red dot. "
    "It never crosses a wall and never turns back.",
    "Solve this maze. Trace the route from green to red with one continuous blue line.",
    "Show the shortest route from the green start to the red goal; walls cannot be crossed.",
    "Starting at green, follow the corridors to red and mark the whole path in blue.",
)
