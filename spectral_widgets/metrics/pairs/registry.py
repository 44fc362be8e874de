"""The open set of pair metrics: one card and one pure function each, like the metrics of a layer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from difflib import get_close_matches

from ...records import Card, Complaint
from ..registry import Function, Metric, _evidence_of

_PAIR_METRICS: dict[str, Metric] = {}


def pair_metric(
    *,
    symbol: str,
    meaning: str,
    source: str,
    unit: str = "",
    laws: Sequence[str] = (),
    worked: Sequence[tuple[object, float]] = (),
) -> Callable[[Function], Function]:
    """Register a pure function of two matrices under its own name; see :func:`metrics.metric`.

    Evidence: ``MatrixPair``, ``DifferenceSpectrum``, ``TopSubspaces``, ``CentredKernels``. Raises ``Complaint`` when
    the name is taken or a parameter has no type.
    """

    def register(function: Function) -> Function:
        name = function.__name__
        if name in _PAIR_METRICS and _PAIR_METRICS[name].function.__module__ != function.__module__:
            raise Complaint(f"There is a pair metric named {name!r} already; give the new one another name.")
        evidence = _evidence_of(function)
        card = Card(name, symbol, unit, meaning, source, evidence[0].__name__, tuple(laws), tuple(worked))
        _PAIR_METRICS[name] = Metric(card, function, evidence)
        return function

    return register


def pair_metric_names() -> tuple[str, ...]:
    """Names of all pair metrics, in the order of registration."""
    return tuple(_PAIR_METRICS)


def pair_metrics_named(names: Sequence[str] | None = None) -> tuple[Metric, ...]:
    """The pair metrics of these names, in this order; all for ``None``. Raises ``Complaint`` on a wrong name."""
    if isinstance(names, str):
        names = (names,)
    return tuple(_named(name) for name in (_PAIR_METRICS if names is None else names))


def _named(name: str) -> Metric:
    if name not in _PAIR_METRICS:
        near = get_close_matches(name, _PAIR_METRICS, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"choose from {', '.join(_PAIR_METRICS)}."
        raise Complaint(f"There is no pair metric named {name!r}; {hint}")
    return _PAIR_METRICS[name]
