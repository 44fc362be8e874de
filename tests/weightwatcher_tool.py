"""WeightWatcher 0.7.7 itself, run on given matrices and given shuffles, with nothing of it leaking into the tests.

Importing it silences all warnings, configures the root logger, and draws from numpy's global generator at run time;
all three are put back. Its scale is ``WᵀW``, ours ``WᵀW / n_rows``.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from functools import cache
from io import StringIO
from unittest.mock import patch

import numpy as np
import pandas as pd
import torch
from sklearn import config_context
from spectral_widgets.spectra.shuffles import permutation
from torch import nn

#: It flattens the matrix as it is stored, so a wide one would be shuffled in another order than ours.
TALL = "Give the matrix with at least as many rows as columns, so that one permutation means one shuffle."


@contextmanager
def contained() -> Iterator[None]:
    """Warnings, log handlers, printed text and numpy's global generator as if nothing had been run."""
    root, state = logging.getLogger(), np.random.get_state()  # noqa: NPY002
    handlers, level = list(root.handlers), root.level
    with warnings.catch_warnings(), redirect_stdout(StringIO()), redirect_stderr(StringIO()):
        warnings.simplefilter("ignore")
        try:
            yield
        finally:
            root.handlers[:] = handlers
            root.setLevel(level)
            np.random.set_state(state)  # noqa: NPY002


@cache
def tool() -> type:
    """The class ``WeightWatcher``. Where there is a GPU it would halve the precision of the weights: it sees none."""
    with contained(), patch("torch.cuda.is_available", return_value=False):
        from weightwatcher import WeightWatcher
    return WeightWatcher


def analysed(values: np.ndarray, seeds: Iterable[int] = (), **options: object) -> pd.Series:
    """Its row for one matrix, or for the kernel of a two-dimensional convolution.

    With ``seeds`` it also shuffles, taking our permutation of the next seed wherever it would draw its own: five
    below 100 singular values, else one, and one more for the distance to the shuffled spectrum.
    """
    if values.ndim == 2:
        assert values.shape[0] >= values.shape[1], TALL
    orders = iter(seeds)
    layer = layer_of(values)

    def shuffle(flat: np.ndarray) -> None:
        flat[:] = flat[permutation(flat.size, next(orders))]

    with contained(), patch("numpy.random.shuffle", shuffle), config_context(skip_parameter_validation=True):
        watcher = tool()(model=nn.Sequential(layer))
        table = watcher.analyze(randomize=seeds != (), svd_method="accurate", savefig=False, **options)
    assert len(table) == 1
    return table.iloc[0]


def cut_by_product(eigenvalues: np.ndarray) -> int:
    """Its number of eigenvalues in the tail of product one, of a spectrum alone."""
    tool()
    from weightwatcher.RMT_Util import detX_constraint

    with contained(), np.errstate(all="ignore"):
        return int(detX_constraint(eigenvalues)[0])


def tail_alone(eigenvalues: np.ndarray) -> float:
    """Its exponent of a spectrum alone."""
    tool()
    from weightwatcher.WW_powerlaw import WWFit

    with contained():
        return float(WWFit(eigenvalues).alpha)


def layer_of(values: np.ndarray) -> nn.Module:
    """A linear or convolutional layer with these weights, in float32, to which the tool would round them anyway."""
    if values.ndim == 2:
        layer = nn.utils.skip_init(nn.Linear, values.shape[1], values.shape[0], bias=False)
    else:
        layer = nn.utils.skip_init(nn.Conv2d, values.shape[1], values.shape[0], values.shape[2:], bias=False)
    with torch.no_grad():
        layer.weight.copy_(torch.from_numpy(np.ascontiguousarray(values, dtype=np.float32)))
    return layer
