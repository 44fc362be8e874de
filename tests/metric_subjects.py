"""Random matrices of several shapes, and the value of any metric for them."""

import numpy as np
from spectral_widgets import metrics
from spectral_widgets.records import LayerRef, Unfolding, WeightMatrix

SHAPES = [(64, 48), (40, 40), (30, 90), (200, 24)]


def matrix(values, name="layer", **changes):
    values = np.asarray(values)
    unfolding = Unfolding.of_shape(values.shape)
    flat = unfolding.unfold(values)
    fields = {"kind": "other", "depth": None, "dtype": str(values.dtype), **changes}
    ref = LayerRef(name, shape=values.shape, n_rows=flat.shape[0], n_cols=flat.shape[1], **fields)
    return WeightMatrix(ref, flat, unfolding)


def random_values(seed):
    """Noise, with a heavy tail or a few strong directions in two of three cases."""
    rng = np.random.default_rng(seed)
    shape = SHAPES[seed % len(SHAPES)]
    values = rng.standard_t(3, shape) if seed % 3 == 0 else rng.standard_normal(shape)
    if seed % 3 == 1:
        values += rng.standard_normal((shape[0], 2)) @ rng.standard_normal((2, shape[1]))
    return values


def value(metric, values):
    return metrics.measure_one(metrics.Evidence(matrix(values), seeds=range(3)), metric).value


ALL = {metric.card.name: metric for metric in metrics.metrics_named("all")}
