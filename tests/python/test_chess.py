import json
import random
import unittest

import numpy as np

from generators_kit import GeneratorContract, load, picture

load("chess-task-data-generator", "chess_src")
from chess_src import config, drawing, puzzle, rules  # noqa: E402

SEEDS = 500


class Judge:
    """The rules again, from another side: a move is a question about two squares, and what is
    possible is found by asking it for all pairs of squares. Positions with castling or en
    passant are outside its knowledge; `assert_plain` shows that there are none."""

    def __init__(self, fen):
        placement, self.side, self.castling, self.en_passant = fen.split()[:4]
        self.men = {}
        for down, row in enumerate(placement.split("/")):
            x = 0
            for sign in row:
                if sign.isdigit():
                    x += int(sign)
                else:
                    self.men[x, 7 - down] = sign
                    x += 1
            assert x == 8, fen

    @staticmethod
    def colour(man):
        return "w" if man.isupper() else "b"

    @staticmethod
    def reaches(men, start, end):
        man, (x, y), (u, v) = men[start], start, end
        dx, dy, captured = u - x, v - y, men.get(end)
        if start == end or captured and Judge.colour(captured) == Judge.colour(man):
            return False
        distance, kind = max(abs(dx), abs(dy)), man.lower()
        if kind == "n":
            return abs(dx * dy) == 2
        if kind == "k":
            return distance == 1
        if kind == "p":
            ahead = dy if man == "P" else -dy
            if captured:
                return abs(dx) == 1 and ahead == 1
            home = 1 if man == "P" else 6
            return dx == 0 and (ahead == 1 or (
                ahead == 2 and y == home and (x, (y + v) // 2) not in men))
        straight, diagonal = dx == 0 or dy == 0, abs(dx) == abs(dy)
        if not (straight and kind in "rq" or diagonal and kind in "bq"):
            return False
        between = [(x + dx * i // distance, y + dy * i // distance) for i in range(1, distance)]
        return not any(square in men for square in between)

    @staticmethod
    def in_check(men, side):
        king = next(at for at, man in men.items() if man == ("K" if side == "w" else "k"))
        return any(Judge.reaches(men, at, king) for at, man in men.items() if Judge.colour(man) != side)

    @staticmethod
    def outcomes(men, side):
        """Every legal move (as UCI text) and the position after it."""
        for start in [at for at, man in men.items() if Judge.colour(man) == side]:
            for end in ((x, y) for x in range(8) for y in range(8)):
                if not Judge.reaches(men, start, end):
                    continue
                promotes = men[start] in "Pp" and end[1] in (0, 7)
                for promotion in "qrbn" if promotes else [""]:
                    after = dict(men)
                    after[end] = after.pop(start)
                    if promotion:
                        after[end] = promotion.upper() if side == "w" else promotion
                    if not Judge.in_check(after, side):
                        text = "".join("abcdefgh"[x] + str(y + 1) for x, y in (start, end))
                        yield text + promotion, after

    def mates(self):
        other = "b" if self.side == "w" else "w"
        return {move: after for move, after in self.outcomes(self.men, self.side)
                if self.in_check(after, other) and not any(self.outcomes(after, other))}


class TheJudgeItself(unittest.TestCase):
    """A wrong judge would pass wrong puzzles."""

    def test_knows_mates(self):
        for fen, expected in (
            ("6k1/5ppp/8/8/8/8/8/R6K w - - 0 1", {"a1a8"}),
            ("6k1/5pp1/7p/8/8/8/8/R6K w - - 0 1", set()),  # the king has an airhole
            ("rnbqkbnr/pppp1ppp/8/4p3/6P1/5P2/PPPPP2P/RNBQKBNR b - - 0 1", {"d8h4"}),  # fool's mate
            ("7k/6pp/8/8/8/8/5PPP/q2R2K1 w - - 0 1", set()),  # the rook is pinned
            ("kr6/pp6/8/1N6/8/8/8/6K1 w - - 0 1", {"b5c7"}),  # smothered
            ("7k/5K2/6Q1/8/8/8/8/8 w - - 0 1", {"g6g7", "g6g8", "g6h5", "g6h6"}),
        ):
            self.assertEqual(expected, set(Judge(fen).mates()), fen)


class Rules(unittest.TestCase):
    def test_counts_the_known_number_of_games(self):
        """Legal games from the usual start; castling and en passant come later than move 3."""
        def games(board, white, depth):
            if depth == 0:
                return 1
            positions = [rules.play(board, move) for move in rules.moves(board, white)]
            return sum(games(after, not white, depth - 1) for after in positions
                       if not rules.in_check(after, white))

        start = list("RNBQKBNR" + "P" * 8 + "." * 32 + "p" * 8 + "rnbqkbnr")
        self.assertEqual([20, 400, 8902], [games(start, True, depth) for depth in (1, 2, 3)])

    def test_agrees_with_the_judge_on_random_positions(self):
        """Any piece anywhere, so also checks, pins and promotions that puzzles rarely have."""
        rng = random.Random(1)
        promotions = 0
        for _ in range(60):
            board = [rules.EMPTY] * 64
            for square, man in zip(rng.sample(range(8, 56), 14), "KkPPPpppQRbnrN"):
                board[square] = man
            white = rng.random() < 0.5
            legal = {rules.uci(move) for move in rules.moves(board, white)
                     if not rules.in_check(rules.play(board, move), white)}
            judge = Judge(rules.fen(board, white))
            self.assertEqual({move for move, _ in judge.outcomes(judge.men, judge.side)}, legal)
            promotions += any(len(move) == 5 for move in legal)
        self.assertGreater(promotions, 5)


class Puzzles(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.puzzles = [puzzle.invent(random.Random(seed)) for seed in range(SEEDS)]

    def assert_plain(self, judge):
        """Neither castling nor en passant, now or after one move."""
        self.assertEqual(("-", "-"), (judge.castling, judge.en_passant))
        for (x, y), man in judge.men.items():
            self.assertNotIn((man, y), {("P", 0), ("P", 7), ("p", 0), ("p", 7), ("P", 4), ("p", 3)})
            self.assertFalse(man in "Kk" and x == 4 and y in (0, 7))

    def test_positions_are_legal(self):
        for found in self.puzzles:
            judge = Judge(rules.fen(found.board, found.white))
            self.assert_plain(judge)
            men = list(judge.men.values())
            self.assertEqual((1, 1), (men.count("K"), men.count("k")))
            kings = {man: at for at, man in judge.men.items() if man in "Kk"}
            self.assertGreater(max(abs(a - b) for a, b in zip(kings["K"], kings["k"])), 1)
            for side in "wb":
                self.assertFalse(Judge.in_check(judge.men, side))

    def test_one_move_mates_and_it_is_the_solution(self):
        for found in self.puzzles:
            fen = rules.fen(found.board, found.white)
            mates = Judge(fen).mates()
            self.assertEqual([rules.uci(found.move)], list(mates), fen)
            after = Judge(rules.fen(found.after, not found.white))
            self.assertEqual(mates[rules.uci(found.move)], after.men, fen)

    def test_puzzles_vary(self):
        # With 10,000 equally likely puzzles, 500 draws would hold about 12 repetitions.
        self.assertEqual(SEEDS, len({rules.fen(p.board, p.white) for p in self.puzzles}))
        white = sum(p.white for p in self.puzzles) / SEEDS
        self.assertTrue(0.4 < white < 0.6, white)
        for kind in "QRBNP":
            share = sum(p.board[p.move[0]].upper() == kind for p in self.puzzles) / SEEDS
            self.assertGreater(share, 0.03, kind)


class Samples(GeneratorContract, unittest.TestCase):
    GENERATOR, DOMAIN, FRAMES = "chess-task-data-generator", "chess", 20

    def test_pictures_show_the_position_and_the_position_after_the_move(self):
        for sample in self.samples:
            told = json.loads((sample / "metadata.json").read_text(encoding="utf-8"))["parameters"]
            before, after = Judge(told["fen"]), Judge(told["solution_fen"])
            self.assertEqual({told["solution"]: after.men}, before.mates())
            for judge, name in ((before, "first"), (after, "final")):
                shown = picture(sample / f"{name}_frame.png")
                board = [judge.men.get((s % 8, s // 8), rules.EMPTY) for s in range(64)]
                self.assertTrue((shown == np.asarray(drawing.Painter().position(board))).all())
                # A square is of one colour exactly when nobody stands on it.
                for s in range(64):
                    left, top = drawing.corner(s)
                    pixels = shown[top:top + config.SQUARE, left:left + config.SQUARE]
                    flat = bool((pixels == pixels[0, 0]).all())
                    self.assertEqual((s % 8, s // 8) not in judge.men, flat, (name, rules.name(s)))

    def test_prompt_says_who_moves(self):
        for sample in self.samples:
            told = json.loads((sample / "metadata.json").read_text(encoding="utf-8"))["parameters"]
            prompt = (sample / "prompt.txt").read_text(encoding="utf-8")
            self.assertIn(told["side_to_move"].capitalize(), prompt)
            self.assertNotIn(told["solution"], prompt)


if __name__ == "__main__":
    unittest.main()
