"""A graph that can be drawn clearly, and two nodes with one shortest path between them."""

import heapq
from dataclasses import dataclass
from itertools import combinations
from typing import Dict, List, Tuple

from . import config

Edge = Tuple[int, int]  # the smaller node first


@dataclass
class Puzzle:
    nodes: List[complex]  # where they are in the picture, x + yi
    labels: Dict[Edge, complex]  # where the weights are
    weights: Dict[Edge, int]
    length: int
    path: List[int]  # from start to goal, both included


def invent(rng, difficulty=None):
    fewest, most, shortest_path = config.LEVELS[difficulty]
    while True:
        nodes = _scatter(rng, fewest, most)
        labels = _join(rng, nodes)
        weights = {e: rng.randint(1, config.HEAVIEST) for e in labels}
        paths = _puzzling_paths(nodes, weights, shortest_path)
        if paths:
            return Puzzle(nodes, labels, weights, *rng.choice(paths))


def _scatter(rng, fewest, most):
    """Nodes well apart, in reading order."""
    count, nodes = rng.randint(fewest, most), []
    low, high = config.MARGIN, config.SIZE - config.MARGIN
    while len(nodes) < count:
        node = complex(rng.randint(low, high), rng.randint(low, high))
        if all(abs(node - other) >= config.APART for other in nodes):
            nodes.append(node)
    return sorted(nodes, key=lambda node: (node.imag // config.APART, node.real))


def _join(rng, nodes):
    """Edges, short ones first, as long as none touches another or hides a node or a weight."""
    pairs = list(combinations(range(len(nodes)), 2))
    pairs.sort(key=lambda e: abs(nodes[e[0]] - nodes[e[1]]) * rng.uniform(1, 1.5))
    labels = {}
    for e in pairs:
        a, b = nodes[e[0]], nodes[e[1]]
        others = [(nodes[i], nodes[j]) for i, j in labels]
        passed = [node for n, node in enumerate(nodes) if n not in e]
        if len(labels) < len(nodes) * config.EDGES_PER_NODE \
                and all(_distance(node, a, b) >= config.CLEARANCE for node in passed) \
                and all(_distance(label, a, b) >= config.LABEL for label in labels.values()) \
                and not any(_cross(a, b, c, d) for c, d in others):
            places = [a + (b - a) * part for part in (0.5, 0.42, 0.58, 0.34, 0.66)]
            free = [at for at in places
                    if all(_distance(at, c, d) >= config.LABEL for c, d in others)
                    and all(abs(at - o) >= config.CLEARANCE for o in [*nodes, *labels.values()])]
            labels.update({e: at for at in free[:1]})
    return labels


def _distance(point, a, b):
    """From a point to the segment from a to b."""
    along = ((point - a) / (b - a)).real
    return abs(point - a - (b - a) * min(1, max(0, along)))


def _cross(a, b, c, d):
    def side(p, q, r):
        return ((q - p).conjugate() * (r - p)).imag

    return side(a, b, c) * side(a, b, d) < 0 and side(c, d, a) * side(c, d, b) < 0


def _puzzling_paths(nodes, weights, shortest_path):
    """Shortest paths that have no rival, and that neither counting edges nor looking finds."""
    drawn = {(a, b): abs(nodes[a] - nodes[b]) for a, b in weights}
    single, found = dict.fromkeys(weights, 1), []
    for start in range(len(nodes)):
        shortest, straight, fewest = (_paths(costs, start) for costs in (weights, drawn, single))
        for goal, (length, path, rivals) in sorted(shortest.items()):
            if not rivals and len(path) > max(shortest_path, len(fewest[goal][1])) \
                    and path != straight[goal][1]:
                found.append((length, path))
    return found


def _paths(costs, start):
    """Dijkstra's algorithm: for each node cost, path, and whether another path costs the same."""
    doors = {}
    for (one, other), cost in costs.items():
        doors.setdefault(one, []).append((other, cost))
        doors.setdefault(other, []).append((one, cost))
    done, queue = {}, [(0, [start])]
    while queue:
        cost, path = heapq.heappop(queue)
        node = path[-1]
        if node in done:
            # All cheaper entries are gone, so an entry of the same cost is a rival.
            best, chosen, rivals = done[node]
            done[node] = best, chosen, rivals or cost == best
            continue
        done[node] = cost, path, len(path) > 1 and done[path[-2]][2]
        for other, step in doors.get(node, ()):
            if other not in done or done[other][0] == cost + step:
                heapq.heappush(queue, (cost + step, path + [other]))
    return done
