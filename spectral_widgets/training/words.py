"""Sentences of prescriptions: reasons by layer, one summary, and what should make the reader doubt."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from ..records import MeasuredLayer
from .mappings import are_equal

_NOUNS = {
    "table": "embedding or head not measured",
    "small": "too small to measure",
    "unreadable": "not measurable",
    "excluded": "excluded",
}
_WIDE_RANGE = 1.5
_SPOKEN = {
    "alpha": "α",
    "hill_alpha": "Hill α",
    "farms_alpha": "FARMS α",
    "condition_number": "condition number",
    "condition_ratio": "condition number over that of noise",
}


def spoken(metric: str) -> str:
    """A metric's name in a sentence."""
    return _SPOKEN.get(metric, metric)


def reason_of(layer: MeasuredLayer, smallest: int) -> str:
    """Why this layer was or was not measured."""
    if layer.role == "measured":
        blocks = f", the mean of {layer.n_blocks} matrices" if layer.n_blocks > 1 else ""
        return f"its {spoken(layer.metric)} is {layer.value:.4g}{blocks}"
    return {
        "table": "embeddings and heads are not measured",
        "small": f"{layer.n_eigenvalues} eigenvalues, and at least {smallest} are needed",
        "unreadable": layer.caveat.rstrip(".") or "it gives no number",
        "excluded": "excluded",
    }[layer.role]


def count_sentence(layers: Sequence[MeasuredLayer]) -> str:
    """“5 layers measured; 2 embedding or head not measured; 1 too small to measure.”"""
    counts: Counter[str] = Counter(layer.role for layer in layers)
    n_measured = counts["measured"]
    parts = [f"{n_measured} {'layer' if n_measured == 1 else 'layers'} measured"]
    parts += [f"{counts[role]} {noun}" for role, noun in _NOUNS.items() if counts[role]]
    return "; ".join(parts) + "."


def doubts_about(layers: Sequence[MeasuredLayer], metric: str, same: str) -> str:
    """What may make the mapping meaningless; ``same`` says what is done where the values do not differ."""
    measured = [layer for layer in layers if layer.role == "measured"]
    values = np.array([layer.value for layer in measured])
    sentences = []
    if not measured:
        sentences.append(f"No layer could be measured: {same}.")
    elif are_equal(values):
        alike = "There is one measured layer" if len(measured) == 1 else f"All values of {spoken(metric)} are equal"
        sentences.append(f"{alike}, so there is nothing to tell layers apart: {same}.")
    else:
        low, high = measured[int(values.argmin())], measured[int(values.argmax())]
        sentences.append(f"The range is set by two layers, {low.layer} and {high.layer}.")
    aspects = [layer.aspect for layer in measured]
    if metric == "hill_alpha" and aspects and max(aspects) > _WIDE_RANGE * min(aspects):
        sentences.append(
            "Hill α grows with the aspect ratio, trained or not, and shapes differ here; FARMS α does not."
        )
    return " ".join(sentences)
