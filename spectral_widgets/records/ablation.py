"""What was asked of an ablation and what it gave; valid at any size, so half a run is a smaller result."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from .brief import brief
from .edit import Edit

Measure = Literal["divergence_nats", "relative_change"]
#: With labelled inputs ``harmful`` and ``benign``, without them ``active`` and ``inert``.
VerdictWord = Literal["harmful", "benign", "active", "inert", "undecided"]
Stop = Literal["all", "decided"]


@brief
@dataclass(frozen=True, slots=True, eq=False)
class Probe:
    """Inputs for a model: ``n`` of them, drawn in batches from ``seed``, or the user's own ``data``.

    ``kind`` is ``tokens``, ``images``, ``vectors``, ``uniform`` or ``data``; ``shape`` is the shape of one
    input (``(length,)`` for tokens); ``vocabulary_size`` is for tokens alone. ``temperature`` divides the
    logits. ``labels`` ``(n,)`` or ``(n, positions)`` are the right classes of the user's own data, −100
    where there is none. ``code`` is the Python that makes it again, where its numbers alone do not say.
    """

    kind: Literal["tokens", "images", "vectors", "uniform", "data"]
    n: int
    shape: tuple[int, ...]
    seed: int = 0
    mean: float = 0.0
    standard_deviation: float = 1.0
    vocabulary_size: int = 0
    data: object = None
    description: str = ""
    temperature: float = 1.0
    labels: np.ndarray | None = None
    code: str = ""


@brief
@dataclass(frozen=True, slots=True)
class AblationPlan:
    """Which edit, which companions shown beside it, how many matched controls, on which probe.

    ``stop`` is ``all`` (every probe is run) or ``decided`` (no further batch once the verdict is clear, by
    intervals that allow looking all the time). ``smallest_effect``: a change that exceeds the controls by
    less counts as none.
    """

    edit: Edit
    companions: tuple[tuple[str, Edit], ...]
    controls: tuple[Edit, ...]
    probe: Probe
    batch_size: int
    label: str
    stop: Stop = "all"
    smallest_effect: float = 0.0


@brief
@dataclass(frozen=True, slots=True, eq=False)
class Track:
    """One edit measured on probe after probe.

    All arrays have shape ``(n_done,)``: the measured change of each probe, its running mean with the
    running 95 % interval, and, for models without logits only, the cosine of edited to original output.
    ``extras`` are further measures of the same edit by name, for models with logits only.
    """

    label: str
    values: np.ndarray
    mean: np.ndarray
    low: np.ndarray
    high: np.ndarray
    cosine: np.ndarray | None = None
    extras: Mapping[str, Track] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Word, the sentence that says why, and the rule it follows.

    With labelled inputs the word speaks of accuracy and loss (``harmful``, ``benign``); without them only of the
    change of the outputs beside the matched controls (``active``, ``inert``), since nobody can know then whether
    a change is for the worse. ``beats_controls``: the outputs change more than by every matched control.
    """

    word: VerdictWord
    reason: str
    rule: str
    beats_controls: bool = False


@brief
@dataclass(frozen=True, slots=True, eq=False)
class AblationResult:
    """Measured change per probe of the edit, its companions and its matched controls.

    ``measure`` is ``divergence_nats`` (Jensen–Shannon divergence between output distributions, natural
    logarithm, at most ln 2) or ``relative_change`` (norm of the output change over the output's norm).
    """

    plan: AblationPlan
    measure: Measure
    edit: Track
    companions: tuple[Track, ...]
    controls: tuple[Track, ...]
    verdict: Verdict
    device: str
    precision: str
    caveat: str = ""

    @property
    def n_done(self) -> int:
        return len(self.edit.values)

    @property
    def is_complete(self) -> bool:
        decided = self.plan.stop == "decided" and self.verdict.word != "undecided"
        return self.n_done >= self.plan.probe.n or decided
