"""Does it average out? How much the largest eigenvalue fluctuates over shuffles, at growing sizes, against the edge."""

from __future__ import annotations

from collections.abc import Iterator
from math import isfinite, nan, sqrt

from ... import charts
from ...records import SelfAveraging
from ...spectra.averaging import self_averaging_steps
from .. import text
from ..views import Json, fact
from .settings import whole
from .shared import in_view, matrix_of_view, view_lines
from .study import Answer, Asked, Study, column, table

#: The edge of noise fluctuates as its Tracy–Widom width: much more than that is called no averaging.
_MUCH = 10.0
_COLUMNS = (
    column("shape", "Block"),
    column("largest", "Largest eigenvalue", numeric=True, help="Variance over shuffles, over the squared mean."),
    column("edge", "Edge of noise", numeric=True, help="The same of the largest eigenvalue that is no trap."),
    column("ratio", "Ratio", numeric=True),
)


def _sizes(asked: Asked) -> tuple[float, ...]:
    n = asked.settings["sizes"]
    return tuple((k + 1) / n for k in range(n))


def _seeds(asked: Asked) -> range:
    return range(asked.state.seed, asked.state.seed + asked.settings["shuffles"])


def steps(asked: Asked) -> Iterator[SelfAveraging]:
    """One growing result per shuffle, from the second on."""
    yield from self_averaging_steps(matrix_of_view(asked), _seeds(asked), _sizes(asked))


def answer(asked: Asked, last: SelfAveraging) -> Answer:
    """The variances by size, and whether the largest eigenvalue settles as the edge does."""
    drawn = any(variance > 0 for variance in last.largest_variances)
    return Answer(
        sentence=_sentence(asked, last),
        facts=[fact(f"spread at {_shape(shape)}", f"± {100 * sqrt(variance):.2g} %",
                    "Standard deviation of the largest eigenvalue over its mean.")
               for shape, variance in zip(last.shapes, last.largest_variances, strict=True)],
        charts=[(charts.self_averaging(last), charts.self_averaging_text(last))] if drawn else [],
        tables=[table(f"Relative variance over {len(last.seeds)} shuffles", _COLUMNS, _rows(last))],
        caveat=last.caveat,
        code=_code(asked),
        evidence={
            "shapes": [list(shape) for shape in last.shapes],
            "largest": list(last.largest_variances),
            "edge": list(last.edge_variances),
        },
    )  # fmt: skip


def _rows(last: SelfAveraging) -> list[Json]:
    parts = zip(last.shapes, last.largest_variances, last.edge_variances, strict=True)
    return [
        {"shape": _shape(shape), "largest": text.number(largest), "edge": text.number(edge),
         "ratio": text.number(_ratio(largest, edge))}
        for shape, largest, edge in parts
    ]  # fmt: skip


def _ratio(largest: float, edge: float) -> float:
    return largest / edge if edge > 0 else nan


def _shape(shape: tuple[int, int]) -> str:
    return f"{shape[0]}×{shape[1]}"


def _sentence(asked: Asked, last: SelfAveraging) -> str:
    if not last.shapes:
        return f"{in_view(asked)} is too small: no block of it has an edge of noise to compare with."
    # A giant entry is in the whole matrix after every shuffle, so only a block can miss it.
    at = len(last.shapes) - 2 if len(last.shapes) > 1 else 0
    ratio = _ratio(last.largest_variances[at], last.edge_variances[at])
    where = f"in blocks of {_shape(last.shapes[at])}"
    if not isfinite(ratio):
        return f"The edge of noise of {in_view(asked)} does not fluctuate {where}, so there is nothing to compare with."
    if ratio > _MUCH:
        return (
            f"The largest eigenvalue of {in_view(asked)} does not average out: {where} its relative variance over "
            f"shuffles is {text.number(ratio, 2)} times that of the edge of noise{_in_whole(last)}."
        )
    return (
        f"The largest eigenvalue of {in_view(asked)} averages out as noise does: {where} its relative variance over "
        f"shuffles is {text.number(ratio, 2)} times that of the edge."
    )


def _in_whole(last: SelfAveraging) -> str:
    """The same ratio in the whole matrix, which holds a giant entry after every shuffle."""
    ratio = _ratio(last.largest_variances[-1], last.edge_variances[-1])
    return f" (in the whole matrix {text.number(ratio, 2)} times)" if len(last.shapes) > 1 and isfinite(ratio) else ""


def _code(asked: Asked) -> str:
    lines, source = view_lines(asked)
    seeds, sizes = _seeds(asked), tuple(round(size, 6) for size in _sizes(asked))
    return asked.code(
        *lines, f"result = sw.self_averaging({source}, range({seeds.start}, {seeds.stop}), sizes={sizes})"
    )


STUDY = Study(
    name="averaging",
    title="Does it average out?",
    about="layer",
    help="Shuffles many times and looks at nested blocks of every shuffle. The edge of noise settles with the size; a "
    "trap made by a single entry does not, because a block holds the entry or misses it.",
    steps=steps,
    answer=answer,
    settings=(
        whole("shuffles", "Shuffles", 20, 2, 200, "The variance is taken over these."),
        whole("sizes", "Sizes", 4, 1, 10, "Blocks of equal steps up to the whole matrix."),
    ),
    n_steps=lambda asked: asked.settings["shuffles"] - 1,
)
