"""Four ways to carve a perfect maze: one path, and no more, between any two cells.

Each takes a random state, rows and columns, and returns the passages as pairs of neighbouring
cells (row, column): a spanning tree of the grid. Each has its own look: depth-first mazes have
long corridors, Prim's many short dead ends, Kruskal's and Wilson's lie in between; Wilson's
alone draws every tree with equal chance.
"""


def neighbours(cell, rows, columns):
    row, column = cell
    around = ((row - 1, column), (row, column + 1), (row + 1, column), (row, column - 1))
    return [(r, c) for r, c in around if 0 <= r < rows and 0 <= c < columns]


def depth_first(rng, rows, columns):
    trail = [_any_cell(rng, rows, columns)]
    seen, passages = set(trail), []
    while trail:
        ahead = [n for n in neighbours(trail[-1], rows, columns) if n not in seen]
        if not ahead:
            trail.pop()
            continue
        cell = rng.choice(ahead)
        passages.append((trail[-1], cell))
        seen.add(cell)
        trail.append(cell)
    return passages


def prim(rng, rows, columns):
    start = _any_cell(rng, rows, columns)
    seen, passages = {start}, []
    border = [(start, n) for n in neighbours(start, rows, columns)]
    while border:
        inside, cell = border.pop(rng.randrange(len(border)))
        if cell not in seen:
            passages.append((inside, cell))
            seen.add(cell)
            border += [(cell, n) for n in neighbours(cell, rows, columns) if n not in seen]
    return passages


def kruskal(rng, rows, columns):
    cells = [(row, column) for row in range(rows) for column in range(columns)]
    walls = [(cell, n) for cell in cells for n in neighbours(cell, rows, columns) if cell < n]
    rng.shuffle(walls)
    parent, passages = {cell: cell for cell in cells}, []

    def root(cell):
        while parent[cell] != cell:
            parent[cell] = parent[parent[cell]]
            cell = parent[cell]
        return cell

    for one, other in walls:
        if root(one) != root(other):
            parent[root(one)] = root(other)
            passages.append((one, other))
    return passages


def wilson(rng, rows, columns):
    cells = [(row, column) for row in range(rows) for column in range(columns)]
    inside, passages = {rng.choice(cells)}, []
    for start in cells:
        # Walk at random until the maze is met. Remembering only the last way out of each cell
        # erases the loops of the walk.
        way_out, cell = {}, start
        while cell not in inside:
            way_out[cell] = rng.choice(neighbours(cell, rows, columns))
            cell = way_out[cell]
        cell = start
        while cell not in inside:
            inside.add(cell)
            passages.append((cell, way_out[cell]))
            cell = way_out[cell]
    return passages


ALGORITHMS = {"depth_first": depth_first, "prim": prim, "kruskal": kruskal, "wilson": wilson}


def _any_cell(rng, rows, columns):
    return rng.randrange(rows), rng.randrange(columns)
