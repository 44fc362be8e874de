"""Which layers to fine-tune? Measured once; the slider answers live."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ... import charts
from ...records import LayerChoice
from ...training.finetuning import layers_to_finetune
from ...training.measuring import measured_layers_steps
from .. import text
from ..views import fact
from . import shared_prescribing as shared
from .settings import choice, flag, live, slider
from .shared_prescribing import Measured
from .study import Answer, Asked, Study, column, table


def steps(asked: Asked) -> Iterator[Measured]:
    """One parameter more at each step."""
    metric = "condition_ratio" if asked.settings["aspect_normalised"] else "condition_number"
    yield from measured_layers_steps(asked.model, metric, min_eigenvalues=2)


def _made(asked: Asked, measured: Measured) -> LayerChoice:
    return layers_to_finetune(asked.model, **_arguments(asked), measured=measured)


def _arguments(asked: Asked) -> dict[str, Any]:
    chosen = asked.settings
    by_share = chosen["by"] == "share"
    cut = {"top_p": chosen["top_p"]} if by_share else {"threshold": float(10 ** chosen["log_kappa"])}
    return {**cut, "aspect_normalised": chosen["aspect_normalised"]}


def answer(asked: Asked, measured: Measured) -> Answer:
    """Condition numbers, lowest first, with the line at the share that is chosen."""
    found = _made(asked, measured)
    known = [row for row in found.rows if row.role == "measured" and 0 < row.value < float("inf")]
    drawn = [(charts.layer_choice(found), charts.prescription_text(found))] if known else []
    ranked = sorted(found.rows, key=lambda row: (row.role != "measured", row.value))
    columns = [
        column("name", "Layer"),
        column("value", "κ / κ of noise" if asked.settings["aspect_normalised"] else "κ", numeric=True,
               help="Largest over smallest singular value."),
        column("chosen", "Fine-tune"),
        column("reason", "Why"),
    ]  # fmt: skip
    cells = [
        {"name": row.layer, "value": text.number(row.value), "chosen": "yes" if row.ratio else "no",
         "reason": row.reason} | shared.link(asked, row.layer)
        for row in ranked
    ]  # fmt: skip
    return Answer(
        sentence=found.sentence + shared.waiting(asked, measured),
        facts=[fact("chosen", f"{len(found.names)} of {len(known)}", ", ".join(found.names))],
        charts=drawn,
        tables=[table("Layers, lowest condition number first", columns, cells)],
        caveat=found.caveat,
        code=_code(asked),
        evidence={"metric": found.metric, "names": list(found.names)},
    )


def _code(asked: Asked) -> str:
    call = ", ".join(f"{key}={value!r}" for key, value in _arguments(asked).items())
    return asked.code(f"result = sw.prescribe.layers_to_finetune(model, {call})", "target_modules = list(result.names)")


STUDY = Study(
    name="finetuning",
    title="Which layers to fine-tune?",
    about="model",
    help="Layers with a low condition number κ treat all directions alike, so that tuning them disturbs least. Every "
    "layer is measured once; after that moving the slider answers at once. Nothing is frozen here.",
    steps=steps,
    answer=answer,
    settings=(
        live(choice("by", "Choose by", {"share": "Share", "kappa": "Value"}, "share", "Which slider counts.")),
        slider("top_p", "Top share", 0.2, 0.01, 1.0, 0.01, "Share of the measured layers to fine-tune."),
        slider("log_kappa", "log₁₀ κ at most", 1.0, -1.0, 8.0, 0.05, "Layers with a condition number up to this."),
        flag("aspect_normalised", "Without aspect ratio", False, "Divides κ by that of noise of the same shape: a "
             "square matrix has a large κ untrained."),
    ),
    n_steps=shared.n_steps,
    result=_made,
    topic="What to do",
)  # fmt: skip
