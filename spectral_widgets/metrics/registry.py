"""The open set of metrics: one card and one pure function each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TypeVar, get_args, get_type_hints

from ..records import Card, Complaint, Cost

Function = TypeVar("Function", bound=Callable[..., float])

#: Costs that are paid on request only: ``None`` leaves these metrics out, ``"all"`` and their names bring them in.
ON_REQUEST: tuple[Cost, ...] = ("vectors", "sampling", "bootstrap")


@dataclass(frozen=True, slots=True)
class Metric:
    """A card, the function behind it, and the records that the function takes, in order."""

    card: Card
    function: Callable[..., float]
    evidence: tuple[type, ...]


_METRICS: dict[str, Metric] = {}


def metric(
    *,
    symbol: str,
    meaning: str,
    source: str,
    unit: str = "",
    cost: Cost = "spectrum",
    laws: Sequence[str] = (),
    worked: Sequence[tuple[object, float]] = (),
) -> Callable[[Function], Function]:
    """Register a pure function as a metric under its own name; the function itself is left as it is.

    The types of its parameters say which evidence it needs (``WeightMatrix``, ``Spectrum``, ``NullFit``,
    ``TailFit``, ``TrapScan``). ``laws`` are words that the test suite checks. A worked value is a pair of
    the function's argument (a tuple of them for several) and the value by hand. ``unit`` is empty for
    pure numbers. ``cost`` is the dearest thing that the metric needs, see :data:`records.Cost`; vectors and
    what samples submatrices or bootstraps are measured on request only. Raises ``Complaint`` when the name is taken, a
    parameter has no type, or the cost is unknown.
    """
    if cost not in get_args(Cost):
        raise Complaint(f"There is no cost {cost!r}; choose from {', '.join(map(repr, get_args(Cost)))}.")

    def register(function: Function) -> Function:
        name = function.__name__
        if name == "all":
            raise Complaint("The name 'all' stands for every metric; give this one another name.")
        if name in _METRICS and _METRICS[name].function.__module__ != function.__module__:
            raise Complaint(f"There is a metric named {name!r} already; give the new one another name.")
        evidence = _evidence_of(function)
        card = Card(name, symbol, unit, meaning, source, evidence[0].__name__, tuple(laws), tuple(worked), cost)
        _METRICS[name] = Metric(card, function, evidence)
        return function

    return register


def metric_names() -> tuple[str, ...]:
    """Names of all registered metrics, in the order of registration."""
    return tuple(_METRICS)


def metrics_named(names: Sequence[str] | None = None) -> tuple[Metric, ...]:
    """The metrics of these names, in this order.

    ``None`` is every metric but those :data:`ON_REQUEST`, ``"all"`` really all, both in the order of
    registration. Raises ``Complaint`` on a wrong name.
    """
    if names is None:
        return tuple(one for one in _METRICS.values() if one.card.cost not in ON_REQUEST)
    if isinstance(names, str):
        names = metric_names() if names == "all" else (names,)
    if not isinstance(names, Iterable):
        raise Complaint(f"metrics={names!r} are no names: give a list, such as ['alpha', 'stable_rank'].")
    return tuple(_named(name) for name in names)


def _named(name: str) -> Metric:
    if name not in _METRICS:
        near = get_close_matches(name, _METRICS, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"choose from {', '.join(_METRICS)}."
        raise Complaint(f"There is no metric named {name!r}; {hint}")
    return _METRICS[name]


def _evidence_of(function: Callable[..., float]) -> tuple[type, ...]:
    hints = {name: kind for name, kind in get_type_hints(function).items() if name != "return"}
    if not hints or len(hints) != function.__code__.co_argcount:
        raise Complaint(f"Metric {function.__name__!r}: give every parameter the type of evidence it needs.")
    return tuple(hints.values())
