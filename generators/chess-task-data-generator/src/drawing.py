"""Pictures of a position, and the frames of a move."""

import cv2
import numpy as np
from PIL import Image, ImageDraw

from . import config, pieces
from .rules import EMPTY, play


class Painter:
    """Draws each kind of piece once and reuses it."""

    def __init__(self):
        self._pieces = {}
        self._empty = _empty_board()

    def position(self, board):
        image = self._empty.copy()
        for square, letter in enumerate(board):
            if letter != EMPTY:
                self.put(image, letter, corner(square))
        return image

    def put(self, image, letter, at):
        image.paste(self.piece(letter), at, self.piece(letter))

    def piece(self, letter):
        if letter not in self._pieces:
            self._pieces[letter] = pieces.draw(letter, config.SQUARE)
        return self._pieces[letter]


def corner(square):
    """The top left pixel of a square; a1 is at the bottom left."""
    return (config.MARGIN + (square & 7) * config.SQUARE,
            config.MARGIN + (7 - (square >> 3)) * config.SQUARE)


def frames(board, move):
    """The move as a film. A captured piece stays until the mover covers its square, a
    promoting pawn changes when it arrives."""
    painter, (origin, target, _) = Painter(), move
    start, end = corner(origin), corner(target)
    # Arrays from here on: Pillow takes longer to hand out a picture than to draw it.
    first = np.asarray(painter.position(board))
    for _ in range(config.HOLD):
        yield first
    without = board[:]
    without[origin] = EMPTY
    backdrop = np.asarray(painter.position(without))
    mover = np.asarray(painter.piece(board[origin]))
    for step in range(1, config.GLIDE):
        t = step / config.GLIDE
        t = t * t * (3 - 2 * t)  # leave and arrive gently
        yield _with_piece(backdrop, mover, [round(a + (b - a) * t) for a, b in zip(start, end)])
    final = np.asarray(painter.position(play(board, move)))
    for _ in range(1 + config.HOLD):
        yield final


def _with_piece(backdrop, piece, at):
    frame, (x, y) = backdrop.copy(), at
    under = frame[y:y + config.SQUARE, x:x + config.SQUARE]
    alpha = piece[:, :, 3:].astype(np.uint16)
    under[:] = (piece[:, :, :3] * alpha + under * (255 - alpha) + 127) // 255
    return frame


def _empty_board():
    image = Image.new("RGB", (config.SIZE, config.SIZE), config.BORDER)
    pen = ImageDraw.Draw(image)
    for square in range(64):
        x, y = corner(square)
        tone = config.LIGHT if (square + (square >> 3)) % 2 else config.DARK
        pen.rectangle((x, y, x + config.SQUARE - 1, y + config.SQUARE - 1), fill=tone)
    return Image.fromarray(_lettered(np.array(image)))


def _lettered(image):
    for i in range(8):
        centre = config.MARGIN + i * config.SQUARE + config.SQUARE // 2
        for text, x, y in (("abcdefgh"[i], centre, config.SIZE - config.MARGIN // 2),
                           ("87654321"[i], config.MARGIN // 2, centre)):
            # OpenCV's stroke letters need no font file.
            cv2.putText(image, text, (x - 3, y + 4), cv2.FONT_HERSHEY_SIMPLEX, 0.38,
                        config.LETTERS, 1, cv2.LINE_AA)
    return image
