"""What is chosen on the screen: one small value that survives a reload and can be said as code."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from difflib import get_close_matches
from typing import Any, Literal

from ..metrics import metric_names
from ..probing.choosing import PROBE_KINDS, ProbeKind
from ..probing.plans import CONTROL_KINDS, EDIT_NAMES, EditName
from ..records import Complaint, ControlKind, Engine, Stop, View
from ..spectra.views import VIEWS
from .columns import DEFAULT, PLACES, checked_columns, checked_name

Json = Any
Scale = Literal["log", "linear"]
LogAxes = Literal["none", "x", "y", "both"]


@dataclass(frozen=True, slots=True)
class BenchState:
    """Every choice of the explorer. Always replaced, never changed; ``to_json`` is what the page sees."""

    layer: str | None = None
    selected: tuple[str, ...] = ()
    sort: Mapping[str, Json] = field(default_factory=lambda: {"by": "", "descending": False})
    filter: Mapping[str, str] = field(default_factory=lambda: {"text": "", "kind": ""})
    x_scale: Scale = "log"
    y_scale: Scale = "linear"
    bins: int = 60
    seed: int = 0
    n_shuffles: int = 5
    level: float = 0.01
    engine: Engine = "calibrated"
    shuffle: int | None = None
    trap: Mapping[str, int] | None = None
    edit: EditName = "replace"
    n_probes: int = 128
    n_controls: int = 19
    probe_seed: int = 0
    controls: tuple[ControlKind, ...] = ("moved",)
    probe_kind: ProbeKind = "default"
    temperature: float = 1.0
    stop: Stop = "all"
    smallest_effect: float = 0.0
    columns: tuple[str, ...] = DEFAULT
    bands: bool = True
    chart_x: str = "depth"
    chart_y: str = "alpha"
    chart_log: LogAxes = "none"
    view: View = "raw"
    exact: tuple[str, ...] = ()
    study: str | None = None
    study_settings: Mapping[str, Mapping[str, Json]] = field(default_factory=dict)

    def changed(self, changes: Mapping[str, Json], layers: Collection[str]) -> BenchState:
        """A new state with checked changes; another layer lets go of the chosen trap.

        Raises ``Complaint`` for an unknown key or layer and for a value that cannot be.
        """
        checked = {key: _checked(key, value, layers) for key, value in changes.items()}
        moved = any(checked[key] != getattr(self, key) for key in _TRAP_DEPENDS_ON if key in checked)
        looks_away = checked.get("shuffle", self.shuffle) != self.shuffle
        if (moved or looks_away) and "trap" not in checked:
            checked |= {"trap": None}
        if moved and "shuffle" not in checked:
            checked |= {"shuffle": None}
        if checked.get("trap"):
            checked |= {"shuffle": checked["trap"]["seed"]}
        return replace(self, **checked)

    def to_json(self) -> dict[str, Json]:
        lists = {key: list(getattr(self, key)) for key in ("selected", "exact", "controls", "columns")}
        return {**asdict(self), **lists}

    def non_default(self) -> dict[str, Json]:
        """The choices that differ from a fresh screen, for a recipe."""
        return self.changes_from(BenchState())

    def changes_from(self, other: BenchState) -> dict[str, Json]:
        """The choices that differ from another state's, enough to get here from there."""
        before, own = other.to_json(), self.to_json()
        return {key: value for key, value in own.items() if value != before[key]}

    @property
    def seeds(self) -> tuple[int, ...]:
        return tuple(range(self.seed, self.seed + self.n_shuffles))


def _checked(key: str, value: Json, layers: Collection[str]) -> Json:
    check = _CHECKS.get(key)
    if check is None:
        near = get_close_matches(key, _CHECKS, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(_CHECKS)}."
        raise Complaint(f"The screen has no setting {key!r}; {hint}")
    return check(key, value, layers)


def _layer(key: str, value: Json, layers: Collection[str]) -> str | None:
    if value is not None and value not in layers:
        raise Complaint(f"There is no layer {value!r} in this model; model.layers.names lists the names.")
    return value


def _selected(key: str, value: Json, layers: Collection[str]) -> tuple[str, ...]:
    if not isinstance(value, list | tuple):
        raise Complaint(f"{key} takes a list of layer names, not {value!r}.")
    for name in value:
        if name is None:
            raise Complaint(f"{key} takes the names of layers, not None.")
        _layer(key, name, layers)
    return tuple(value)


def _whole(low: int, high: int) -> Callable[..., int]:
    def check(key: str, value: Json, layers: Collection[str]) -> int:
        is_whole = value.is_integer() if isinstance(value, float) else isinstance(value, int)
        if isinstance(value, bool) or not is_whole:
            raise Complaint(f"{key} must be a whole number, not {value!r}.")
        if not low <= value <= high:
            raise Complaint(f"{key} must lie between {low} and {high}, not {value}.")
        return int(value)

    return check


def _flag(key: str, value: Json, layers: Collection[str]) -> bool:
    if not isinstance(value, bool):
        raise Complaint(f"{key} is true or false, not {value!r}.")
    return value


def _one_of(*choices: str) -> Callable[..., str]:
    def check(key: str, value: Json, layers: Collection[str]) -> str:
        if value not in choices:
            raise Complaint(f"{key} must be one of {', '.join(choices)}, not {value!r}.")
        return value

    return check


def _several_of(*choices: str) -> Callable[..., tuple[str, ...]]:
    def check(key: str, value: Json, layers: Collection[str]) -> tuple[str, ...]:
        chosen = [value] if isinstance(value, str) else value
        if not isinstance(chosen, list | tuple) or not chosen or any(one not in choices for one in chosen):
            raise Complaint(f"{key} takes one or more of {', '.join(choices)}, not {value!r}.")
        return tuple(choice for choice in choices if choice in chosen)

    return check


def _between(low: float, high: float) -> Callable[..., float]:
    def check(key: str, value: Json, layers: Collection[str]) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
            raise Complaint(f"{key} must be a number from {low:g} to {high:g}, not {value!r}.")
        return float(value)

    return check


def _level(key: str, value: Json, layers: Collection[str]) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 0.5:
        raise Complaint(f"level must lie between 0 and 0.5, not {value!r}; 0.01 is usual.")
    return float(value)


def _shuffle(key: str, value: Json, layers: Collection[str]) -> int | None:
    return None if value is None else _whole(0, _LARGEST_SEED)(key, value, layers)


def _trap(key: str, value: Json, layers: Collection[str]) -> dict[str, int] | None:
    if value is None:
        return None
    try:
        return {name: _whole(0, _LARGEST_SEED)(name, value[name], layers) for name in ("seed", "index")}
    except (TypeError, KeyError, Complaint):
        raise Complaint(f"trap is named by its seed and index, such as dict(seed=0, index=0), not {value!r}.") from None


def _shape_of(**defaults: Json) -> Callable[..., dict[str, Json]]:
    def check(key: str, value: Json, layers: Collection[str]) -> dict[str, Json]:
        if not isinstance(value, Mapping) or set(value) - set(defaults):
            raise Complaint(f"{key} takes {', '.join(defaults)}, not {value!r}.")
        filled = {name: value.get(name, default) for name, default in defaults.items()}
        for name, default in defaults.items():
            if type(filled[name]) is not type(default):
                wanted = "true or false" if isinstance(default, bool) else "text"
                raise Complaint(f"{name} of {key} must be {wanted}, not {filled[name]!r}.")
        return filled

    return check


def _study(key: str, value: Json, layers: Collection[str]) -> str | None:
    # The studies read the state, so the state looks them up only when it is asked.
    from .studies.registry import checked_study

    return checked_study(value)


def _study_settings(key: str, value: Json, layers: Collection[str]) -> dict[str, dict[str, Json]]:
    from .studies.registry import checked_study_settings

    return checked_study_settings(value)


_LARGEST_SEED = 2**31 - 1
_TRAP_DEPENDS_ON = ("layer", "seed", "engine", "level", "view")
_CHECKS: dict[str, Callable[..., Json]] = {
    "layer": _layer,
    "selected": _selected,
    "sort": _shape_of(by="", descending=False),
    "filter": _shape_of(text="", kind=""),
    "x_scale": _one_of("log", "linear"),
    "y_scale": _one_of("linear", "log"),
    "bins": _whole(10, 200),
    "seed": _whole(0, _LARGEST_SEED),
    "n_shuffles": _whole(1, 50),
    "level": _level,
    "engine": _one_of("calibrated", "weightwatcher"),
    "shuffle": _shuffle,
    "trap": _trap,
    "edit": _one_of(*EDIT_NAMES),
    "n_probes": _whole(8, 100_000),
    "n_controls": _whole(1, 199),
    "probe_seed": _whole(0, _LARGEST_SEED),
    "controls": _several_of(*CONTROL_KINDS),
    "probe_kind": _one_of(*PROBE_KINDS),
    "temperature": _between(0.01, 100.0),
    "stop": _one_of("all", "decided"),
    "smallest_effect": _between(0.0, 10.0),
    "columns": lambda key, value, layers: checked_columns(key, value),
    "bands": _flag,
    "chart_x": lambda key, value, layers: checked_name(key, value, (*PLACES, *metric_names())),
    "chart_y": lambda key, value, layers: checked_name(key, value, metric_names()),
    "chart_log": _one_of("none", "x", "y", "both"),
    "view": _one_of(*VIEWS),
    "exact": _selected,
    "study": _study,
    "study_settings": _study_settings,
}
assert tuple(_CHECKS) == tuple(item.name for item in fields(BenchState))
