"""The door to ``sw.prescribe``: what the numbers of a model say about training it, and how far the measuring is."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any, TypeVar

from .api_progress import Progress
from .api_work import heard
from .records import MeasuredLayer
from .training import finetuning, measuring, rates, sparsity
from .training.finetuning import freeze_others
from .training.mappings import MAPPINGS
from .training.rates import ALPHA_DECAY, LLR, TEMP_BALANCE, update_groups
from .training.schedule import LayerwiseSchedule, cosine
from .training.sparsity import prunable

R = TypeVar("R")
_SAYS = """
    ``progress`` is that of :func:`measure`, and ``Interrupted.partial`` the layers so far, which ``measured`` takes.
    """


def _telling(function: Callable[..., R]) -> Callable[..., R]:
    """The function with ``progress``, told while it measures the layers of a model."""

    @wraps(function)
    def telling(*arguments: Any, progress: Progress = None, **settings: Any) -> R:
        def followed(steps: Iterator[tuple[MeasuredLayer, ...]], n_steps: int) -> tuple[MeasuredLayer, ...]:
            return heard(steps, n_steps, "Measuring", "Measuring the layers", progress) if n_steps else ()

        before = measuring.following.set(followed)
        try:
            return function(*arguments, **settings)
        finally:
            measuring.following.reset(before)

    own = inspect.signature(function)
    asked = inspect.Parameter("progress", inspect.Parameter.KEYWORD_ONLY, default=None, annotation=Progress)
    telling.__signature__ = own.replace(parameters=[*own.parameters.values(), asked])  # type: ignore[attr-defined]
    telling.__doc__ = f"{(function.__doc__ or '').rstrip()}\n{_SAYS}"
    return telling


layers_to_finetune = _telling(finetuning.layers_to_finetune)
layerwise_lr = _telling(rates.layerwise_lr)
layerwise_sparsity = _telling(sparsity.layerwise_sparsity)
layerwise_weight_decay = _telling(rates.layerwise_weight_decay)
measured_layers = _telling(measuring.measured_layers)

__all__ = [
    "ALPHA_DECAY",
    "LLR",
    "MAPPINGS",
    "TEMP_BALANCE",
    "LayerwiseSchedule",
    "cosine",
    "freeze_others",
    "layers_to_finetune",
    "layerwise_lr",
    "layerwise_sparsity",
    "layerwise_weight_decay",
    "measured_layers",
    "prunable",
    "update_groups",
]
