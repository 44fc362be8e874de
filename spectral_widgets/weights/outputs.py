"""What a model gives out, and which inputs fit it, as far as its structure tells."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal

import torch
from torch import nn

from ..records import Complaint, Probe

Outputs = Literal["logits", "features"]
TOKENS_LENGTH = 32
_PASS_THROUGH = (nn.Identity, nn.Dropout, nn.LogSoftmax)
_OWN_INPUTS = "pass your own batch of inputs as the probe"


def _last_leaf(module: nn.Module) -> nn.Module | None:
    leaves = [leaf for leaf in module.modules() if not list(leaf.children())]
    return next((leaf for leaf in reversed(leaves) if not isinstance(leaf, _PASS_THROUGH)), None)


def _by_class_name(module: nn.Module) -> tuple[Outputs, str] | None:
    name = type(module).__name__
    if any(word in name for word in ("ForCausalLM", "LMHead", "ForMaskedLM", "ForConditionalGeneration")):
        return "logits", f"{name} gives a score for every token"
    if "Classification" in name:
        return "logits", f"{name} gives a score for every class"
    if hasattr(module, "config") and hasattr(module, "get_output_embeddings"):
        return "features", f"{name} has no head that gives scores"
    return None


def outputs_of(module: nn.Module) -> tuple[Outputs, str]:
    """``logits`` or ``features`` and how that was decided: by class name, else by the last layer."""
    known = _by_class_name(module)
    if known is not None:
        return known
    last = _last_leaf(module)
    if isinstance(last, nn.Linear) and last.out_features > 1:
        return "logits", f"the last layer is linear with {last.out_features} outputs"
    if getattr(module, "gives_logits", False):
        return "logits", f"{type(module).__name__} gives a score for every token"
    ending = type(last).__name__ if last is not None else "nothing"
    return "features", f"the model ends in {ending}, not in a linear layer of several outputs"


def tensor_in(result: Any) -> torch.Tensor:
    """``.logits``, ``.last_hidden_state``, or the first tensor. Raises Complaint without one."""
    if isinstance(result, torch.Tensor):
        return result
    for name in ("logits", "last_hidden_state"):
        value = result.get(name) if isinstance(result, Mapping) else getattr(result, name, None)
        if isinstance(value, torch.Tensor):
            return value
    inner: Iterable[Any] = result.values() if isinstance(result, Mapping) else ()
    for value in result if isinstance(result, tuple | list) else inner:
        if isinstance(value, torch.Tensor):
            return value
    raise Complaint(
        f"The model gives a {type(result).__name__} without a tensor; open it with forward=, a function of "
        "the module and a batch that returns the output tensor."
    )


def _config_probe(config: Any, n: int, seed: int) -> Probe | None:
    vocabulary, size = getattr(config, "vocab_size", None), getattr(config, "image_size", None)
    if vocabulary and not size:
        longest = getattr(config, "max_position_embeddings", None) or getattr(config, "n_positions", None)
        return tokens(n, seed, int(vocabulary), min(TOKENS_LENGTH, int(longest or TOKENS_LENGTH)))
    if size:
        sides = (int(size), int(size)) if isinstance(size, int) else tuple(map(int, size))
        return images(n, seed, (int(getattr(config, "num_channels", 3)), *sides))
    return None


def tokens(n: int, seed: int, vocabulary_size: int, length: int = TOKENS_LENGTH) -> Probe:
    """Uniform random tokens."""
    text = f"random tokens, {length} of {vocabulary_size:,} in a row"
    return Probe("tokens", n, (length,), seed, vocabulary_size=vocabulary_size, description=text)


def images(n: int, seed: int, shape: tuple[int, ...]) -> Probe:
    """Standard Gaussian images ``(channels, height, width)``."""
    return Probe("images", n, shape, seed, description=f"Gaussian images, {'×'.join(map(str, shape))}")


def vectors(n: int, seed: int, size: int) -> Probe:
    """Standard Gaussian vectors."""
    return Probe("vectors", n, (size,), seed, description=f"Gaussian vectors of {size}")


def fitting_probe(module: nn.Module, n: int, seed: int) -> Probe:
    """Random inputs that fit the first layer. Raises Complaint when their shape cannot be known."""
    config = getattr(module, "config", None)
    if getattr(config, "is_encoder_decoder", False):
        raise Complaint(
            "An encoder-decoder needs two inputs; open it with forward=, a function of the module and a "
            f"batch, and {_OWN_INPUTS}."
        )
    probe = _config_probe(config, n, seed) if config is not None else None
    return probe or _probe_of_first_layer(module, n, seed)


def _probe_of_first_layer(module: nn.Module, n: int, seed: int) -> Probe:
    weighted = (child for child in module.modules() if any(True for _ in child.parameters(recurse=False)))
    first = next(weighted, None)
    if isinstance(first, nn.Linear):
        return vectors(n, seed, first.in_features)
    if isinstance(first, nn.Embedding):
        return tokens(n, seed, first.num_embeddings)
    if isinstance(first, nn.Conv1d | nn.Conv2d | nn.Conv3d):
        raise Complaint(
            f"The first layer takes {first.in_channels} channels but does not say how large its inputs are; "
            f"{_OWN_INPUTS}."
        )
    kind = type(first).__name__ if first is not None else "nothing with weights"
    raise Complaint(f"Which inputs fit cannot be told from the first layer ({kind}); {_OWN_INPUTS}.")
