"""The chess pieces, as outlines in a square of 100 x 100 units."""

import cv2
import numpy as np
from PIL import Image, ImageDraw

OVERSAMPLE = 3  # drawn larger, then shrunk: smooth edges
FILL = {True: ((255, 252, 244), (222, 208, 184)), False: ((92, 86, 84), (38, 34, 34))}
LINE = {True: (52, 42, 38), False: (14, 12, 12)}
DETAIL = {True: (52, 42, 38), False: (214, 204, 192)}


def _mirrored(*right):
    """A closed outline from its right half, top to bottom."""
    return [*right, *((100 - x, y) for x, y in reversed(right))]


def _round(points, sharp=()):
    """A smooth closed curve through the points (Catmull-Rom); `sharp` indices stay corners."""
    curve, count = [], len(points)
    for i in range(count):
        p1, p2 = np.array(points[i], float), np.array(points[(i + 1) % count], float)
        p0 = p1 if i in sharp else np.array(points[i - 1], float)
        p3 = p2 if (i + 1) % count in sharp else np.array(points[(i + 2) % count], float)
        for t in np.arange(0, 1, 0.2):
            bend, twist = 2 * p0 - 5 * p1 + 4 * p2 - p3, 3 * p1 - p0 - 3 * p2 + p3
            curve.append(tuple(p1 + ((p2 - p0) * t + bend * t**2 + twist * t**3) / 2))
    return curve


FOOT = _mirrored((69, 80), (74, 84), (74, 90))
# Each piece: filled shapes, which melt into one silhouette, and detail lines drawn over it.
# A shape with three numbers is a disc (centre and radius).
PIECES = {
    "P": ([(50, 31, 13),
           _mirrored((60, 43), (60, 48), (55, 50), (57, 62), (66, 76), (68, 82)), FOOT],
          [[(33, 80), (67, 80)]]),
    # Worked out only where a knight stands: this module is imported anew for each sample.
    "N": ([lambda: _round([(45, 14), (50, 21), (62, 25), (72, 38), (75, 56), (72, 82), (31, 82), (34, 68),
                   (49, 52), (40, 52), (31, 61), (23, 60), (21, 52), (30, 36), (38, 26)],
                  sharp=(0, 1, 5, 6, 9, 14)), FOOT],
          [[(29, 80), (72, 80)], [(27, 53), (29, 51)], [(58, 32), (65, 44), (66, 60)]]),
    "B": ([(50, 15, 5.5),
           _round(_mirrored((50, 17), (60, 29), (64, 42), (57, 54)), sharp=(0, 3, 4, 7)),
           _mirrored((61, 53), (61, 59), (56, 60), (59, 72), (67, 78), (68, 82)), FOOT],
          [[(50, 29), (50, 43)], [(44, 36), (56, 36)], [(40, 56), (60, 56)], [(33, 80), (67, 80)]]),
    "R": ([_mirrored((50, 17), (56, 17), (56, 24), (62, 24), (62, 17), (72, 17), (72, 32), (63, 40),
                     (65, 71), (69, 82)), FOOT],
          [[(37, 40), (63, 40)], [(35, 71), (65, 71)], [(31, 80), (69, 80)]]),
    "Q": ([(50, 17, 5), (30, 20, 4.5), (70, 20, 4.5), (14, 28, 4.5), (86, 28, 4.5),
           _mirrored((50, 17), (57, 46), (70, 20), (70, 50), (86, 28), (75, 62), (70, 72), (70, 82)),
           FOOT],
          [[(27, 63), (50, 60), (73, 63)], [(31, 72), (50, 70), (69, 72)], [(31, 80), (69, 80)]]),
    "K": ([_mirrored((53, 8), (53, 13), (58, 13), (58, 19), (53, 19), (53, 28)),
           _round(_mirrored((50, 25), (58, 31), (57, 42)), sharp=(0, 2, 3)),
           _round(_mirrored((50, 46), (66, 33), (83, 40), (82, 55), (70, 68), (70, 82)),
                  sharp=(0, 4, 5, 6, 7)),
           FOOT],
          [[(50, 42), (50, 63)], [(30, 67), (50, 63), (70, 67)], [(31, 74), (50, 71), (69, 74)],
           [(31, 80), (69, 80)]]),
}


def draw(letter, size):
    """The piece as an RGBA image; capital letters are white pieces."""
    white, (shapes, details) = letter.isupper(), PIECES[letter.upper()]
    side = size * OVERSAMPLE
    scale = side / 100

    def scaled(points):
        return [(x * scale, y * scale) for x, y in points]

    mask = Image.new("L", (side, side))
    pen = ImageDraw.Draw(mask)
    for shape in shapes:
        shape = shape() if callable(shape) else shape
        if len(shape) == 3:
            x, y, r = (value * scale for value in shape)
            pen.ellipse((x - r, y - r, x + r, y + r), fill=255)
        else:
            pen.polygon(scaled(shape), fill=255)
    silhouette = np.asarray(mask)
    brush = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (round(4 * scale),) * 2)
    outline = cv2.dilate(silhouette, brush)

    # Light falls from the left: the fill runs from its bright to its dark tone.
    bright, dark = (np.array(tone, float) for tone in FILL[white])
    tones = bright + (dark - bright) * np.linspace(-0.2, 1.0, side).clip(0, 1)[:, None]
    fill = Image.fromarray(np.broadcast_to(tones.round().astype(np.uint8), (side, side, 3)).copy())
    piece = Image.new("RGB", (side, side), LINE[white])
    piece.paste(fill, mask=mask)
    pen = ImageDraw.Draw(piece)
    for line in details:
        pen.line(scaled(line), fill=DETAIL[white], width=round(3 * scale), joint="curve")
    piece.putalpha(Image.fromarray(outline))
    return piece.reduce(OVERSAMPLE)
