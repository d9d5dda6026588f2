"""The posterior over all trees: how probable is each parent, when every way to connect a component is weighed?

By the matrix-tree theorem the weight of all rooted forests is a determinant, and an edge's probability a ratio of two
(Koo, Globerson, Carreras and Collins 2007). The weights here span 1e-26 to 1, and a plain inverse subtracts numbers that
agree in all their digits. So nothing is subtracted: nodes are eliminated one by one as in Grassmann, Taksar and Heyman
(1985), where every step adds and multiplies positive numbers and keeps full relative precision. Read as a random walk from
each node to a parent (Wilson 1996):

    P(i -> j) = W[i, j] * P(the walk from i meets the root before j) / (weight from the root to j, all others eliminated)

All j at once by halving: O(n^3) for n nodes. Unlike Koo's single-root form a node may hang from the root beside others,
at the small price of its root weight: a component may rest on two sources.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]


def tree_posterior(weights: Matrix, root: Matrix) -> tuple[Matrix, Matrix]:
    """Marginals of a weighted forest: (P(i -> j) as an n x n matrix, P(j has no parent) as n).

    `weights[i, j]` >= 0 is the weight of the arrow i -> j, `root[j]` > 0 that of j having no parent.
    Each column of the first plus the second is 1.
    """
    n = len(root)
    full = np.zeros((n + 1, n + 1))
    full[1:, 1:] = weights
    full[0, 1:] = root
    np.fill_diagonal(full, 0)
    meets_root = np.zeros((n + 1, n + 1))  # [i, j]: the walk from i meets the root before j
    meets_root[0, :] = 1
    from_root = np.zeros(n + 1)
    _halve(full, np.arange(1, n + 1), meets_root, from_root)
    edges = full[1:, 1:] * meets_root[1:, 1:] / from_root[1:]
    return edges, full[0, 1:] / from_root[1:]


def column_error(edges: Matrix, root: Matrix) -> float:
    """How far the worst node's parents are from adding up to one: the check that a result must pass."""
    return float(np.abs(edges.sum(axis=0) + root - 1).max()) if len(root) else 0.0


def _halve(full: Matrix, nodes: NDArray[np.int64], meets_root: Matrix, from_root: Matrix) -> None:
    """Fills the answers for all columns in `nodes`; `full` is reduced to these nodes and the root."""
    if len(nodes) == 1:
        from_root[nodes[0]] = full[0, nodes[0]]
        return
    middle = len(nodes) // 2
    for kept, gone in ((nodes[:middle], nodes[middle:]), (nodes[middle:], nodes[:middle])):
        reduced, steps = _eliminate(full, kept, gone)
        _halve(reduced, kept, meets_root, from_root)
        for node, parents, chances in reversed(steps):
            meets_root[node, kept] = chances @ meets_root[np.ix_(parents, kept)]


Step = tuple[int, NDArray[np.int64], Matrix]


def _eliminate(full: Matrix, kept: NDArray[np.int64], gone: NDArray[np.int64]) -> tuple[Matrix, list[Step]]:
    """The weights among `kept` and the root once `gone` are summed out; and each step's walk to a parent."""
    reduced = full.copy()
    steps: list[Step] = []
    left = np.concatenate(([0], kept, gone))
    for node in gone[::-1].tolist():
        left = left[left != node]
        incoming = reduced[left, node]
        chances = incoming / incoming.sum()
        block = np.ix_(left, left)
        reduced[block] += np.outer(chances, reduced[node, left])
        reduced[left, left] = 0
        steps.append((node, left, chances))
    return reduced, steps
