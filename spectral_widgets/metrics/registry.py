"""The open set of metrics: one card and one pure function each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TypeVar, get_type_hints

from ..records import Card, Complaint

Function = TypeVar("Function", bound=Callable[..., float])


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
    laws: Sequence[str] = (),
    worked: Sequence[tuple[object, float]] = (),
) -> Callable[[Function], Function]:
    """Register a pure function as a metric under its own name; the function itself is left as it is.

    The types of its parameters say which evidence it needs (``WeightMatrix``, ``Spectrum``, ``NullFit``,
    ``TailFit``, ``TrapScan``). ``laws`` are words that the test suite checks. A worked value is a pair of
    the function's argument (a tuple of them for several) and the value by hand. ``unit`` is empty for
    pure numbers. Raises ``Complaint`` when the name is taken or a parameter has no type.
    """

    def register(function: Function) -> Function:
        name = function.__name__
        if name in _METRICS and _METRICS[name].function.__module__ != function.__module__:
            raise Complaint(f"There is a metric named {name!r} already; give the new one another name.")
        evidence = _evidence_of(function)
        card = Card(name, symbol, unit, meaning, source, evidence[0].__name__, tuple(laws), tuple(worked))
        _METRICS[name] = Metric(card, function, evidence)
        return function

    return register


def metric_names() -> tuple[str, ...]:
    """Names of all registered metrics, in the order of registration."""
    return tuple(_METRICS)


def metrics_named(names: Sequence[str] | None = None) -> tuple[Metric, ...]:
    """The metrics of these names, in this order; all for ``None``. Raises ``Complaint`` on a wrong name."""
    if isinstance(names, str):
        names = (names,)
    return tuple(_named(name) for name in (_METRICS if names is None else names))


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
