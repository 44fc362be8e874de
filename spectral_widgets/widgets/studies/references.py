"""Beyond which noise? The same eigenvalue against three references, each of which answers a question of its own."""

from __future__ import annotations

from collections.abc import Iterator
from math import isnan

from ... import charts
from ...records import Reference, ReferenceTest
from ...spectra.decompose import eigenvalues_of
from ...spectra.references import reference_test_steps
from ...spectra.shuffles import permuted
from .. import text
from ..views import Json, fact
from .settings import whole
from .shared import in_view, matrix_of_view, view_lines
from .study import Answer, Asked, Study, column, table

Result = tuple[ReferenceTest, ...]
_ORDER: tuple[Reference, ...] = ("tracy-widom", "shuffles", "entry-law")
_COLUMNS = (
    column("reference", "Reference"),
    column("question", "The question that it answers"),
    column("layer", "p of the layer", numeric=True, help="p-value of the largest eigenvalue of the layer as it is."),
    column("shuffle", "p of a shuffle", numeric=True, help="p-value of the largest eigenvalue of one shuffle: a trap?"),
    column("law", "Fitted law"),
)
_ALPHA = 0.05


def _seeds(asked: Asked) -> range:
    """Seeds after those of the screen, since a shuffle must not be its own reference."""
    start = asked.state.seed + asked.state.n_shuffles
    return range(start, start + asked.settings["references"])


def steps(asked: Asked) -> Iterator[Result]:
    """Three tests, the last one growing by one reference matrix a step."""
    matrix = matrix_of_view(asked)
    shuffle = permuted(matrix.values, asked.state.seed)
    values = [float(eigenvalues_of(one, matrix.device)[-1]) for one in (matrix.values, shuffle)]
    done: Result = ()
    for reference in _ORDER:
        for test in reference_test_steps(matrix, reference, _seeds(asked), values):
            yield (*done, test)
        done = (*done, test)


def answer(asked: Asked, tests: Result) -> Answer:
    """p-values side by side, and what follows from them."""
    named = {"the layer": tests[0].eigenvalues[0], "a shuffle": tests[0].eigenvalues[1]}
    drawn = any(len(one.maxima) for one in tests)
    heavy = all(map(isnan, tests[0].p_values))
    return Answer(
        sentence=_sentence(asked, tests),
        facts=[
            *(fact(f"largest λ of {name}", text.number(value, 4)) for name, value in named.items()),
            fact("reference matrices", str(asked.settings["references"]), "Of each kind; p-values cannot be smaller "
                 "than one over their number plus one."),
        ],
        charts=[(charts.reference_maxima(tests, named), charts.reference_maxima_text(tests, named))] if drawn else [],
        tables=[table("p-values by reference", _COLUMNS, [_row(one) for one in tests])],
        caveat=tests[0].caveat if heavy else "",
        code=_code(asked),
        evidence={one.reference: {"p_values": list(one.p_values), "law": one.law} for one in tests},
    )  # fmt: skip


def _row(test: ReferenceTest) -> Json:
    return {
        "reference": charts.REFERENCE_TITLES[test.reference],
        "question": test.question,
        "layer": _p_text(test.p_values[0]),
        "shuffle": _p_text(test.p_values[1]),
        "law": test.law or "–",
    }


def _p_text(value: float) -> str:
    return "none" if isnan(value) else text.p_value(value)


def _relation(value: float) -> str:
    """A p-value that no line break tears apart."""
    return f"p {text.relation(value)}".replace(" ", "\u00a0")


def _sentence(asked: Asked, tests: Result) -> str:
    """The layer against its shuffles, then a shuffle against noise of the variance and of the entry law."""
    known = {one.reference: one for one in tests}
    parts = [_of_layer(asked, known["shuffles"])] if "shuffles" in known else []
    parts.append(_of_shuffle(known["tracy-widom"], known.get("entry-law")))
    return " ".join(parts)


def _of_layer(asked: Asked, test: ReferenceTest) -> str:
    p_value = test.p_values[0]
    does = "depends" if p_value <= _ALPHA else "does not depend"
    return (
        f"The largest eigenvalue of {in_view(asked)} {does} on where the entries stand ({_relation(p_value)} "
        "against its shuffles)."
    )


def _of_shuffle(edge: ReferenceTest, law: ReferenceTest | None) -> str:
    p_value = edge.p_values[1]
    if isnan(p_value):
        start = "The largest of a shuffle has no Tracy–Widom p-value here"
    elif p_value <= _ALPHA:
        start = f"The largest of a shuffle is beyond noise of this variance ({_relation(p_value)})"
    else:
        return f"The largest of a shuffle is no more than noise of this variance ({_relation(p_value)})."
    if law is None:
        return f"{start}."
    same = "fresh draws from the entry law do the same" if law.p_values[1] > _ALPHA else "fresh draws do not reach it"
    return f"{start}; {same} ({_relation(law.p_values[1])})."


def _code(asked: Asked) -> str:
    lines, source = view_lines(asked)
    seeds, first = _seeds(asked), asked.state.seed
    return asked.code(
        *lines,
        f"shuffle = sw.find_traps({source}, seeds=[{first}], spectra='first').spectra[0]",
        f"eigenvalues = [sw.spectrum({source}).eigenvalues[-1], shuffle.eigenvalues[-1]]",
        f"references = {_ORDER!r}",
        f"seeds = range({seeds.start}, {seeds.stop})",
        f"result = tuple(sw.reference_test({source}, one, seeds, eigenvalues) for one in references)",
    )


STUDY = Study(
    name="references",
    title="Beyond which noise?",
    about="layer",
    help="Holds the largest eigenvalue of the layer and of a shuffle against three kinds of noise: Gaussian noise of "
    "this variance, the layer's own shuffles, and fresh draws from a law fitted to its entries.",
    steps=steps,
    answer=answer,
    settings=(whole("references", "Reference matrices", 99, 9, 999, "Of each kind; more give smaller p-values."),),
    n_steps=lambda asked: 1 + 2 * asked.settings["references"],
)
