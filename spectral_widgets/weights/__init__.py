"""Torch modules, checkpoints and Hugging Face ids → matrices, one at a time."""

from .cuts import CUTS
from .kinds import KINDS
from .layers import Layer, LayerList
from .llama2c import split_llama2c
from .llama2c_tokenizer import Llama2cTokenizer, read_llama2c_tokenizer
from .model import Model
from .opening import open_model
from .shipped import Checkpoint, digits_mlp, digits_series

__all__ = [
    "CUTS",
    "KINDS",
    "Checkpoint",
    "Layer",
    "LayerList",
    "Llama2cTokenizer",
    "Model",
    "digits_mlp",
    "digits_series",
    "open_model",
    "read_llama2c_tokenizer",
    "split_llama2c",
]
