"""Two reports beside each other: whether they are about the same weights, and what differs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import isnan
from typing import TYPE_CHECKING, Any

from ..records import AblationReport, Complaint, LayerReport, Report
from .document import ReportDocument
from .plain import cell, one_line

if TYPE_CHECKING:
    import pandas as pd

#: Values that differ by more than this share of the larger one count as different.
RELATIVE = 1e-4
#: Kinds of differences, most telling first.
WHATS = ("model", "settings", "layers", "values", "traps", "verdicts", "findings", "versions")


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not the same: of which kind, where, and what each report has there."""

    what: str
    where: str
    first: Any
    second: Any


@dataclass(frozen=True, slots=True)
class ReportComparison:
    """What differs between two reports. ``same_weights`` is ``None`` where one of them names no fingerprint.

    ``n_values`` measured values were compared, ``relative`` is how much of a value may differ; two standard errors
    are allowed on top where values are estimates.
    """

    same_weights: bool | None
    differences: tuple[Difference, ...]
    n_layers: int
    n_values: int
    relative: float

    def __bool__(self) -> bool:
        """Whether anything differs but versions of programs."""
        return any(one.what != "versions" for one in self.differences)

    @property
    def sentence(self) -> str:
        """Whether the weights are the same, how much was compared, and how many differences of each kind there are."""
        same = {True: "The weights are the same", False: "The weights differ", None: "The weights cannot be compared"}
        counts = {what: sum(one.what == what for one in self.differences) for what in WHATS}
        told = [f"{count} in {what}" for what, count in counts.items() if count]
        end = f"differences: {', '.join(told)}" if told else "nothing differs"
        return f"{same[self.same_weights]}; of {self.n_layers} common layers and {self.n_values} values: {end}."

    @property
    def frame(self) -> pd.DataFrame:
        """One row a difference: what, where, first, second."""
        import pandas as pd

        rows = [(one.what, one.where, one.first, one.second) for one in self.differences]
        return pd.DataFrame(rows, columns=["what", "where", "first", "second"])

    def __repr__(self) -> str:
        lines = [f"  {one.what}: {one_line(one.where)}: {cell(one.first)} | {cell(one.second)}"
                 for one in self.differences[:40]]  # fmt: skip
        return "\n".join([self.sentence, *lines, *(["  …"] if len(self.differences) > 40 else [])])


def compare_reports(
    first: ReportDocument | Report, second: ReportDocument | Report, *, relative: float = RELATIVE
) -> ReportComparison:
    """Whether two reports are about the same weights, and what differs.

    Values count as different beyond ``relative`` of the larger one, plus two standard errors of each where they are
    estimates. Trap positions follow the same rule.
    """
    one, two = _report_in(first), _report_in(second)
    if not 0 <= relative < 1:
        raise Complaint(f"relative must lie between 0 and 1, not {relative!r}.")
    pairs = [(layer, there) for layer in one.layers if (there := two.layer(layer.ref.name)) is not None]
    n_values = sum(
        there.measurement(m.metric) is not None for layer, there in pairs for m in layer.measurements
    )  # fmt: skip
    found = [*_of_models(one, two), *_of_settings(one, two), *_of_layers(one, two)]
    for layer, there in pairs:
        found += [*_of_values(layer, there, relative), *_of_traps(layer, there, relative)]
    found += [*_of_verdicts(one, two), *_of_findings(one, two), *_of_versions(one, two)]
    ordered = sorted(found, key=lambda difference: WHATS.index(difference.what))
    return ReportComparison(_same_weights(one, two), tuple(ordered), len(pairs), n_values, relative)


def _report_in(given: Any) -> Report:
    if isinstance(given, ReportDocument):
        return given.report
    if isinstance(given, Report):
        return given
    raise Complaint(f"Reports are compared, not {type(given).__name__}: open a file with load_report first.")


def fingerprints_of(report: Report) -> set[str]:
    """The weights that a report is about: of its model, else those that its findings name."""
    if report.model is not None:
        return {report.model.fingerprint}
    return {finding.provenance.fingerprint for finding in report.findings}


def _same_weights(one: Report, two: Report) -> bool | None:
    here, there = fingerprints_of(one), fingerprints_of(two)
    return here == there if here and there else None


def _differing(what: str, rows: Iterable[tuple[str, Any, Any]]) -> Iterator[Difference]:
    yield from (Difference(what, where, here, there) for where, here, there in rows if here != there)


def _of_models(one: Report, two: Report) -> Iterator[Difference]:
    names = ("name", "fingerprint", "n_layers", "n_parameters", "device", "precision")
    if one.model is not None and two.model is not None:
        rows = [(name, getattr(one.model, name), getattr(two.model, name)) for name in names]
        yield from _differing("model", rows)
        return
    here, there = (", ".join(sorted(fingerprints_of(report))) for report in (one, two))
    yield from _differing("model", [("fingerprint", here, there)])


def _of_settings(one: Report, two: Report) -> Iterator[Difference]:
    if one.settings is None or two.settings is None:
        yield from _differing(
            "settings", [("layers were shuffled", one.settings is not None, two.settings is not None)]
        )
        return
    names = ("seeds", "level", "engine", "view")
    yield from _differing("settings", [(name, _set(one, name), _set(two, name)) for name in names])


def _set(report: Report, name: str) -> Any:
    value = getattr(report.settings, name)
    return list(value) if isinstance(value, tuple) else value


def _of_layers(one: Report, two: Report) -> Iterator[Difference]:
    names = dict.fromkeys([layer.ref.name for layer in (*one.layers, *two.layers)])
    for name in names:
        here, there = one.layer(name), two.layer(name)
        if here is None or there is None:
            yield Difference("layers", name, here is not None, there is not None)
            continue
        rows = [
            (f"{name}, shape", here.ref.shape, there.ref.shape),
            (f"{name}, dtype", here.ref.dtype, there.ref.dtype),
        ]
        rows += [(f"{name}, content", here.digest, there.digest)] if here.digest and there.digest else []
        yield from _differing("layers", rows)


def _of_values(here: LayerReport, there: LayerReport, relative: float) -> Iterator[Difference]:
    known = {one.metric: one for one in there.measurements}
    mine = {one.metric for one in here.measurements}
    for one in here.measurements:
        other, where = known.get(one.metric), f"{here.ref.name}, {one.metric}"
        if other is None:
            yield Difference("values", where, one.value, None)
            continue
        errors = sum(2 * error for error in (one.standard_error, other.standard_error) if error >= 0)
        if not _close(one.value, other.value, relative, errors):
            yield Difference("values", where, one.value, other.value)
    for metric in known.keys() - mine:
        yield Difference("values", f"{here.ref.name}, {metric}", None, known[metric].value)


def _close(here: float, there: float, relative: float, errors: float = 0.0) -> bool:
    if isnan(here) or isnan(there):
        return isnan(here) and isnan(there)
    return here == there or abs(here - there) <= relative * max(abs(here), abs(there)) + errors


def _of_traps(here: LayerReport, there: LayerReport, relative: float) -> Iterator[Difference]:
    if here.scan is None or there.scan is None:
        yield from _differing("traps", [(f"{here.ref.name}, shuffled", here.scan is not None, there.scan is not None)])
        return
    for seed in [seed for seed in here.scan.seeds if seed in there.scan.seeds]:
        where = f"{here.ref.name}, shuffle {seed}"
        mine, other = here.scan.of_seed(seed), there.scan.of_seed(seed)
        yield from _differing("traps", [(f"{where}, count", len(mine), len(other))])
        for one, two in zip(mine, other, strict=False):
            if not _close(one.eigenvalue, two.eigenvalue, relative):
                yield Difference("traps", f"{where}, trap {one.index + 1}", one.eigenvalue, two.eigenvalue)
            yield from _differing("traps", [(f"{where}, cause of trap {one.index + 1}", one.cause, two.cause)])


def _of_verdicts(one: Report, two: Report) -> Iterator[Difference]:
    here, there = ({_key(a): a.verdict.word for a in report.ablations} for report in (one, two))
    for key in dict.fromkeys([*here, *there]):
        yield from _differing("verdicts", [(key, here.get(key), there.get(key))])


def _key(one: AblationReport) -> str:
    return f"{one.layer}, shuffle {one.seed}, trap {one.index + 1}, {one.label}"


def _of_findings(one: Report, two: Report) -> Iterator[Difference]:
    here, there = ({(f.layer, f.claim): f.strength for f in report.findings} for report in (one, two))
    for layer, claim in dict.fromkeys([*here, *there]):
        strengths = here.get((layer, claim)), there.get((layer, claim))
        yield from _differing("findings", [(f"{layer}: {claim}", *strengths)])


def _of_versions(one: Report, two: Report) -> Iterator[Difference]:
    names = dict.fromkeys([*one.versions, *two.versions])
    yield from _differing("versions", [(name, one.versions.get(name), two.versions.get(name)) for name in names])
