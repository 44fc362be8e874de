"""Pass the same inputs through a model with and without an edit, and accumulate what changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor, nn

from ..records import AblationPlan, AblationResult, Complaint, Edit, Measure, Probe, Track, WeightMatrix
from ..weights.running import Forward, forward_pass
from .outputs import Comparison, check_shape, compared, labels_for, prepared
from .plans import caveat_of, label_of
from .probes import batches, copied
from .tensors import EditedTensors
from .twin import device_of, dtype_of, swapped, twin_of
from .verdict import track_of, verdict_of


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
    def tensor(self, parameter: str) -> Tensor: ...
    @property
    def tied(self) -> dict[str, str]: ...


def ablate_steps(model: RunnableModel, plan: AblationPlan) -> Iterator[AblationResult]:
    """Run a plan; yields after every forward pass a result that holds all complete batches so far.

    The user's module is never touched: edits run in a twin that shares its parameters. On out of memory the
    batch is halved; what was measured is kept. With ``plan.stop`` = ``"decided"`` no batch follows a clear verdict.
    """
    if model.module is None:
        raise Complaint(model.missing or "This model has weights but nothing to run them with.")
    run = _Run(model, model.module, plan)
    yield run.result()
    start = 0
    while start < plan.probe.n and not run.result().is_complete:
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
    """How many results :func:`ablate_steps` yields when no batch is halved and nothing is decided early."""
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
        self.edits = _edits(plan)
        self.tensors = EditedTensors(model, module, plan.edit, self.device, self.dtype)
        self.done: list[list[Comparison]] = [[] for _ in self.edits]
        self._result: AblationResult | None = None

    def batch(self, start: int, stop: int) -> Iterator[None]:
        """Measure all edits on inputs start to stop; the values count only when all of them are in."""
        inputs = batches(self.plan.probe, start, stop, self.device, self.dtype)
        original = prepared(self._output(inputs), self.measure, "the model", self.plan.probe.temperature)
        check_shape(tuple(original.shape), stop - start, self.measure)
        labels = self._labels(tuple(original.shape), start, stop, original.device)
        yield
        done = []
        for item in self.edits:
            done.append(self._measured(item, inputs, original, labels))
            yield
        self._keep(done)

    def result(self) -> AblationResult:
        if self._result is None:
            self._result = self._gathered()
        return self._result

    def _gathered(self) -> AblationResult:
        tracks = [self._track(k) for k in range(len(self.edits))]
        n_companions = len(self.plan.companions)
        controls = tuple(tracks[1 + n_companions :])
        return AblationResult(
            plan=self.plan,
            measure=self.measure,
            edit=tracks[0],
            companions=tuple(tracks[1 : 1 + n_companions]),
            controls=controls,
            verdict=verdict_of(
                tracks[0],
                controls,
                "nats" if self.measure == "divergence_nats" else "",
                stop=self.plan.stop,
                smallest_effect=self.plan.smallest_effect,
            ),
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

    def _labels(self, shape: tuple[int, ...], start: int, stop: int, device: torch.device) -> Tensor | None:
        if self.plan.probe.labels is None:
            return None
        if self.measure != "divergence_nats":
            raise Complaint("Labels need a model that gives class scores: open it with outputs='logits'.")
        return labels_for(self.plan.probe.labels, shape, start, stop, device)

    def _measured(self, item: _Labelled, inputs: Any, original: Tensor, labels: Tensor | None) -> Comparison:
        with swapped(self.twin, self.tensors.of(item.edit)):
            output = self._output(inputs)
        what = f"the model after “{item.label}”"
        return compared(
            original, prepared(output, self.measure, what, self.plan.probe.temperature), self.measure, labels
        )

    def _keep(self, done: Sequence[Comparison]) -> None:
        self._result = None
        for k, comparison in enumerate(done):
            self.done[k].append(comparison)

    def _track(self, k: int) -> Track:
        parts = self.done[k]
        values = np.concatenate([np.empty(0), *(part.change.cpu().numpy() for part in parts)])
        cosines = [part.cosine.cpu().numpy() for part in parts if part.cosine is not None]
        names = parts[0].extras if parts else ()
        extras = {name: np.concatenate([part.extras[name].cpu().numpy() for part in parts]) for name in names}
        return track_of(self.edits[k].label, values, np.concatenate(cosines) if cosines else None, extras)


def ablate(model: RunnableModel, plan: AblationPlan) -> AblationResult:
    """Run a plan to its end; the last of :func:`ablate_steps`."""
    *_, last = ablate_steps(model, plan)
    return last
