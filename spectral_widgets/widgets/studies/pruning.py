"""How much to prune where? Measured once; the sliders answer live."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ...records import PrescribedLayer, SparsityPrescription
from ...training.sparsity import layerwise_sparsity
from . import shared_prescribing as shared
from .settings import flag, live, slider
from .shared_prescribing import MEASURE, SMALLEST, Measured
from .study import Answer, Asked, Study

_EMPTY = 0.995


def _made(asked: Asked, measured: Measured) -> SparsityPrescription:
    return layerwise_sparsity(asked.model, asked.settings["target"], **_arguments(asked), measured=measured)


def _arguments(asked: Asked) -> dict[str, Any]:
    return {key: value for key, value in asked.settings.items() if key != "target"}


def _shown(row: PrescribedLayer) -> str:
    return f"{100 * row.prescription:.1f} %"


def answer(asked: Asked, measured: Measured) -> Answer:
    """Bars and table of the shares to remove, whose weighted mean is the target."""
    call = shared.call("layerwise_sparsity", repr(asked.settings["target"]), _arguments(asked))
    found = shared.answer_with(asked, measured, _made, "sparsity", _shown, asked.code(f"result = {call}"))
    shares: dict[str, float] = found.evidence.get("prescription", {})
    emptied = [name for name, share in shares.items() if share >= _EMPTY]
    if not emptied:
        return found
    doubt = f"Nothing is left of {', '.join(emptied)}: lower “At most”, the spread or the target."
    return replace(found, caveat=f"{doubt} {found.caveat}".strip())


STUDY = Study(
    name="pruning",
    title="How much to prune where?",
    about="model",
    help="The lighter a layer's tail, the more of it goes; over all weights the target holds exactly. Nothing is "
    "pruned here. Every layer is measured once; after that moving a slider answers at once.",
    steps=shared.steps,
    answer=answer,
    settings=(
        slider("target", "Target sparsity", 0.7, 0.0, 0.99, 0.01, "Share of all prunable weights to remove."),
        slider("spread", "Spread ε", 0.3, 0.0, 1.0, 0.01, "0 is uniform; 0.3 is the published value."),
        slider("most", "At most", 1.0, 0.5, 1.0, 0.01, "No layer loses more than this share."),
        live(flag("by_block", "By block", False, "All layers of one depth get the mean exponent of that depth.")),
        MEASURE,
        SMALLEST,
    ),
    n_steps=shared.n_steps,
    result=_made,
    topic="What to do",
)
