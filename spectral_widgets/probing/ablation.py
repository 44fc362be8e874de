"""Pass the same inputs through a model with and without an edit, and accumulate what changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor, nn

from ..records import AblationPlan, AblationResult, Complaint, Edit, MatchedControl, Measure, Probe, Track, WeightMatrix
from ..spectra.edits import change_of, matched_change
from ..weights.running import Forward, forward_pass
from .outputs import Comparison, check_shape, compared, prepared
from .plans import caveat_of, label_of
from .probes import batches, copied
from .twin import device_of, dtype_of, swapped, twin_of
from .verdict import track_of, verdict_of

_HELD_BYTES = 1 << 29


class RunnableModel(Protocol):
    """What an ablation needs of a model; ``weights.Model`` is one."""

    @property
    def module(self) -> nn.Module | None: ...
    @property
    def missing(self) -> str: ...
    @property
    def outputs(self) -> str: ...
    @property
    def forward(self) -> Forward | None: ...
    def read(self, name: str) -> WeightMatrix: ...
    @property
    def tied(self) -> dict[str, str]: ...


def ablate_steps(model: RunnableModel, plan: AblationPlan) -> Iterator[AblationResult]:
    """Run a plan; yields after every forward pass a result that holds all complete batches so far.

    The user's module is never touched: edits run in a twin that shares its parameters. On out of memory the
    batch is halved; what was measured is kept.
    """
    if model.module is None:
        raise Complaint(model.missing or "This model has weights but nothing to run them with.")
    run = _Run(model, model.module, plan)
    yield run.result()
    start = 0
    while start < plan.probe.n:
        stop = min(start + run.batch_size, plan.probe.n)
        try:
            for _ in run.batch(start, stop):
                yield run.result()
        except torch.OutOfMemoryError as error:
            run.shrink(error)
            continue
        start = stop
        yield run.result()


def n_steps(plan: AblationPlan) -> int:
    """How many results :func:`ablate_steps` yields when no batch has to be halved."""
    n_batches = -(-plan.probe.n // plan.batch_size)
    return 1 + n_batches * (2 + len(_edits(plan)))


def batch_size_for(probe: Probe, outputs: str = "logits") -> int:
    """A batch whose outputs stay near 64 MB in float64 and whose run can be cancelled soon."""
    if probe.kind == "tokens":
        width = probe.vocabulary_size if outputs == "logits" else 1024
        return max(1, min(16, 8_000_000 // max(probe.shape[0] * max(width, 1), 1)))
    return max(1, min(64, 4_000_000 // max(int(np.prod(probe.shape)), 1)))


@dataclass(frozen=True, slots=True)
class _Labelled:
    label: str
    edit: Edit


def _edits(plan: AblationPlan) -> list[_Labelled]:
    return [
        _Labelled(plan.label, plan.edit),
        *(_Labelled(label, edit) for label, edit in plan.companions),
        *(_Labelled(f"{label_of(edit)} {k + 1}", edit) for k, edit in enumerate(plan.controls)),
    ]


class _Run:
    """State of one ablation on its way: the twin, the edited tensors and the values so far."""

    def __init__(self, model: RunnableModel, module: nn.Module, plan: AblationPlan) -> None:
        self.plan, self.model = plan, model
        self.measure: Measure = "divergence_nats" if model.outputs == "logits" else "relative_change"
        self.batch_size = plan.batch_size
        self.device, self.dtype = device_of(module), dtype_of(module)
        self.twin = twin_of(module)
        self.names = _all_names(model, plan.edit.layer.name)
        self.matrix = model.read(plan.edit.layer.name)
        self.edits = _edits(plan)
        self.tensors = _Tensors(self.matrix, _tensor_dtype(module, self.names[0], self.dtype), self.device)
        self.changes: list[list[np.ndarray]] = [[] for _ in self.edits]
        self.cosines: list[list[np.ndarray]] = [[] for _ in self.edits]

    def batch(self, start: int, stop: int) -> Iterator[None]:
        """Measure all edits on inputs start to stop; the values count only when all of them are in."""
        inputs = batches(self.plan.probe, start, stop, self.device, self.dtype)
        original = prepared(self._output(inputs), self.measure, "the model")
        check_shape(tuple(original.shape), stop - start, self.measure)
        yield
        done = []
        for item in self.edits:
            done.append(self._measured(item, inputs, original))
            yield
        self._keep(done)

    def result(self) -> AblationResult:
        tracks = [self._track(k) for k in range(len(self.edits))]
        n_companions = len(self.plan.companions)
        controls = tuple(tracks[1 + n_companions :])
        return AblationResult(
            plan=self.plan,
            measure=self.measure,
            edit=tracks[0],
            companions=tuple(tracks[1 : 1 + n_companions]),
            controls=controls,
            verdict=verdict_of(tracks[0], controls, "nats" if self.measure == "divergence_nats" else ""),
            device=str(self.device),
            precision=str(self.dtype).removeprefix("torch."),
            caveat=caveat_of(self.plan.edit),
        )

    def shrink(self, error: Exception) -> None:
        if self.batch_size == 1:
            raise Complaint(
                f"Out of memory on {self.device} even with one input at a time: use a smaller probe or "
                "move the model to the CPU."
            ) from error
        self.batch_size = max(1, self.batch_size // 2)
        if self.device.type == "cuda":
            torch.cuda.empty_cache()

    def _output(self, inputs: Any) -> Tensor:
        # A fresh copy each time: a forward pass may write to its inputs, which may be the user's own.
        return forward_pass(self.twin, copied(inputs), self.model.forward)

    def _measured(self, item: _Labelled, inputs: Any, original: Tensor) -> Comparison:
        with swapped(self.twin, self.names, self.tensors.of(item.edit)):
            output = prepared(self._output(inputs), self.measure, f"the model after “{item.label}”")
        return compared(original, output, self.measure)

    def _keep(self, done: Sequence[Comparison]) -> None:
        for k, comparison in enumerate(done):
            self.changes[k].append(comparison.change.cpu().numpy())
            if comparison.cosine is not None:
                self.cosines[k].append(comparison.cosine.cpu().numpy())

    def _track(self, k: int) -> Track:
        values = np.concatenate([np.empty(0), *self.changes[k]])
        cosine = np.concatenate(self.cosines[k]) if self.cosines[k] else None
        return track_of(self.edits[k].label, values, cosine)


class _Tensors:
    """Edited tensors on the device, kept from batch to batch while they are small."""

    def __init__(self, matrix: WeightMatrix, dtype: torch.dtype, device: torch.device) -> None:
        self._matrix, self._dtype, self._device = matrix, dtype, device
        self._held: dict[int, Tensor] = {}
        self._bytes = 0
        self._original: tuple[Edit, np.ndarray] | None = None

    def of(self, edit: Edit) -> Tensor:
        if (held := self._held.get(id(edit))) is not None:
            return held
        values = self._matrix.values.astype(np.float64) + self._change(edit)
        tensor = torch.from_numpy(self._matrix.unfolding.fold(values)).to(self._device, self._dtype)
        if self._bytes + tensor.nbytes <= _HELD_BYTES:
            self._held[id(edit)] = tensor
            self._bytes += tensor.nbytes
        return tensor

    def _change(self, edit: Edit) -> np.ndarray:
        if not isinstance(edit, MatchedControl):
            return change_of(edit, self._matrix)
        # All controls are made from one change, which costs as much as one of them.
        if self._original is None or self._original[0] is not edit.of:
            self._original = edit.of, change_of(edit.of, self._matrix)
        return matched_change(self._original[1], edit.seed)


def _all_names(model: RunnableModel, name: str) -> tuple[str, ...]:
    """The layer's name and every name that is tied to it: a tied weight is edited everywhere at once."""
    return name, *(other for other, carrier in model.tied.items() if carrier == name)


def _tensor_dtype(module: nn.Module, name: str, default: torch.dtype) -> torch.dtype:
    own = dict(module.named_parameters(remove_duplicate=False)).get(name)
    return own.dtype if own is not None and own.is_floating_point() else default


def ablate(model: RunnableModel, plan: AblationPlan) -> AblationResult:
    """Run a plan to its end; the last of :func:`ablate_steps`."""
    *_, last = ablate_steps(model, plan)
    return last
