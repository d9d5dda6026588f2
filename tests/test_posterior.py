"""The posterior over trees, held to exact arithmetic over every tree."""

import itertools
from fractions import Fraction

import numpy as np
import pytest

from derive.posterior import column_error, tree_posterior


def by_hand(weights: np.ndarray, root: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Every forest, weighed in fractions."""
    n = len(root)
    w = [[Fraction(x) for x in row] for row in weights.tolist()]
    r = [Fraction(x) for x in root.tolist()]
    edges = [[Fraction(0)] * n for _ in range(n)]
    roots = [Fraction(0)] * n
    whole = Fraction(0)
    for parents in itertools.product(range(-1, n), repeat=n):
        if not _is_forest(parents):
            continue
        weight = Fraction(1)
        for v, u in enumerate(parents):
            weight *= r[v] if u < 0 else w[u][v]
        whole += weight
        for v, u in enumerate(parents):
            if u < 0:
                roots[v] += weight
            else:
                edges[u][v] += weight
    return (
        np.array([[float(x / whole) for x in row] for row in edges]),
        np.array([float(x / whole) for x in roots]),
    )


def _is_forest(parents: tuple[int, ...]) -> bool:
    for v in range(len(parents)):
        seen = set()
        while v >= 0:
            if v in seen:
                return False
            seen.add(v)
            v = parents[v]
    return True


@pytest.mark.parametrize("seed", range(12))
def test_marginals_are_those_of_exact_arithmetic_though_weights_span_1e_26(seed: int) -> None:
    generator = np.random.default_rng(seed)
    n = 5
    weights = np.exp(-generator.uniform(0, 60, (n, n)))
    weights[generator.random((n, n)) < 0.2] = 0
    np.fill_diagonal(weights, 0)
    root = np.full(n, 1e-6)
    edges, roots = tree_posterior(weights, root)
    exact_edges, exact_roots = by_hand(weights, root)
    assert np.abs(edges - exact_edges).max() < 1e-12
    assert np.abs(roots - exact_roots).max() < 1e-12


@pytest.mark.parametrize(("n", "clusters"), [(20, 1), (20, 2), (30, 3), (120, 6)])
def test_every_documents_parents_add_up_to_one_in_clusters_too(n: int, clusters: int) -> None:
    generator = np.random.default_rng(n + clusters)
    cluster = np.arange(n) % clusters
    cost = generator.uniform(0, 30, (n, n)) + 700 * (cluster[:, None] != cluster[None, :])
    weights = np.exp(-np.minimum(60, (cost - cost.min(axis=0)) / 12))
    np.fill_diagonal(weights, 0)
    edges, roots = tree_posterior(weights, np.full(n, 1e-6))
    assert column_error(edges, roots) < 1e-9
    assert (edges >= 0).all()
    assert (edges <= 1 + 1e-9).all()


def test_a_chain_whose_dates_leave_one_way_has_that_way() -> None:
    weights = np.array([[0, 1.0, 0.1], [0, 0, 1.0], [0, 0, 0]])
    edges, roots = tree_posterior(weights, np.full(3, 1e-6))
    assert edges[0, 1] > 0.99
    assert edges[1, 2] == pytest.approx(1 / 1.1, rel=1e-3)
    assert roots[0] == pytest.approx(1.0)
