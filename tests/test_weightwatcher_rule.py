"""The published rule against WeightWatcher itself (golden numbers) and against a slow second writing."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import brute
from sklearn.neighbors import KernelDensity
from spectral_widgets.records import Complaint
from spectral_widgets.spectra.weightwatcher import POOLING_SIDE, published_rule, published_rule_pooled

GOLDEN = json.loads((Path(__file__).parent / "data" / "weightwatcher_rule.json").read_text())["cases"]
NAMES = [f"{case['n_rows']}x{case['n_cols']}-{case['plant']}-{case['seed']}" for case in GOLDEN]


def planted(case):
    """The matrix of a golden case: noise, then giant entries or a mean offset of ``factor`` thresholds."""
    rng = np.random.default_rng(case["seed"])
    shape = case["n_rows"], case["n_cols"]
    size = shape[0] * shape[1]
    noise = {
        "student": lambda: rng.standard_t(3, shape),
        "laplace": lambda: rng.laplace(size=shape),
    }
    values = noise.get(case["plant"], lambda: rng.standard_normal(shape))()
    strength = case["factor"] * size**0.25
    if case["plant"] == "entries":
        values.flat[rng.choice(size, case["n_planted"], replace=False)] = strength
    if case["plant"] == "mean":
        values += strength / np.sqrt(size)
    return values, rng


def shuffled_spectra(case):
    values, rng = planted(case)
    for _ in range(case["n_shuffles"]):
        again = rng.permutation(values.ravel()).reshape(values.shape)
        yield np.linalg.eigvalsh(again.T @ again).clip(0) / case["n_rows"]


@pytest.mark.parametrize("case", GOLDEN, ids=NAMES)
def test_it_equals_weightwatcher(case):
    rule = published_rule_pooled(list(shuffled_spectra(case)), case["n_rows"], case["n_cols"])
    assert rule.sigma == pytest.approx(case["sigma"], abs=1e-4)
    assert rule.bulk_edge == pytest.approx(case["bulk_edge"], rel=1e-3)
    assert rule.count == case["count"]
    assert rule.n_shuffles == case["n_shuffles"] == (5 if case["n_cols"] < POOLING_SIDE else 1)


def test_golden_cases_cover_what_matters():
    assert len(GOLDEN) >= 20
    assert any(case["n_rows"] == case["n_cols"] for case in GOLDEN)
    assert any(case["n_shuffles"] > 1 for case in GOLDEN)
    assert any(case["count"] > 2 * case["n_shuffles"] * max(1, case["n_planted"]) for case in GOLDEN), (
        "one case must show the invented traps"
    )


def slow_sigma(scaled, aspect):
    """The published recipe with the library parts it names: scikit-learn's kernel density, scipy's brute."""
    sample = np.sqrt(scaled) if aspect == 1 else scaled
    x = np.linspace(0, sample.max() + 0.5, 1000)
    kernel = KernelDensity(kernel="linear", bandwidth=0.1).fit(sample[:, None])
    density = np.exp(kernel.score_samples(x[:, None]))
    x, density = x[density > 0.01], density[density > 0.01]

    def loss(point):
        variance = float(np.ravel(point)[0]) ** 2
        if aspect == 1:
            law = np.sqrt(np.clip(4 - x**2, 0, None)) / (np.pi * variance)
            return ((law - density) ** 2).sum()
        low, high = variance * (1 - aspect**0.5) ** 2, variance * (1 + aspect**0.5) ** 2
        if high < x[density.argmax()] or low > x[density.argmax()] or high > x.max():
            return 1e6 * len(x)
        root = np.sqrt(np.clip((high - x) * (x - low), 0, None))
        law = root / (2 * np.pi * variance * aspect * np.where(x > 0, x, 1))
        return ((law - density) ** 2).sum()

    widest = np.sqrt(scaled.max()) / (1 + aspect**0.5)
    return float(brute(loss, (slice(0.05 * widest, 2 * widest, 0.01 * widest),))[0])


@pytest.mark.parametrize(("n_rows", "n_cols"), [(300, 120), (150, 150), (1000, 110)])
def test_a_slow_second_writing_agrees(n_rows, n_cols):
    case = {"seed": 3, "n_rows": n_rows, "n_cols": n_cols, "plant": "entries", "factor": 2.0, "n_planted": 2}
    (eigenvalues,) = shuffled_spectra({**case, "n_shuffles": 1})
    rule = published_rule(eigenvalues, n_rows, n_cols)
    assert rule.sigma == pytest.approx(slow_sigma(eigenvalues * rule.scale, n_cols / n_rows), abs=1e-8)


@settings(max_examples=20, deadline=None, derandomize=True)
@given(st.integers(0, 1000), st.floats(-6, 6))
def test_the_scale_of_the_weights_changes_nothing(seed, exponent):
    noise = np.random.default_rng(seed).standard_normal((60, 30))
    eigenvalues = np.linalg.eigvalsh(noise.T @ noise)
    one, other = (published_rule(factor * eigenvalues, 60, 30) for factor in (1.0, 10.0**exponent))
    assert other.count == one.count
    assert other.sigma == pytest.approx(one.sigma, rel=1e-9)
    assert other.threshold == pytest.approx(10.0**exponent * one.threshold, rel=1e-9)


def test_count_and_threshold_belong_together():
    (eigenvalues,) = shuffled_spectra(GOLDEN[NAMES.index("784x200-entries-10")])
    rule = published_rule(eigenvalues, 784, 200)
    assert rule.count == (eigenvalues > rule.threshold).sum() == 5
    assert rule.threshold > rule.bulk_edge
    assert rule.scale * eigenvalues.mean() == pytest.approx(1.0)


@pytest.mark.parametrize("values", [np.zeros(5), np.array([1.0, np.nan])])
def test_nothing_to_fit_is_refused(values):
    with pytest.raises(Complaint, match="finite eigenvalues"):
        published_rule(values, 10, 5)
