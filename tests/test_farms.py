"""Fixed-aspect-ratio windows: the published table on noise, where the windows lie, convolutions, refusals."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from spectral_widgets import api_metrics, metrics
from spectral_widgets.records import Complaint
from spectral_widgets.rmt.hill import mp_hill_alpha
from spectral_widgets.weights import open_model
from torch import nn

from .metric_subjects import matrix


def gaussian(*shape, seed=0):
    return np.random.default_rng(seed).standard_normal(shape)


def upper_half_alpha(squares):
    """The estimator as published: sorted squared singular values, from the middle one on."""
    squares = np.sort(squares)
    start = len(squares) // 2
    tail = np.log(squares[start:])
    return 1 + len(tail) / (tail.sum() - len(tail) * tail[0])


def squares_of(window):
    return np.linalg.svd(window, compute_uv=False) ** 2


@pytest.mark.parametrize(("n_cols", "published"), [(512, 2.12), (768, 2.45), (1024, 2.71), (2048, 3.47), (4096, 4.47)])
def test_gaussian_layers_of_all_shapes_agree_in_windows_and_not_as_a_whole(n_cols, published):
    fits = [api_metrics.farms(gaussian(512, n_cols, seed=seed), rows=256, windows=5) for seed in range(3)]
    # One whole matrix scatters by 0.008 to 0.017, the windows of one by 0.004; three of them by less.
    assert np.mean([fit.full.alpha for fit in fits]) == pytest.approx(published, abs=0.025)
    assert np.mean([fit.alpha for fit in fits]) == pytest.approx(2.12, abs=0.008)
    assert {round(fit.noise_alpha, 2) for fit in fits} == {2.12}
    assert {len(fit.starts) for fit in fits} == {25}
    assert any("the windows' shape gives 2.12" in fit.caveat for fit in fits)


@pytest.mark.parametrize(("shape", "rows", "aspect", "windows"), [((90, 60), 30, 1.0, 4), ((50, 200), 20, 2.0, 3)])
def test_the_grid_is_the_published_one(shape, rows, aspect, windows):
    values = gaussian(*shape, seed=2)
    fit = api_metrics.farms(values, rows=rows, aspect=aspect, windows=windows)
    columns = int(rows * aspect)
    row_step, column_step = ((side - one) // (windows - 1) for side, one in zip(shape, (rows, columns), strict=True))
    expected = [(i * row_step, j * column_step) for i in range(windows) for j in range(windows)]
    assert fit.window == (rows, columns)
    assert list(fit.starts) == expected
    pieces = [squares_of(values[row : row + rows, column : column + columns]) for row, column in expected]
    assert fit.alpha == pytest.approx(upper_half_alpha(np.concatenate(pieces)), rel=1e-9)
    assert fit.window_alphas == pytest.approx([upper_half_alpha(one) for one in pieces], rel=1e-9)


def test_steps_go_as_far_as_the_window_fits():
    fit = api_metrics.farms(gaussian(64, 100), rows=32, aspect=2.0, placement="step", step=10)
    assert sorted({row for row, _ in fit.starts}) == [0, 10, 20, 30]
    assert sorted({column for _, column in fit.starts}) == [0, 10, 20, 30]


def test_random_windows_follow_the_seed_and_stay_inside():
    values = gaussian(80, 50)
    one, same, other = (
        api_metrics.farms(values, rows=40, windows=6, placement="random", seed=seed) for seed in (1, 1, 2)
    )
    assert one.starts == same.starts != other.starts
    assert len(one.starts) == 36
    assert all(0 <= row <= 40 and 0 <= column <= 10 for row, column in one.starts)
    assert max(row for row, _ in one.starts) > 30


def test_by_default_a_window_is_as_large_as_fits():
    assert api_metrics.farms(gaussian(40, 100)).window == (40, 40)
    assert api_metrics.farms(gaussian(100, 40)).window == (40, 40)
    assert api_metrics.farms(gaussian(100, 40), aspect=2.0).window == (20, 40)
    square = api_metrics.farms(gaussian(64, 64))
    assert square.starts == ((0, 0),)
    assert square.alpha == pytest.approx(square.full.alpha, rel=1e-9)


def test_windows_of_another_shape_name_the_noise_of_that_shape():
    fit = api_metrics.farms(gaussian(200, 200), rows=60, aspect=2.0, windows=3)
    assert fit.noise_alpha == mp_hill_alpha(0.5)
    assert fit.alpha == pytest.approx(fit.noise_alpha, rel=0.05)


@pytest.mark.parametrize(("rows", "aspect"), [(1500, 1.0), (60, 2.0), (1, 1.0), (30, 0.01)])
def test_a_window_that_does_not_fit_is_refused(rows, aspect):
    with pytest.raises(Complaint, match=r"does not fit into 100 × 80"):
        api_metrics.farms(gaussian(100, 80), rows=rows, aspect=aspect)


@pytest.mark.parametrize("settings", [{"aspect": -1.0}, {"windows": 0}, {"step": 0}, {"placement": "spiral"}])
def test_settings_without_a_meaning_are_refused(settings):
    with pytest.raises(Complaint):
        api_metrics.farms(gaussian(100, 80), **settings)


@pytest.mark.parametrize("shape", [(48, 20, 3, 3), (16, 50, 2, 2)])
@pytest.mark.parametrize("aspect", [1.0, 2.0, 0.5])
def test_a_convolution_is_cut_by_offset_and_block(shape, aspect):
    tensor = gaussian(*shape, seed=4)
    fit = api_metrics.farms(tensor, aspect=aspect)
    slices = [tensor[:, :, i, j] for i in range(shape[2]) for j in range(shape[3])]
    slices = [one if one.shape[0] >= one.shape[1] else one.T for one in slices]
    n_rows, n_cols = slices[0].shape
    rows, columns = (int(n_cols // aspect), n_cols) if aspect > 1 else (n_cols, int(n_cols * aspect))
    blocks = [
        np.concatenate([squares_of(np.sqrt(0.5) * one[k * rows : (k + 1) * rows, :columns]) for one in slices])
        for k in range(n_rows // n_cols)
    ]
    assert fit.alpha == pytest.approx(np.mean([upper_half_alpha(one) for one in blocks]), rel=1e-9)
    assert fit.window == (rows, columns)
    assert len(fit.starts) == len(slices) * len(blocks)
    scale = max(fit.window)
    assert np.sort(np.concatenate(blocks)) == pytest.approx(fit.eigenvalues * scale, rel=1e-6, abs=1e-9)


def test_a_layer_of_a_model_and_its_array_agree():
    torch.manual_seed(0)
    model = open_model(nn.Sequential(nn.Conv2d(8, 24, 3), nn.Flatten(), nn.Linear(24, 60)))
    for layer in model.layers:
        weight = dict(model.module.named_parameters())[layer.ref.name].detach().numpy()
        assert api_metrics.farms(layer).alpha == pytest.approx(api_metrics.farms(weight).alpha, rel=1e-6)


def test_dead_rows_are_left_out_and_said():
    values = gaussian(120, 40)
    values[:60] = 0
    fit = api_metrics.farms(values, rows=30, windows=4)
    assert "are zero and were left out" in fit.caveat
    assert fit.alpha > 1
    assert np.isnan(fit.window_alphas[0])


def test_as_a_metric_it_is_asked_for_by_name():
    assert "farms_alpha" not in [one.card.name for one in metrics.metrics_named()]
    frame = metrics.frame_of(metrics.table_of([matrix(gaussian(150, 50))], ["hill_alpha", "farms_alpha"]))
    assert frame["farms_alpha"].iloc[0] == pytest.approx(2.12, abs=0.15)
    assert frame["hill_alpha"].iloc[0] > 2.7
