"""Learning rates by layer that adapt while a model trains."""

from __future__ import annotations

from collections.abc import Callable, Collection
from math import cos, pi
from typing import Any

import torch
from torch import nn
from torch.optim import Optimizer

from ..records import Complaint
from ..weights.model import Model
from .grouping import REST
from .mappings import Mapping
from .measuring import MIN_EIGENVALUES, Measure, as_model, measured_layers
from .rates import Embeddings, Rule, layer_ratios


def cosine(n_steps: int, *, warmup: int = 0, final: float = 0.1) -> Callable[[int], float]:
    """Factor of the learning rate at each step: a linear warm-up, then half a cosine down to ``final``.

    >>> [round(cosine(4, final=0.0)(step), 3) for step in range(5)]
    [1.0, 0.854, 0.5, 0.146, 0.0]
    """

    def factor(step: int) -> float:
        if step < warmup:
            return (step + 1) / (warmup + 1)
        done = min((step - warmup) / max(n_steps - warmup, 1), 1.0)
        return final + (1 - final) * (1 + cos(pi * done)) / 2

    return factor


class LayerwiseSchedule:
    """Sets ``lr`` of every group of an optimizer: a base schedule times a ratio by layer that follows the spectra.

    In the first ``share`` of ``n_steps``, at step 0 and every ``interval`` steps, the layers are measured and get new
    ratios (as :func:`layerwise_lr`). Each group then moves in a straight line, over ``ramp`` steps, from its rate to
    what the base schedule would give at the end of the ramp times the new ratio; after the ramp, and for the rest of
    training, the rate is base schedule times last ratio. All rates start at the base schedule's.

        optimizer = torch.optim.AdamW(prescribe.layerwise_lr(model, 1e-3).groups)
        schedule = LayerwiseSchedule(optimizer, model, base_lr=1e-3, n_steps=10_000)
        for batch in batches:
            loss(batch).backward(); optimizer.step(); optimizer.zero_grad()
            schedule.step()

    The base is :func:`cosine`, or ``factor``, a function from step to factor, or ``scheduler``, a function that makes a
    torch scheduler: ``scheduler=lambda optimizer: CosineAnnealingLR(optimizer, 10_000)``. That one is run ahead on an
    optimizer of its own. A scheduler that a framework steps on the real optimizer does no harm as long as :meth:`step`
    is called after it: the rate is set, never multiplied. Schedulers that wait for a loss cannot be known ahead.

    The groups must carry the names that :func:`layerwise_lr` gives them; groups of other names follow the base.
    Raises ``Complaint`` where none does, and for settings that make no schedule. Source: LLR (arXiv 2605.22297).
    """

    def __init__(
        self,
        optimizer: Optimizer,
        model: Model | nn.Module,
        *,
        base_lr: float,
        n_steps: int,
        factor: Callable[[int], float] | None = None,
        scheduler: Callable[[Optimizer], Any] | None = None,
        low: float = 1.0,
        high: float = 3.0,
        mapping: str | Mapping = "linear",
        measure: Measure = "hill_alpha",
        embeddings: Embeddings = "high",
        exclude: Collection[str] = (),
        min_eigenvalues: int = MIN_EIGENVALUES,
        share: float = 0.2,
        interval: int = 100,
        ramp: int = 50,
    ) -> None:
        _check(base_lr, n_steps, share, interval, ramp)
        self.optimizer, self.model = optimizer, as_model(model)
        self.n_steps, self.share, self.interval, self.ramp = n_steps, share, interval, ramp
        self.base_rates = _base_rates(factor, scheduler, base_lr, n_steps)
        self._rule = Rule(low, high, mapping, embeddings, min_eigenvalues=min_eigenvalues)
        self._measure, self._exclude = measure, tuple(exclude)
        self._names = _names_of(optimizer, self.model)
        self.n_done = 0
        self._start, self._from = -ramp, dict.fromkeys(self._names, self.base_rates[0])
        self.ratios: dict[str, float] = {}
        if share > 0:
            self._adapt()
        self._apply()

    def step(self) -> None:
        """One step of training is done: adapt if it is time, and set the rates of the next step."""
        self.n_done += 1
        if self.n_done % self.interval == 0 and self.n_done < self.share * self.n_steps:
            self._adapt()
        self._apply()

    def rate_of(self, name: str) -> float:
        """The learning rate of a group now."""
        end, ratio = self._start + self.ramp, self.ratios.get(name, 1.0)
        if self.n_done >= end or name not in self.ratios:
            return ratio * self._base(self.n_done)
        part = (self.n_done - self._start) / self.ramp
        return self._from[name] + part * (ratio * self._base(end) - self._from[name])

    def state_dict(self) -> dict[str, Any]:
        """What is needed to go on from here: plain numbers by group name."""
        return {
            "n_done": self.n_done,
            "start": self._start,
            "from": dict(self._from),
            "ratios": dict(self.ratios),
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from a state of a schedule with the same settings. Raises ``Complaint`` for other groups."""
        if set(state["from"]) != set(self._names):
            raise Complaint("The saved schedule has other parameter groups; build the optimizer as it was built then.")
        self.n_done, self._start = int(state["n_done"]), int(state["start"])
        self._from, self.ratios = dict(state["from"]), dict(state["ratios"])
        self._apply()

    def _base(self, step: int) -> float:
        return self.base_rates[min(step, self.n_steps)]

    def _adapt(self) -> None:
        """Measure now; the ramp starts at the rates of this step."""
        layers = measured_layers(
            self.model, self._measure, exclude=self._exclude, min_eigenvalues=self._rule.min_eigenvalues
        )
        rates = {name: self.rate_of(name) for name in self._names}
        self.ratios = layer_ratios(layers, self._rule)
        self._start, self._from = self.n_done, rates

    def _apply(self) -> None:
        for name, group in zip(self._names, self.optimizer.param_groups, strict=True):
            rate = self.rate_of(name)
            if isinstance(group["lr"], torch.Tensor):
                group["lr"].fill_(rate)
            else:
                group["lr"] = rate


def _base_rates(
    factor: Callable[[int], float] | None, scheduler: Callable[[Optimizer], Any] | None, base_lr: float, n_steps: int
) -> list[float]:
    """Learning rate of the base at steps ``0 … n_steps``, known ahead."""
    if factor is not None and scheduler is not None:
        raise Complaint("Give factor or scheduler, not both: there is one base schedule.")
    if scheduler is None:
        chosen = factor or cosine(n_steps)
        return [base_lr * float(chosen(step)) for step in range(n_steps + 1)]
    shadow = torch.optim.SGD([nn.Parameter(torch.zeros(1))], lr=base_lr)
    made = scheduler(shadow)
    rates = [float(shadow.param_groups[0]["lr"])]
    for _ in range(n_steps):
        shadow.step()
        try:
            made.step()
        except TypeError as error:
            raise Complaint("This scheduler waits for a loss: its rates are not known ahead; give factor=.") from error
        rates.append(float(shadow.param_groups[0]["lr"]))
    return rates


def _names_of(optimizer: Optimizer, model: Model) -> list[str]:
    names = [str(group.get("name", f"group {position}")) for position, group in enumerate(optimizer.param_groups)]
    known = {layer.ref.parameter for layer in model.layers} | {REST}
    if not known & set(names):
        raise Complaint("No parameter group has a layer's name; build the optimizer with layerwise_lr(…).groups.")
    if len(set(names)) < len(names):
        raise Complaint("Two parameter groups carry the same name; give each its own.")
    return names


def _check(base_lr: float, n_steps: int, share: float, interval: int, ramp: int) -> None:
    if not base_lr > 0:
        raise Complaint(f"base_lr={base_lr} trains nothing; give a number above 0.")
    if n_steps < 1 or interval < 1 or ramp < 0:
        raise Complaint("n_steps and interval are at least 1 and ramp at least 0.")
    if not 0 <= share <= 1:
        raise Complaint(f"share={share} is not in [0, 1]; 0.2 adapts in the first fifth of training.")
