"""Sizes, colours and wordings."""

NAME = "graph-shortest-path-data-generator"
DOMAIN = "graph"

SIZE, MARGIN = 384, 34  # the picture, and the least distance of a node from its border
# Fewest and most nodes, and the number of nodes that the path exceeds, by difficulty.
LEVELS = {None: (7, 10, 3), "easy": (6, 7, 3), "medium": (8, 9, 3), "hard": (10, 11, 4)}
EDGES_PER_NODE, HEAVIEST = 1.8, 15
NODE, APART = 17, 72  # radius of nodes, least distance of two
CLEARANCE, LABEL = 34, 19  # from nodes to what is not theirs, from weights to other edges
FPS, HOLD, DRAW = 12, 3, 14  # frames held before and after, steps of the drawing

BACKGROUND, EDGE, NODES, LETTERS = (238, 241, 245), (150, 161, 178), (52, 64, 84), (255, 255, 255)
PLATE, WEIGHT = (255, 255, 255), (38, 50, 68)
PATH, START, GOAL = (66, 135, 220), (46, 160, 96), (214, 64, 69)

PROMPTS = (
    "Each number is the length of the edge it lies on. Mark in blue the shortest path from the "
    "green node {start} to the red node {goal}.",
    "Find the route from {start} (green) to {goal} (red) along the edges whose numbers have the "
    "smallest sum, and trace it in blue.",
    "The numbers are the costs of the edges; how long an edge is drawn does not matter. Draw a "
    "blue line along the cheapest path from {start} to {goal}.",
    "A blue line grows from the green node {start} along the edges until it reaches the red node "
    "{goal}. Of all routes it takes the one whose numbers add up to the least.",
    "This map is not to scale: each road is as long as its number says. Show in blue the "
    "shortest way from {start} to {goal}.",
)
