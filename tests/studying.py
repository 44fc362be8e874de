"""Comparing what a study found with what its code gives: records of any kind, number by number."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass

import numpy as np
import pandas as pd
import torch

#: Small settings, so that a member answers within a second.
SMALL = {
    "settled": {"most": 4},
    "references": {"references": 9},
    "averaging": {"shuffles": 4, "sizes": 2},
    "whole_model": {"shuffles": 2},
    "aspect": {"windows": 3, "rows": 100},
    "tail_law": {"samples": 3, "share": 30.0},
    "heads": {"reading": "value"},
    "learning_rate": {"low": 0.5, "mapping": "sqrt"},
    "pruning": {"target": 0.5, "spread": 0.2},
    "finetuning": {"top_p": 0.5},
}


def same(one, other, where="result"):
    """Raise AssertionError where two results differ by more than rounding."""
    if is_dataclass(one):
        assert type(one) is type(other), where
        # A probe may be described in other words and be the same inputs.
        for item in (item for item in fields(one) if item.name != "description"):
            same(getattr(one, item.name), getattr(other, item.name), f"{where}.{item.name}")
    elif isinstance(one, Mapping):
        assert set(one) == set(other), where
        for key in one:
            same(one[key], other[key], f"{where}[{key!r}]")
    elif isinstance(one, pd.DataFrame):
        same(one.to_dict("list"), other.to_dict("list"), where)
    elif isinstance(one, np.ndarray | torch.Tensor):
        one, other = (value.detach() if isinstance(value, torch.Tensor) else value for value in (one, other))
        np.testing.assert_allclose(np.asarray(one), np.asarray(other), rtol=1e-5, atol=1e-7, err_msg=where)
    elif isinstance(one, list | tuple):
        assert len(one) == len(other), where
        for k, pair in enumerate(zip(one, other, strict=True)):
            same(*pair, f"{where}[{k}]")
    elif isinstance(one, float):
        assert math.isclose(one, other, rel_tol=1e-5, abs_tol=1e-9) or (one != one and other != other), where
    elif one is None or isinstance(one, str | int | range):
        assert one == other, where
    else:
        assert type(one) is type(other), where
