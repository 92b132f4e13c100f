"""Sizes, colours and wordings."""

NAME = "sudoku-data-generator"
DOMAIN = "sudoku"

# Rows and columns of a box, and the fewest and most empty cells of its sudokus.
LEVELS = {(2, 2): (5, 10), (2, 3): (8, 20), (3, 3): (16, 30)}
BOXES = {"easy": (2, 2), "medium": (2, 3), "hard": (3, 3)}  # by difficulty

SIZE, MARGIN = 384, 12  # the picture, and the least border around the grid
FPS, HOLD, DRAW = 12, 2, 16  # frames held before and after, steps of the filling

BACKGROUND, LIGHT, DARK = (232, 236, 240), (255, 255, 255), (238, 242, 248)
LINE, OUTLINE = (176, 186, 200), (38, 50, 68)
GIVEN, WRITTEN, CURRENT = (24, 32, 46), (30, 100, 210), (255, 231, 150)

PROMPTS = (
    "Complete this sudoku: write a digit from 1 to {side} into every empty cell so that each row, "
    "each column and each thickly outlined box holds every digit exactly once.",
    "Fill the empty cells with the digits 1 to {side}. No digit may appear twice in a row, in a "
    "column or in a box with a thick outline.",
    "Solve the {side} x {side} sudoku. Blue digits fill the empty cells until every row, "
    "column and thickly outlined box has each of 1 to {side} once; the given digits stay.",
    "This sudoku has exactly one solution with the digits 1 to {side}. Write it into the grid, and "
    "leave the black digits as they are.",
    "Find the missing digits. In the finished grid each row, each column and each outlined box "
    "contains all digits from 1 to {side}.",
)
