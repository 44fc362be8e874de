"""The columns that the table of layers can have, and the sets of them that go together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from ..metrics import metric_names, metrics_named
from ..metrics.registry import ON_REQUEST
from ..records import Complaint

#: What is known of a layer before anything is measured, and the picture of its spectrum.
OWN = ("sketch", "kind", "depth", "shape", "aspect")
ESSENTIALS = ("alpha", "stable_rank", "spikes", "traps")
DEFAULT = (*OWN, *ESSENTIALS)
#: What a chart can have on its horizontal axis beside the metrics.
PLACES = ("depth", "position")


@dataclass(frozen=True, slots=True)
class Preset:
    """A set of columns with a name."""

    name: str
    title: str
    help: str
    metrics: tuple[str, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        return (*(OWN if self.metrics == ESSENTIALS else ("sketch", "kind", "depth")), *self.metrics)


_TAILS = (
    "alpha",
    "alpha_error",
    "tail_distance",
    "tail_size",
    "alpha_weighted",
    "hill_alpha",
    "hill_excess",
    "erg_gap",
)
_RANKS = ("stable_rank", "effective_rank", "numerical_rank", "mp_soft_rank", "spectral_entropy", "condition_ratio")
_ENTRIES = ("weibull_shape", "weibull_scale", "weibull_r_squared", "student_t_freedom", "laplace_aic", "lognormal_aic")
_NOISE = ("spikes", "bulk_fraction", "null_distance", "null_wasserstein", "level_spacing_ratio", "traps", "shuffled_ks")


def presets() -> tuple[Preset, ...]:
    """The presets, in the order of their buttons; the last one follows the registry."""
    return (
        Preset("essentials", "Essentials", "The columns that the table starts with.", ESSENTIALS),
        Preset("tails", "Tails", "The power-law tail, its fit, and other exponents beside it.", _TAILS),
        Preset("ranks", "Ranks", "How many directions a matrix uses.", _RANKS),
        Preset("entries", "Entries", "How the sizes of the single weights are spread.", _ENTRIES),
        Preset("noise", "Noise", "The spectrum against noise and against its own shuffles.", _NOISE),
        Preset("all", "All cheap", "Every metric that is measured without being asked for.", cheap()),
    )


def cheap() -> tuple[str, ...]:
    """The metrics that are measured when a matrix is read, and from its shuffles."""
    return tuple(one.card.name for one in metrics_named())


def at_reading() -> tuple[str, ...]:
    """Those of them that need no shuffles."""
    return tuple(one.card.name for one in metrics_named() if one.card.cost != "shuffles")


def from_shuffles() -> tuple[str, ...]:
    """Those of them that do."""
    return tuple(one.card.name for one in metrics_named() if one.card.cost == "shuffles")


def measured_on_request(names: Iterable[str]) -> tuple[str, ...]:
    """Of these columns, the metrics that are measured only when somebody looks at them."""
    known = {name for name in names if name in metric_names()}
    return tuple(one.card.name for one in metrics_named(tuple(known)) if one.card.cost in ON_REQUEST)


def checked_columns(key: str, value: object) -> tuple[str, ...]:
    """Columns in the order given, each once. Raises ``Complaint`` for what is no list of columns."""
    if not isinstance(value, list | tuple):
        raise Complaint(f"{key} takes a list of columns, not {value!r}.")
    for name in value:
        checked_name(key, name, (*OWN, *metric_names()))
    return tuple(dict.fromkeys(value))


def checked_name(key: str, value: object, names: Sequence[str]) -> str:
    """One of these names. Raises ``Complaint``, with the nearest one, for another."""
    if isinstance(value, str) and value in names:
        return value
    near = get_close_matches(str(value), names, n=1)
    hint = f"did you mean {near[0]!r}?" if near else "sw.metrics.reference() lists the metrics."
    raise Complaint(f"{key} has no metric {value!r}; {hint}")
