"""The columns of the table in words: heads with help, the list to choose from, the presets, the legend of bands."""

from __future__ import annotations

from collections.abc import Sequence

from ...metrics import Metric, metrics_named
from ...metrics.groups import group_of
from ...metrics.registry import ON_REQUEST
from ..columns import OWN, PLACES, presets
from . import Json, bands

_TITLES = {"stable_rank": "stable rank"}
_OWN: dict[str, tuple[str, str, str]] = {
    "name": ("layer", "", "Name of the weight in the model."),
    "sketch": ("ESD", "ln λ", "Histogram of the eigenvalues, log axis."),
    "kind": ("kind", "", "What the layer does, read from its name and type."),
    "depth": ("depth", "block", "Index of the block that the layer belongs to."),
    "shape": ("shape", "", "Shape of the tensor."),
    "aspect": ("aspect", "M / N", "Short side over long side of the matrix."),
    "position": ("place in the model", "", "Number of the layer in the order of the model, from 0."),
}
_COSTS = {
    "vectors": "Measured when it is shown: singular vectors take about twice the time of the eigenvalues.",
    "sampling": "Measured when it is shown: it takes the eigenvalues of some hundred submatrices.",
    "bootstrap": "Measured when it is shown: it refits some hundred random samples.",
}


def heads(columns: Sequence[str]) -> list[Json]:
    """The head of the table: the layer's name, then what was chosen."""
    return [_own("name"), *(_own(name) if name in OWN else _metric(*metrics_named((name,))) for name in columns)]


def choices() -> list[Json]:
    """Every column that can be chosen, in groups; a metric says what its group's numbers are worth."""
    groups: dict[str, list[Json]] = {"The layer": [_own(name) for name in OWN]}
    for one in metrics_named("all"):
        groups.setdefault(group_of(one).title, []).append(_metric(one))
    return [{"title": title, "columns": members} for title, members in groups.items()]


def axes() -> list[Json]:
    """What a chart can show: places first, which only the horizontal axis takes, then the metrics."""
    groups: dict[str, list[Json]] = {"Place": [{"value": name, "label": axis_title(name)} for name in PLACES]}
    for one in metrics_named("all"):
        said = {"value": one.card.name, "label": axis_title(one.card.name)}
        groups.setdefault(group_of(one).title, []).append(said)
    return [{"title": title, "options": options} for title, options in groups.items()]


def preset_buttons() -> list[Json]:
    """The presets as buttons: label, help, and the columns that they choose."""
    return [
        {"value": one.name, "label": one.title, "help": one.help, "columns": list(one.columns)} for one in presets()
    ]


def legends(columns: Sequence[str]) -> list[Json]:
    """One legend for every column that has bands."""
    return [bands.legend(name, title_of(name)) for name in columns if name in bands.SCALES]


def title_of(name: str) -> str:
    """What stands over a column or beside an axis.

    >>> title_of("alpha"), title_of("stable_rank"), title_of("depth")
    ('α', 'stable rank', 'depth')
    """
    return _OWN[name][0] if name in _OWN else _TITLES.get(name, metrics_named((name,))[0].card.symbol)


def axis_title(name: str) -> str:
    """A title in full, with its unit.

    >>> axis_title("effective_rank"), axis_title("weibull_scale")
    ('r_eff (effective rank)', 'λ_W (weibull scale), weight')
    """
    title, words = title_of(name), name.replace("_", " ")
    unit = _OWN[name][1] if name in _OWN else metrics_named((name,))[0].card.unit
    whole = title if words in (title, "alpha") or name in _OWN else f"{title} ({words})"
    return f"{whole}, {unit}" if unit else whole


def _own(name: str) -> Json:
    title, unit, words = _OWN[name]
    return {"key": name, "title": title, "label": title, "unit": unit, "help": words, "on_request": False}


def _metric(metric: Metric) -> Json:
    card, fails = metric.card, group_of(metric).fails
    lines = [
        f"{card.name.replace('_', ' ')} ({card.symbol}). {card.meaning}",
        f"Unit: {card.unit or '1, a pure number'}. Source: {card.source}.",
        f"Where it fails: {fails}" if fails else "",
        _COSTS.get(card.cost, ""),
    ]
    return {
        "key": card.name,
        "title": title_of(card.name),
        "label": card.name.replace("_", " "),
        "unit": card.unit,
        "help": "\n".join(filter(None, lines)),
        "on_request": card.cost in ON_REQUEST,
    }
