"""What is kept of a model's outputs, and how two of them are compared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import torch
from torch import Tensor

from ..records import Complaint, Measure
from .changes import Known, blocks_of, changes_between, changes_from, known_of, label_changes
from .divergence import BLOCK, cosine, log_probabilities, probabilities, relative_change
from .quick import MOST_ROUNDING, Rows, changes_in, rows_of


@dataclass(frozen=True, slots=True)
class Comparison:
    """Change per input ``(n_inputs,)``; without logits the cosine per input, with logits further measures."""

    change: Tensor
    cosine: Tensor | None
    extras: Mapping[str, Tensor] = field(default_factory=dict)


def prepared(output: Tensor, measure: Measure, what: str, temperature: float = 1.0) -> Tensor:
    """What is kept of an output for comparison; refuses values that are not finite (in logits, −∞ is a mask)."""
    kept = log_probabilities(output, temperature) if measure == "divergence_nats" else output
    # The logarithm of a softmax is NaN wherever a logit is NaN or +∞, or all of them are −∞.
    if torch.isnan(kept).any() or (measure == "relative_change" and torch.isinf(kept).any()):
        raise _not_finite(what)
    return kept


def check_shape(shape: tuple[int, ...], n_inputs: int, measure: Measure) -> None:
    """Raises ``Complaint`` unless an output has one entry per input on its first axis and, for logits, classes."""
    n_outputs = shape[0] if shape else 1
    if not shape or n_outputs != n_inputs:
        raise Complaint(
            f"The model gave {n_outputs} outputs for {n_inputs} inputs: the first axis of its "
            "output must be the input's; pass forward=... that arranges it so."
        )
    if measure == "divergence_nats" and len(shape) < 2:
        raise Complaint(
            "The model's output has one number for each input, which is no distribution over classes: "
            "pass forward=... that returns logits."
        )


def compared(original: Tensor, edited: Tensor, measure: Measure, labels: Tensor | None = None) -> Comparison:
    """Change between two prepared outputs, averaged over the positions of each input."""
    if measure == "relative_change":
        return Comparison(relative_change(original, edited), cosine(original, edited))
    values = changes_between(original, edited)
    means = {name: value.reshape(len(value), -1).mean(dim=1) for name, value in values.items()}
    if labels is not None:
        means |= label_changes(original, edited, labels)
    return Comparison(means.pop("js_divergence_nats"), None, means)


class Original:
    """The outputs of the model as it is for one batch, and what every comparison with them needs, computed once."""

    def __init__(self, output: Tensor, measure: Measure, temperature: float, labels: Tensor | None = None) -> None:
        self.output, self.measure, self.temperature, self.labels = output, measure, temperature, labels
        self._repeated: dict[int, Known] = {}
        self._rows = None if measure == "relative_change" else rows_of(output, temperature)
        if measure == "relative_change":
            prepared(output, measure, "the model")
        elif self._rows is None and any(torch.isnan(known.p).any() for known in self._blocks):
            raise _not_finite("the model")

    @cached_property
    def _blocks(self) -> list[Known]:
        return [known_of(*probabilities(block, self.temperature)) for block in blocks_of(self.output)]

    @cached_property
    def _log_p(self) -> Tensor:
        return log_probabilities(self.output, self.temperature)

    def compared(self, outputs: Tensor, names: Sequence[str]) -> Iterator[Comparison]:
        """The comparison with each of several outputs ``(k, n_inputs, …)``, in blocks that stay in the cache.

        Small outputs go together, since what they cost is the number of operations. Raises ``Complaint`` with
        the name of the first one that is not finite.
        """
        if self.measure == "relative_change":
            for name, output in zip(names, outputs, strict=True):
                kept = prepared(output, self.measure, name)
                yield Comparison(relative_change(self.output, kept), cosine(self.output, kept))
            return
        if self._rows is not None:
            yield from self._quickly(self._rows, outputs, names)
            return
        size = max(1, BLOCK // max(self.output.numel(), 1)) if len(self._blocks) == 1 else 1
        for start in range(0, len(outputs), size):
            yield from self._compared(outputs[start : start + size], names[start : start + size])

    def _quickly(self, rows: Rows, outputs: Tensor, names: Sequence[str]) -> Iterator[Comparison]:
        """In float32, and again in float64 what that is too coarse for."""
        flat = outputs.reshape(len(outputs), -1, outputs.shape[-1])
        values = self._means(changes_in(rows, flat, self.temperature), len(outputs))
        coarse = values.pop("rounding") > MOST_ROUNDING * values["js_divergence_nats"]
        known = torch.stack([value.isfinite() for value in values.values()]).all(0)
        doubtful = (coarse | ~known).any(-1).tolist()
        for k, name in enumerate(names):
            if doubtful[k]:
                yield from self._compared(outputs[k : k + 1], [name])
            else:
                yield self._comparison({measure: value[k] for measure, value in values.items()}, outputs[k])

    def _compared(self, outputs: Tensor, names: Sequence[str]) -> Iterator[Comparison]:
        rows = outputs.reshape(-1, outputs.shape[-1])
        blocks = [self._again(len(outputs))] if len(self._blocks) == 1 else self._blocks
        parts, start = [], 0
        for known in blocks:
            log_q, q = probabilities(rows[start : start + len(known.p)], self.temperature)
            parts.append(changes_from(known, log_q, q))
            start += len(known.p)
        whole = {name: torch.cat([part[name] for part in parts]) for name in parts[0]}
        values = self._means(whole, len(outputs))
        # The logarithm of a softmax is NaN wherever a logit is NaN or +∞, or all of them are −∞.
        broken = torch.isnan(values["js_divergence_nats"]).any(-1).tolist()
        for k, name in enumerate(names):
            if broken[k]:
                raise _not_finite(name)
            yield self._comparison({measure: value[k] for measure, value in values.items()}, outputs[k])

    def _means(self, values: Mapping[str, Tensor], n_edits: int) -> dict[str, Tensor]:
        """Averages ``(n_edits, n_inputs)`` over the positions of each input, on the CPU in float64."""
        shape = n_edits, len(self.output), -1
        return {name: value.cpu().double().reshape(shape).mean(-1) for name, value in values.items()}

    def _comparison(self, values: dict[str, Tensor], output: Tensor) -> Comparison:
        if self.labels is not None:
            after = log_probabilities(output, self.temperature)
            changed = label_changes(self._log_p, after, self.labels.to(after.device))
            values |= {name: value.cpu() for name, value in changed.items()}
        return Comparison(values.pop("js_divergence_nats"), None, values)

    def _again(self, times: int) -> Known:
        if times not in self._repeated:
            self._repeated[times] = self._blocks[0].repeated(times)
        return self._repeated[times]


def same_up_to_rounding(original: Tensor, again: Tensor) -> bool:
    """Whether two outputs agree within the root of their precision, beside the largest finite number in them."""
    if torch.equal(original, again):
        return True
    wide = original.double()
    largest = torch.where(torch.isfinite(wide), wide, 0.0).abs().max()
    return torch.allclose(wide, again.double(), rtol=0.0, atol=float(torch.finfo(original.dtype).eps ** 0.5 * largest))


def rounding_of(measure: Measure, dtype: torch.dtype) -> float:
    """The change that outputs show which differ by a few roundings: of logits its square over eight."""
    step = 8 * torch.finfo(dtype).eps
    return step if measure == "relative_change" else step**2 / 8


def _not_finite(what: str) -> Complaint:
    return Complaint(f"The outputs of {what} contain NaN or infinity: try a smaller probe or float32.")


def labels_for(labels: object, shape: tuple[int, ...], start: int, stop: int, device: torch.device) -> Tensor:
    """Labels of inputs start to stop. Raises ``Complaint`` unless they fit outputs of ``shape``."""
    chosen = torch.as_tensor(labels)[start:stop].to(device)
    if tuple(chosen.shape) != shape[:-1]:
        raise Complaint(
            f"The labels of {len(chosen)} inputs have shape {tuple(chosen.shape)} and the outputs {shape}: give "
            f"labels of shape {shape[:-1]}, one class for each output, −100 where there is none."
        )
    if int(chosen.max()) >= shape[-1]:
        raise Complaint(f"A label is {int(chosen.max())} but the model has {shape[-1]} classes: count from 0.")
    return chosen
