"""A record in words: a table for the terminal and one for the repository, from the same cells."""

from __future__ import annotations

from collections.abc import Iterator

from .baseline import change
from .rows import Part, Record, Row, key_of

HEAD = ("", "ours", "beside", "result [quartiles]", "target", "")
#: A run of the benchmarks itself leaves a load of up to two behind.
BUSY = 2.5
COMPARED = ("baseline", "change")
_RULES = """A ratio says how many times longer the other side took, in runs that took turns within one process: the
median over the rounds with its quartiles. It is processor time on the given threads unless the row says “wall”.
`OPENBLAS_CORETYPE` and `OPENBLAS_L2_SIZE` are unset, so numpy runs the kernels made for the processor, and the store
is off, so nothing is known from before."""


def as_text(record: Record, before: Record | None) -> str:
    """The record for a terminal, next to the one kept."""
    known = before.rows() if before else {}
    lines = [f"{key}: {value}" for key, value in record.machine.items()]
    for part in record.parts:
        compared = (cells_of(row) + _compared(row, known.get(key_of(part, row))) for row in part.rows)
        cells = [HEAD + COMPARED, *compared]
        lines += ["", part.title, *_aligned(cells), *notes_of(part)]
    return "\n".join(lines)


def as_markdown(record: Record, title: str = "Speed") -> str:
    """The record for the repository, ending in a line break."""
    facts = [f"- {key}: {value}" for key, value in record.machine.items()]
    lines = [f"# {title}", "", f"Measured by `make bench` on {record.date}.", "", *facts, "", _RULES]
    for part in record.parts:
        lines += ["", f"## {part.title[0].upper()}{part.title[1:]}", "", _piped(HEAD), _piped(("---",) * len(HEAD))]
        lines += [_piped(cells_of(row)) for row in part.rows]
        dated = [f"Measured on {part.date}."] if part.date != record.date else []
        lines += [line for note in [*dated, *notes_of(part)] for line in ("", note)]
    return "\n".join(lines) + "\n"


def cells_of(row: Row) -> tuple[str, ...]:
    """Name, both sides with their seconds, result with spread, target, and whether it is met."""
    sides = [" ".join(filter(None, (text, seconds(s)))) for text, s in ((row.ours, row.ours_s), (row.peer, row.peer_s))]
    low, high = row.quartiles
    spread = f" [{number(low, row)} … {number(high, row)}]" if len(row.values) > 1 else ""
    result = f"{number(row.value, row)}{unit(row)}{spread}"
    target = "" if row.target is None else f"{'≤' if row.at_most else '≥'} {number(row.target, row)}{unit(row)}"
    verdict = {None: "", True: "met", False: "missed"}[row.met]
    name = f"{row.name} (wall)" if row.clock == "wall" else row.name
    return name, *sides, result, target, verdict


def notes_of(part: Part) -> list[str]:
    """What the rows add in words, each sentence once, whether others worked beside, and why the part ended early."""
    notes = dict.fromkeys(row.note for row in part.rows if row.note)
    if part.load >= BUSY:
        notes[f"The machine was busy with other work: a load of {part.load:.1f} before."] = None
    return [*notes, *([part.failure] if part.failure else [])]


def number(value: float, row: Row) -> str:
    """Three digits; a time in the unit that suits it."""
    if row.kind == "time":
        return seconds(value)
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def unit(row: Row) -> str:
    """What stands behind a number."""
    return "" if row.kind != "ratio" else row.unit if row.unit == "×" else f" {row.unit}"


def seconds(value: float | None) -> str:
    """A duration in words."""
    if value is None:
        return ""
    return f"{value:.3g} s" if value >= 1 else f"{1000 * value:.3g} ms"


def _compared(row: Row, before: Row | None) -> tuple[str, str]:
    if before is None or row.kind == "difference":
        return "–", ""
    return f"{number(before.value, row)}{unit(row)}", f"{100 * change(row, before):+.0f} %"


def _aligned(cells: list[tuple[str, ...]]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for one in cells:
        yield "  " + "  ".join(f"{cell:{width}}" for cell, width in zip(one, widths, strict=True)).rstrip()


def _piped(cells: tuple[str, ...]) -> str:
    return f"| {' | '.join(cells)} |"
