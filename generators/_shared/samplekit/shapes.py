"""Smooth shapes on numpy pictures, placed to a fraction of a pixel so that they glide."""

import cv2
import numpy as np

BITS = 4  # OpenCV takes coordinates in 16ths of a pixel


def rounded_box(picture, left, top, right, bottom, radius, colour):
    """A filled rectangle with round corners; the sides lie on the given coordinates."""
    turn = np.linspace(0, np.pi / 2, 8)
    corners = ((right - radius, bottom - radius, 0), (left + radius, bottom - radius, 1),
               (left + radius, top + radius, 2), (right - radius, top + radius, 3))
    points = np.concatenate([
        np.stack([x + radius * np.cos(turn + quarter * np.pi / 2),
                  y + radius * np.sin(turn + quarter * np.pi / 2)], axis=1)
        for x, y, quarter in corners])
    # OpenCV's coordinates are those of the pixels' middles, hence the half.
    points = ((points - 0.5) * (1 << BITS)).round().astype(np.int32)
    cv2.fillConvexPoly(picture, points, colour, cv2.LINE_AA, BITS)


def text(picture, words, x, y, height, colour, thickness=2):
    """Words with their middle at (x, y); OpenCV's stroke letters need no font file."""
    font = cv2.FONT_HERSHEY_DUPLEX
    scale = cv2.getFontScaleFromHeight(font, height)
    (width, tall), _ = cv2.getTextSize(words, font, scale, thickness)
    at = (round(x - width / 2), round(y + tall / 2))
    cv2.putText(picture, words, at, font, scale, colour, thickness, cv2.LINE_AA)
