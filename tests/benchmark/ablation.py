"""What an ablation costs in forward passes of the same inputs: all edits of a run, the divergence, and the set-up.

A run has one edit and its matched controls over several batches of the same size, as ``ablate`` makes them. Dense
controls are drawn in its first batch: the rows with a target are of the batches after it, and a row of their own tells
what the whole run costs. Beside it stands the textbook way: a copy of the model, the new weights put in, a pass, the
divergence by its formula.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import torch
from spectral_widgets.probing.ablation import Run, ablate, run_of
from spectral_widgets.probing.probes import batches, copied
from spectral_widgets.records import AblationPlan
from spectral_widgets.weights.model import Model
from spectral_widgets.weights.running import forward_pass
from torch import nn

from ..ablation_workloads import MLP_SIZES, WORKLOADS, Workload, deep_mlp
from .rows import Row, Setting
from .timing import Side, Times, interleaved

#: Of each kind of workload: edits of a run, its batches, and the forward passes that an edit should cost at most.
RUNS = {"MLP": (64, 8, 0.4), "digits": (64, 8, None), "language model": (16, 4, 1.1), "stories15M": (16, 4, 1.1)}
#: Of the MLP whose layers are edited in turn: edits of each layer and batches.
IN_TURN = 64, 4
SAYS = {
    "ours": "ablate, per edit",
    "later": "a later batch, per edit",
    "forward": "a forward pass",
    "textbook": "copy, pass, textbook divergence",
}


def rows(setting: Setting) -> Iterator[Row]:
    """Forward passes per ablation for each workload, with thin and with dense edits, and the textbook way beside."""
    for name in ("digits, 32 inputs", "MLP, 32 inputs") if setting.quick else WORKLOADS:
        for dense in (False, True):
            task = task_of(name, dense=dense, quick=setting.quick)
            times = timed([task], setting.rounds(5))
            kind = f"{name}, {task.n_edits} {'dense' if dense else 'thin'} edits"
            target = RUNS[kind_of(name)][2]
            if dense:
                yield with_floor(in_passes(kind, times, target, side="later"), name)
                yield in_passes(f"{kind}, with drawing them", times, None)
            else:
                yield in_passes(kind, times, target)
            yield times.row(kind, "ours", "textbook", says=SAYS)
    for n_inputs in (32,) if setting.quick else (32, 256):
        tasks = [task_from(one, *IN_TURN, "a layer") for one in deep_mlp(n_inputs)]
        name = f"MLP of four layers, {n_inputs} inputs, {IN_TURN[0]} thin edits of each layer"
        yield in_passes(name, timed(tasks, setting.rounds(3)), RUNS["MLP"][2])


def with_floor(row: Row, name: str) -> Row:
    """Say beside a row of the MLP what dense edits cost at least: the share of a pass from the edited layer on."""
    if kind_of(name) != "MLP":
        return row
    first, *rest = (inputs * outputs for inputs, outputs in pairwise(MLP_SIZES))
    floor = f"{sum(rest) / (first + sum(rest)):.2f}"
    note = (
        f"An edit of every weight of the MLP's largest layer has products of its own from that layer on, {floor} of a "
        "pass by arithmetic, so that only edits with structure can cost less."
    )
    return replace(row, name=f"{row.name} (floor {floor})", note=note)


@dataclass(frozen=True, slots=True)
class Task:
    """A model, a plan of ablations, and one batch of its inputs."""

    model: Model
    plan: AblationPlan
    inputs: Any

    @property
    def module(self) -> nn.Module:
        assert self.model.module is not None
        return self.model.module

    @property
    def n_edits(self) -> int:
        return 1 + len(self.plan.controls)

    @property
    def n_batches(self) -> int:
        return self.plan.probe.n // self.plan.batch_size


def kind_of(name: str) -> str:
    """The kind of a workload: its name up to the comma."""
    return name.partition(",")[0]


def task_of(name: str, *, dense: bool, quick: bool = False, device: str = "cpu") -> Task:
    """A workload as a plan over several batches, its model on the device."""
    n_edits, n_batches, _ = RUNS[kind_of(name)]
    return task_from(WORKLOADS[name](dense=dense), 16 if quick else n_edits, n_batches, name, device)


def task_from(workload: Workload, n_edits: int, n_batches: int, label: str, device: str = "cpu") -> Task:
    """A plan of the first so many edits over so many batches, each with the workload's inputs."""
    model, probe, edits = workload
    first, *others = edits[:n_edits]
    whole = replace(probe, n=n_batches * probe.n)
    plan = AblationPlan(first, (), tuple(others), whole, probe.n, label)
    task = Task(model, plan, None)
    dtype = next(task.module.to(device).parameters()).dtype
    return replace(task, inputs=batches(probe, 0, probe.n, torch.device(device), dtype))


def timed(tasks: Sequence[Task], rounds: int) -> Times:
    """Seconds per edit and batch of the run and of the textbook way, and of a forward pass, summed over the tasks.

    All tasks have as many edits and batches.
    """
    ready = [(task, forward(task).softmax(-1), begun(task)) for task in tasks]
    n_edits, n_batches = tasks[0].n_edits, tasks[0].n_batches
    sides = {
        "ours": Side(lambda one: ablate(one[0].model, one[0].plan), 1 / (n_edits * n_batches)),
        "forward": Side(lambda one: settled(forward(one[0]))),
        "textbook": Side(lambda one: settled(textbook(*one[:2]))),
        "later": Side(lambda one: one_batch(one[0], one[2]), 1 / n_edits),
    }
    return interleaved(sides, rounds, ready)


def begun(task: Task) -> Run:
    """A run that has measured its first batch, and made its edits for it."""
    run = run_of(task.model, task.plan)
    one_batch(task, run)
    return run


def one_batch(task: Task, run: Run) -> None:
    """Measure the first inputs once more."""
    for _ in run.batch(0, task.plan.batch_size):
        pass


def in_passes(name: str, times: Times, target: float | None, clock: str = "processor", side: str = "ours") -> Row:
    """Forward passes per edit as a row."""
    row = times.row(name, "forward", side, clock, unit="forwards", target=target, at_most=True)
    return replace(row, ours=SAYS[side], peer=SAYS["forward"], ours_s=row.peer_s, peer_s=row.ours_s)


def forward(task: Task, module: nn.Module | None = None) -> torch.Tensor:
    """A plain pass of one batch."""
    with torch.inference_mode():
        return forward_pass(module or task.module, copied(task.inputs), task.model.forward)


def textbook(task: Task, p: torch.Tensor) -> torch.Tensor:
    """One ablation of one batch without our code: a copy whose first matrix loses its mean, a pass, the divergence."""
    module = copy.deepcopy(task.module)
    weight = next(one for one in module.parameters() if one.ndim == 2)
    with torch.inference_mode():
        weight.sub_(weight.mean())
        q = forward(task, module).softmax(-1)
        middle = (p + q) / 2
        return (torch.xlogy(p, p / middle) + torch.xlogy(q, q / middle)).sum(-1) / 2


def settled(output: torch.Tensor) -> None:
    """Wait until the device has done it: a GPU returns before."""
    if output.device.type in ("cuda", "mps"):
        getattr(torch, output.device.type).synchronize()
