"""Which outputs moved most: the mean signed change of every class's probability."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from scipy.stats import t as student
from torch import Tensor, nn

from ..records import Complaint, Edit, Probe
from ..weights.running import forward_pass
from .ablation import RunnableModel, batch_size_for
from .outputs import check_shape, prepared
from .probes import batches, copied
from .tensors import EditedTensors
from .twin import device_of, dtype_of, swapped, twin_of


@dataclass(frozen=True, slots=True, eq=False)
class Attribution:
    """Mean signed change of probability per class ``(n_classes,)`` with its 95 % half width over the inputs.

    ``before`` is the mean probability of the original model. The changes add up to zero.
    """

    change: np.ndarray
    reach: np.ndarray
    before: np.ndarray
    n_probes: int

    def top(self, k: int = 10) -> np.ndarray:
        """The ``k`` classes that moved most, either way, largest first; equal ones in their own order."""
        return np.argsort(-np.abs(self.change), kind="stable")[:k]


def attribute(model: RunnableModel, edit: Edit, probe: Probe) -> Attribution:
    """The last of :func:`attribute_steps`."""
    *_, last = attribute_steps(model, edit, probe)
    return last


def attribute_steps(model: RunnableModel, edit: Edit, probe: Probe) -> Iterator[Attribution]:
    """Pass a probe through a model with and without an edit and average the change of each class, batch by batch.

    Positions of one input are averaged first. Raises ``Complaint`` for a model without logits.
    """
    if model.module is None:
        raise Complaint(model.missing or "This model has weights but nothing to run them with.")
    if model.outputs != "logits":
        raise Complaint("Which outputs moved is told for class scores only: open the model with outputs='logits'.")
    n_done, total, square, before = 0, np.zeros(0), np.zeros(0), np.zeros(0)
    for change, original in _changes(model, model.module, edit, probe):
        n_done += len(change)
        total = _added(total, change.sum(0))
        square = _added(square, (change**2).sum(0))
        before = _added(before, original.sum(0))
        yield _attribution(n_done, total, square, before)


def rows_of(found: Attribution, k: int) -> list[dict[str, float | int]]:
    """The ``k`` classes that moved most: number, mean signed change, its interval, and the probability before."""
    return [
        {
            "class": int(at),
            "change": float(found.change[at]),
            "low": float(found.change[at] - found.reach[at]),
            "high": float(found.change[at] + found.reach[at]),
            "before": float(found.before[at]),
        }
        for at in found.top(k)
    ]


def _attribution(n_done: int, total: np.ndarray, square: np.ndarray, before: np.ndarray) -> Attribution:
    mean = total / n_done
    variance = np.maximum(square - n_done * mean**2, 0) / max(n_done - 1, 1)
    quantile = student.ppf(0.975, n_done - 1) if n_done > 1 else np.inf
    reach = quantile * np.sqrt(variance / n_done) if n_done > 1 else np.full(mean.shape, np.inf)
    return Attribution(mean, reach, before / n_done, n_done)


def _changes(
    model: RunnableModel, module: nn.Module, edit: Edit, probe: Probe
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    twin, device, dtype = twin_of(module), device_of(module), dtype_of(module)
    edited = EditedTensors(model, module, edit, device, dtype).of(edit)
    size = batch_size_for(probe, model.outputs)
    for start in range(0, probe.n, size):
        stop = min(start + size, probe.n)
        inputs = batches(probe, start, stop, device, dtype)
        original = _probabilities(forward_pass(twin, copied(inputs), model.forward), "the model", stop - start, probe)
        with swapped(twin, edited):
            output = forward_pass(twin, copied(inputs), model.forward)
        after = _probabilities(output, "the edited model", stop - start, probe)
        yield (after - original).cpu().numpy(), original.cpu().numpy()


def _probabilities(output: Tensor, what: str, n_inputs: int, probe: Probe) -> Tensor:
    """Per input the probability of each class, averaged over positions."""
    check_shape(tuple(output.shape), n_inputs, "divergence_nats")
    logs = prepared(output, "divergence_nats", what, probe.temperature)
    flat = torch.exp(logs).reshape(n_inputs, -1, logs.shape[-1])
    return flat.mean(dim=1)


def _added(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    return one + other if one.size else other
