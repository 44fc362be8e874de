"""What the questions about training share: every layer measured once, then a prescription that follows the sliders."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ... import charts
from ...metrics import metrics_named
from ...records import Complaint, MeasuredLayer, PrescribedLayer, Prescription
from ...training.measuring import MIN_EIGENVALUES, measured_layers_steps
from .. import text
from ..views import Json, fact
from .settings import Setting, choice, whole
from .study import Answer, Asked, column, table

Measured = tuple[MeasuredLayer, ...]
Prescribe = Callable[[Asked, Measured], Any]

MEASURE = choice(
    "measure",
    "Measure",
    {
        "hill_alpha": "Hill α",
        "farms_alpha": "FARMS α",
        "alpha": "α of the tail",
        "stable_rank": "Stable rank",
        "spectral_entropy": "Entropy",
    },
    "hill_alpha",
    "What tells layers apart. Hill α is that of the published methods and grows with the aspect ratio; FARMS α "
    "does not.",
)
SMALLEST = whole(
    "min_eigenvalues", "Least eigenvalues", MIN_EIGENVALUES, 2, 10_000, "Layers with fewer are not measured."
)
NO_MODULE = (
    "Parameter groups need the live network: open the nn.Module that is trained, or give it with with_module(…)."
)


def steps(asked: Asked) -> Iterator[Measured]:
    """One parameter more at each step; the sliders need no other run."""
    chosen = asked.settings
    yield from measured_layers_steps(asked.model, chosen["measure"], min_eigenvalues=chosen["min_eigenvalues"])


def n_steps(asked: Asked) -> int:
    """One step a parameter."""
    return len({layer.ref.parameter for layer in asked.model.layers})


def needs_module(asked: Asked) -> str:
    """Why parameter groups cannot be made; empty when they can."""
    return NO_MODULE if asked.model.module is None else ""


def answer_with(
    asked: Asked, measured: Measured, prescribe: Prescribe, title: str, shown: Callable[[PrescribedLayer], str],
    code: str, more: tuple[Json, ...] = (),
) -> Answer:  # fmt: skip
    """Bars, table and sentence of a prescription; a setting that cannot be met is said in a sentence."""
    try:
        found: Prescription = prescribe(asked, measured)
    except Complaint as complaint:
        return Answer(sentence=str(complaint), code=code)
    return Answer(
        sentence=found.sentence + waiting(asked, measured),
        facts=[*facts(found, shown), *more],
        charts=[(charts.prescription(found, title=title), charts.prescription_text(found))] if found.rows else [],
        tables=[table(f"{title[0].upper()}{title[1:]} by layer", columns(found, title), rows(asked, found, shown))],
        caveat=found.caveat,
        code=code,
        evidence={"metric": found.metric, "prescription": {row.layer: row.prescription for row in found.rows}},
    )


def waiting(asked: Asked, measured: Measured) -> str:
    """How many layers are still to come, in words."""
    left = n_steps(asked) - len(measured)
    return f" {text.plural(left, 'layer')} still to measure." if left else ""


def facts(found: Prescription, shown: Callable[[PrescribedLayer], str]) -> list[Json]:
    """The layers that get least and most."""
    own = [row for row in found.rows if row.role == "measured"]
    if not own:
        return []
    least, most = min(own, key=_amount), max(own, key=_amount)
    return [
        fact("least", f"{shown(least)} in {least.layer}", least.reason),
        fact("most", f"{shown(most)} in {most.layer}", most.reason),
    ]


def _amount(row: PrescribedLayer) -> float:
    return row.prescription


def columns(found: Prescription, title: str) -> list[Json]:
    """Layer, measure, prescription, reason."""
    [metric] = metrics_named([found.metric])
    return [
        column("name", "Layer", help="Choose a row to look at the layer."),
        column("value", metric.card.symbol, numeric=True, help=metric.card.meaning),
        column("prescription", f"{title[0].upper()}{title[1:]}", numeric=True),
        column("ratio", "× base", numeric=True, help="The prescription over the base."),
        column("reason", "Why"),
    ]


def rows(asked: Asked, found: Prescription, shown: Callable[[PrescribedLayer], str]) -> list[Json]:
    """One row a layer, linked to it."""
    return [_row(row, shown(row)) | link(asked, row.layer) for row in found.rows]


def link(asked: Asked, name: str) -> Json:
    """What makes a row lead to its layer, where the parameter is one layer and no more."""
    return {"changes": {"layer": name, "selected": [name]}} if name in asked.model.layers.names else {}


def _row(row: PrescribedLayer, amount: str) -> Json:
    return {
        "name": row.layer,
        "value": text.number(row.value),
        "prescription": amount,
        "ratio": text.number(row.ratio),
        "reason": row.reason,
    }


def call(name: str, positional: str, settings: Mapping[str, Any]) -> str:
    """The call of a function of ``sw.prescribe``, one argument a line where it is long."""
    given = [positional, *(f"{key}={value!r}" for key, value in settings.items())]
    short = f"sw.prescribe.{name}(model, {', '.join(given)})"
    return short if len(short) <= 100 else f"sw.prescribe.{name}(\n    model, " + ",\n    ".join(given) + ",\n)"


def chosen(asked: Asked, *settings: Setting) -> dict[str, Any]:
    """The values of these settings."""
    return {one.key: asked.settings[one.key] for one in settings}
