"""Sizes, colours and wordings."""

NAME = "object-sorting-data-generator"
DOMAIN = "sorting"

SIZE = 384
MOST = 7  # objects
# Fewest and most objects, fewest swaps, and how many bins there may be, by difficulty.
LEVELS = {None: (5, 7, 3, (2, 3)), "easy": (4, 4, 2, (2,)), "medium": (5, 6, 3, (2, 3)), "hard": (7, 7, 4, (3,))}
SLOT, BIN = 52, 116  # distances between slots and between bins
ROW, ROW_ABOVE_BINS, FLOOR = 220, 120, 350  # y of what objects stand on
STACK = 39  # height of a layer in a bin
SMALL, STEP, USUAL, TILE = 13, 6, 36, 42  # sides of objects; STEP is the least difference
FPS, HOLD, DRAW = 12, 3, 18  # frames held before, and at least after; steps of all moves together

BACKGROUND, BOARD, LINE = (238, 241, 245), (255, 255, 255), (150, 161, 178)
COLOURS = {"red": (214, 64, 69), "blue": (66, 135, 220), "green": (46, 160, 96),
           "amber": (228, 160, 16), "purple": (142, 92, 196)}
SHAPES = ("circle", "square", "triangle", "star")

SWAPS = " From left to right, whenever a place holds the wrong object, swap it with the right one."
DROPS = (" Take the objects from left to right; each goes to the lowest free place "
         "of its bin, left before right.")
PROMPTS = {
    "size": ("Sort the objects by size, {order} on the left, by swapping two at a time." + SWAPS,
             "Put the row in order so that the {order} object is leftmost and sizes go steadily "
             "{trend} to the right." + SWAPS),
    "number": ("Sort the numbered tiles so that the numbers {trend} from left to right, by "
               "swapping two at a time." + SWAPS,
               "Put the tiles in order, the {order} number leftmost, with as few swaps as "
               "possible." + SWAPS),
    "colour": ("Sort the objects by colour: move each into the bin with its colour." + DROPS,
               "Each object belongs in the bin whose mark has the same colour, whatever its "
               "shape." + DROPS),
    "shape": ("Sort the objects by shape: move each into the bin that shows its shape." + DROPS,
              "Each object belongs in the bin whose mark has the same shape, whatever its "
              "colour." + DROPS),
}
