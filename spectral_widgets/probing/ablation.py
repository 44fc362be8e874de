"""Pass the same inputs through a model with and without an edit, and accumulate what changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor, nn

from ..records import AblationPlan, AblationResult, Complaint, Measure, Probe, WeightMatrix
from ..weights.running import Forward, forward_pass
from .labelled import labelled_edits
from .notes import HALVES, half_precision, on_the_cpu, smaller_batches
from .outputs import Comparison, Original, check_shape, labels_for, rounding_of, same_up_to_rounding
from .passes import Passes
from .plans import caveat_of
from .probes import batches, copied
from .quick import loading_steps
from .tensors import EditedTensors
from .tracks import Values
from .twin import cpu_copy_of, device_of, dtype_of
from .verdict import verdict_of

#: A change of at most so many times the rounding of a batched pass is measured by itself.
_ROUNDINGS = 16.0


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
    def is_stored(self, parameter: str) -> bool: ...
    @property
    def tied(self) -> dict[str, str]: ...


def ablate_steps(model: RunnableModel, plan: AblationPlan) -> Iterator[AblationResult]:
    """Run a plan; yields after every edit measured a result that holds all complete batches so far.

    The user's module is never touched: edits run in a twin that shares its parameters. On out of memory the
    batch is halved, at last a copy runs on the CPU; what was measured is kept, and the caveat tells. With
    ``plan.stop`` = ``"decided"`` no batch follows a clear verdict.
    """
    run = run_of(model, plan)
    yield run.result()
    for _ in part_steps(run, 0, plan.probe.n):
        yield run.result()


def run_of(model: RunnableModel, plan: AblationPlan) -> Run:
    """A run that has measured nothing yet. Raises ``Complaint`` for a model that cannot run."""
    if model.module is None:
        raise Complaint(model.missing or "This model has weights but nothing to run them with.")
    return Run(model, model.module, plan)


def part_steps(run: Run, start: int, end: int) -> Iterator[None]:
    """Measure the inputs ``start`` to ``end``, batch by batch, one step an edit."""
    while start < end and not run.result().is_complete:
        stop = min(start + run.batch_size, end)
        try:
            yield from run.batch(start, stop)
        except torch.OutOfMemoryError as error:
            run.shrink(error)
            continue
        start = stop
        yield


def n_steps(plan: AblationPlan) -> int:
    """How many results :func:`ablate_steps` yields when no batch is halved and nothing is decided early."""
    n_batches = -(-plan.probe.n // plan.batch_size)
    return 1 + n_batches * (2 + len(labelled_edits(plan)))


def batch_size_for(probe: Probe, outputs: str = "logits") -> int:
    """A batch whose outputs stay near 64 MB in float64 and whose run can be cancelled soon."""
    if probe.kind == "tokens":
        width = probe.vocabulary_size if outputs == "logits" else 1024
        return max(1, min(16, 8_000_000 // max(probe.shape[0] * max(width, 1), 1)))
    return max(1, min(64, 4_000_000 // max(int(np.prod(probe.shape)), 1)))


class Run:
    """State of one ablation on its way: the twin, the edited tensors and the values so far."""

    def __init__(self, model: RunnableModel, module: nn.Module, plan: AblationPlan) -> None:
        self.plan, self.model = plan, model
        self.measure: Measure = "divergence_nats" if model.outputs == "logits" else "relative_change"
        self.batch_size = plan.batch_size
        self.edits = labelled_edits(plan)
        self.values = Values([item.label for item in self.edits])
        self.notes: dict[str, str] = {}
        self._result: AblationResult | None = None
        self._use(module)

    def _use(self, module: nn.Module) -> None:
        """Run this module from now on, on its own device and in its own precision."""
        self.device, self.dtype = device_of(module), dtype_of(module)
        tensors = EditedTensors(self.model, module, self.plan.edit, self.device, self.dtype)
        self.passes = Passes(module, self._output, tensors, [item.edit for item in self.edits])
        self.floor = rounding_of(self.measure, self.dtype)
        self.checked: set[int] = set()
        if self.dtype in HALVES:
            self.notes["precision"] = half_precision(self.dtype)

    def batch(self, start: int, stop: int) -> Iterator[None]:
        """Measure all edits on inputs start to stop; the values count only when all of them are in."""
        inputs = batches(self.plan.probe, start, stop, self.device, self.dtype)
        output = self.passes.original(inputs)
        shape = tuple(output.shape)
        check_shape(shape, stop - start, self.measure)
        labels = self._labels(shape, start, stop, output.device)
        if self.measure == "divergence_nats":
            yield from loading_steps(output)
        before = Original(output, self.measure, self.plan.probe.temperature, labels)
        yield
        done: dict[int, Comparison] = {}
        for part in self.passes.parts(inputs):
            for index, comparison in self._measured(part, inputs, before):
                done[index] = comparison
                yield
        self.values.add([done[index] for index in range(len(self.edits))])
        self._result = None

    def extend(self, values: Mapping[str, np.ndarray]) -> None:
        """Values that were measured elsewhere, of the inputs that come next."""
        self.values.extend(values)
        self._result = None

    def result(self) -> AblationResult:
        self._result = self._result or self._gathered()
        return self._result

    def _gathered(self) -> AblationResult:
        tracks = self.values.tracks()
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
            caveat=" ".join(filter(None, [caveat_of(self.plan.edit), *self.notes.values()])),
        )

    def shrink(self, error: Exception) -> None:
        """After out of memory: half the batch, then a copy of the model on the CPU; what was measured is kept."""
        if self.batch_size > 1:
            self.batch_size = max(1, self.batch_size // 2)
            self.notes["memory"] = smaller_batches(str(self.device), self.batch_size)
        elif self.device.type != "cpu":
            self.to_cpu()
        else:
            raise Complaint(
                f"Out of memory on {self.device} even with one input at a time: use shorter inputs or a smaller model."
            ) from error
        self._result = None
        if torch.cuda.is_available():
            torch.cuda.empty_cache()

    def to_cpu(self) -> None:
        """Go on with a copy of the model in the memory of the CPU; the user's stays where it is."""
        assert self.model.module is not None
        self.notes["memory"] = on_the_cpu(str(self.device), self.values.n_done)
        del self.passes
        self.batch_size = self.plan.batch_size
        self._use(cpu_copy_of(self.model.module))

    def _output(self, twin: nn.Module, inputs: Any) -> Tensor:
        # A fresh copy each time: a forward pass may write to its inputs, which may be the user's own.
        with torch.autocast(self.device.type, enabled=False):
            return forward_pass(twin, copied(inputs), self.model.forward)

    def _labels(self, shape: tuple[int, ...], start: int, stop: int, device: torch.device) -> Tensor | None:
        if self.plan.probe.labels is None:
            return None
        if self.measure != "divergence_nats":
            raise Complaint("Labels need a model that gives class scores: open it with outputs='logits'.")
        return labels_for(self.plan.probe.labels, shape, start, stop, device)

    def _measured(self, part: list[int], inputs: Any, before: Original) -> Iterator[tuple[int, Comparison]]:
        """Compare some edits that run together; one by one where they cannot, or where rounding would be all."""
        outputs = self._together(part, inputs, before)
        if outputs is None:
            yield from ((index, self._alone(index, inputs, before)) for index in part)
            return
        names = [self._name(index) for index in part]
        for index, comparison in zip(part, before.compared(outputs, names), strict=True):
            # An edit that ran alone has no rounding of others in it.
            is_rounding = len(part) > 1 and bool(0 < comparison.change.max() <= self.floor)
            yield index, self._alone(index, inputs, before) if is_rounding else comparison

    def _together(self, part: list[int], inputs: Any, before: Original) -> Tensor | None:
        """Outputs of a part in one pass. The first time an unchanged model runs beside and shows the rounding."""
        is_new = not self.checked.issuperset(part) and (len(part) > 1 or not self.checked)
        outputs = self.passes.several(part, inputs, control=is_new)
        if outputs is None or not is_new:
            return outputs
        if outputs.shape[1:] != before.output.shape or not same_up_to_rounding(before.output, outputs[-1]):
            self.passes.separate()
            return None
        self.checked.update(part)
        [again] = before.compared(outputs[-1:], ["the model"])
        self.floor = max(self.floor, _ROUNDINGS * float(again.change.max()))
        return outputs[:-1]

    def _alone(self, index: int, inputs: Any, before: Original) -> Comparison:
        [comparison] = before.compared(self.passes.one(index, inputs)[None], [self._name(index)])
        return comparison

    def _name(self, index: int) -> str:
        return f"the model after “{self.edits[index].label}”"


def ablate(model: RunnableModel, plan: AblationPlan) -> AblationResult:
    """Run a plan to its end; the last of :func:`ablate_steps`."""
    *_, last = ablate_steps(model, plan)
    return last
