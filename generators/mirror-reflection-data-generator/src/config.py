"""Sizes, colours and wordings."""

NAME = "mirror-reflection-data-generator"
DOMAIN = "mirror"

SIZE, MARGIN = 384, 32  # the picture, and the border that holds the exits' numbers
# Fewest and most cells along a side, and fewest and most reflections, by difficulty.
LEVELS = {None: (5, 8, 4, 12), "easy": (5, 5, 3, 4), "medium": (6, 7, 5, 7), "hard": (8, 8, 8, 12)}
SPARSEST, DENSEST = 0.25, 0.4  # share of cells with a mirror
TEXT = 10  # height of a number
FPS, HOLD, DRAW = 12, 3, 14  # frames held before and after, steps of the beam

BACKGROUND, FLOOR, GRID = (17, 24, 39), (30, 41, 59), (55, 69, 90)
MIRROR, NUMBER, MARKED = (125, 211, 252), (160, 174, 194), (17, 24, 39)
BEAM, GLOW = (255, 200, 60), (112, 90, 52)

PROMPTS = (
    "A beam of light enters the grid at the yellow arrow. It flies straight on until a mirror "
    "turns it by a right angle; mirrors reflect on both sides. Draw the beam until it leaves the "
    "grid and mark the number where it leaves.",
    "At which number does the light leave? It enters at the yellow arrow, and every blue mirror "
    "it meets, from whichever side, turns it by 90 degrees. Show the whole beam and mark the exit.",
    "Trace the yellow ray from the arrow through the grid. Each diagonal line is a two-sided "
    "mirror. Highlight the number at the border where the ray comes out.",
    "The arrow is a lamp. Its light grows into the grid, bounces off the two-sided diagonal "
    "mirrors, and goes straight through empty cells until it is outside again. The number there "
    "lights up.",
    "Follow the light: in at the yellow arrow, a quarter turn at every mirror, straight on "
    "everywhere else. Draw its way in yellow and mark the number of the place where it goes out.",
)
