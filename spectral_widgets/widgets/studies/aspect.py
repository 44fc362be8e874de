"""How much is aspect ratio? The Hill exponent of the layer, of noise of its shape, and of windows of one shape."""

from __future__ import annotations

from collections.abc import Iterator
from math import isfinite
from typing import Any

from ... import charts
from ...records import FarmsFit
from ...spectra.farms import farms_steps
from .. import text
from ..views import Json, fact
from .settings import choice, number, whole
from .shared import in_view, matrix_of_view, view_lines
from .study import Answer, Asked, Study, column, layer_of, table

_PLACEMENTS = {"grid": "Even grid", "step": "Every 10 rows", "random": "Random"}
_SAME = 0.005
_COLUMNS = (
    column("what", "Exponent"),
    column("alpha", "Hill α", numeric=True),
    column("noise", "Noise of that shape", numeric=True, help="What pure noise of the same shape gives."),
    column("over", "Less noise", numeric=True, help="What is left when the exponent of noise is taken off."),
)


def steps(asked: Asked) -> Iterator[FarmsFit]:
    """One window more at each step."""
    yield from farms_steps(matrix_of_view(asked), **_arguments(asked))


def _arguments(asked: Asked) -> dict[str, Any]:
    chosen = asked.settings
    return {
        "rows": chosen["rows"] or None,
        "aspect": chosen["aspect"],
        "windows": chosen["windows"],
        "placement": chosen["placement"],
    }


def answer(asked: Asked, fit: FarmsFit) -> Answer:
    """Both exponents beside those of noise."""
    lines, source = view_lines(asked)
    said = ", ".join(f"{key}={value!r}" for key, value in _arguments(asked).items())
    return Answer(
        sentence=_sentence(asked, fit),
        facts=_facts(fit),
        charts=_charts(asked, fit),
        tables=[table("Exponents with and without the shape", _COLUMNS, _rows(fit))],
        caveat=" ".join(dict.fromkeys(filter(None, [fit.caveat, fit.full.caveat]))),
        code=asked.code(*lines, f"result = sw.farms({source}, {said})"),
        evidence={
            "hill": fit.full.alpha,
            "noise": fit.full.noise_alpha,
            "farms": fit.alpha,
            "window": list(fit.window),
        },
    )


def _sentence(asked: Asked, fit: FarmsFit) -> str:
    name, full = in_view(asked), fit.full
    if not (isfinite(full.alpha) and isfinite(fit.alpha)):
        return f"{name} has no Hill exponent to compare. {full.caveat or fit.caveat}"
    shape = "×".join(map(str, layer_of(asked).shape))
    start = f"The plain Hill α of {name} is {text.number(full.alpha)}, noise of {shape} gives "
    start += f"{text.number(full.noise_alpha)}; in windows of {_size(fit)} α is {text.number(fit.alpha)}"
    difference = full.alpha - fit.alpha
    if abs(difference) < _SAME:
        return f"{start}: its shape changes nothing."
    verb = "adds" if difference > 0 else "takes off"
    return f"{start}, so the shape {verb} {text.number(abs(difference))}."


def _size(fit: FarmsFit) -> str:
    return f"{fit.window[0]}×{fit.window[1]}"


def _facts(fit: FarmsFit) -> list[Json]:
    used = [one for one in fit.window_alphas if isfinite(one)]
    spread = f"{text.number(min(used))} – {text.number(max(used))}" if used else "–"
    return [
        fact("windows", str(len(fit.window_alphas)), fit.how),
        fact("window", _size(fit), "Rows and columns of every window, in the tensor's own view."),
        fact("α of single windows", spread, "Smallest and largest; the pooled exponent is not their mean."),
    ]


def _rows(fit: FarmsFit) -> list[Json]:
    both = {
        "the whole layer": (fit.full.alpha, fit.full.noise_alpha),
        f"windows of {_size(fit)} (FARMS)": (fit.alpha, fit.noise_alpha),
    }
    return [
        {"what": what, "alpha": text.number(alpha), "noise": text.number(noise), "over": text.signed(alpha - noise)}
        for what, (alpha, noise) in both.items()
    ]


def _charts(asked: Asked, fit: FarmsFit) -> list[tuple[Any, str]]:
    drawn: list[tuple[Any, str]] = []
    if isfinite(fit.full.alpha) and isfinite(fit.alpha):
        ref = layer_of(asked).ref
        row = {"layer": ref.name, "aspect": ref.aspect, "hill_alpha": fit.full.alpha, "farms_alpha": fit.alpha}
        drawn.append((charts.farms([row]), _sentence(asked, fit)))
    if len(fit.starts) > 1 and any(map(isfinite, fit.window_alphas)) and isfinite(fit.alpha):
        drawn.append((charts.farms_windows(fit), f"Hill α of {len(fit.starts)} windows by their place in the matrix."))
    return drawn


def _n_steps(asked: Asked) -> int:
    """Known for windows of a matrix on a grid or at random; a convolution is cut by its kernel."""
    chosen, layer = asked.settings, asked.layer
    is_matrix = layer is not None and len(layer.shape) == 2
    return chosen["windows"] ** 2 if is_matrix and chosen["placement"] != "step" else 0


STUDY = Study(
    name="aspect",
    title="How much is aspect ratio?",
    about="layer",
    help="A long matrix has another Hill exponent than a square one, trained or not. Fixed-aspect-ratio windows "
    "(FARMS) measure every layer in one shape.",
    steps=steps,
    answer=answer,
    settings=(
        whole("rows", "Rows of a window", 0, 0, 100_000, "0 takes 2000 rows, or as many as fit."),
        number("aspect", "Columns per row", 1.0, 0.05, 20.0, "Shape of the windows; 1 is square."),
        whole("windows", "Windows along each side", 10, 1, 40, "Their eigenvalues are pooled."),
        choice("placement", "Placement", _PLACEMENTS, "grid", "Where in the matrix the windows lie."),
    ),
    n_steps=_n_steps,
    topic="Tail and entries",
)
