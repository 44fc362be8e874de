"""Which learning rate and which weight decay for which layer? Measured once; the sliders answer live."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from ...records import GroupPrescription, PrescribedLayer
from ...training.rates import ALPHA_DECAY, LLR, TEMP_BALANCE, layerwise_lr, layerwise_weight_decay
from .. import text
from . import shared_prescribing as shared
from .settings import Setting, choice, live, number, slider
from .shared_prescribing import MEASURE, SMALLEST, Measured
from .study import Answer, Asked, Study, tune

_MAPPINGS = {"linear": "Linear", "sqrt": "√α", "log2": "log₂ α", "sigmoid": "Sigmoid"}
_EMBEDDINGS = {"high": "As the highest", "base": "Base"}
_NORMS = {"base": "Base", "follow": "As the layer before"}


def _settings(base: float, published: Mapping[str, Any]) -> tuple[Setting, ...]:
    low, high = published["low"], published["high"]
    return (
        slider("low", "Lowest", low, 0.05, 2.0, 0.01, "Times the base, for the layer with the smallest value."),
        slider("high", "Highest", high, 0.5, 10.0, 0.05, "Times the base, for the layer with the largest value."),
        live(number("base", "Base", base, 0.0, 10.0, "What the ratios multiply.")),
        live(choice("mapping", "Mapping", _MAPPINGS, "linear", "Only the linear one uses lowest and highest.")),
        live(choice("embeddings", "Embeddings and heads", _EMBEDDINGS, published["embeddings"])),
        live(choice("norms", "Batch norms", _NORMS, published["norms"], "Other norms get the base.")),
        MEASURE,
        SMALLEST,
    )


def _study(
    prescribe: Callable[..., GroupPrescription], noun: str, optimizer: str, presets: Mapping[str, Mapping[str, Any]],
    **card: Any,
) -> Study:  # fmt: skip
    def made(asked: Asked, measured: Measured) -> GroupPrescription:
        return prescribe(asked.model, asked.settings["base"], **_arguments(asked), measured=measured)

    def answer(asked: Asked, measured: Measured) -> Answer:
        call = shared.call(prescribe.__name__, repr(asked.settings["base"]), _arguments(asked))
        code = asked.code("import torch", f"result = {call}", f"optimizer = torch.optim.AdamW({optimizer})")
        found = shared.answer_with(asked, measured, made, noun, _shown, code)
        buttons = [tune(f"As in {label}", card["name"], "Sets the published values.", **values)
                   for label, values in presets.items()]  # fmt: skip
        return replace(found, actions=buttons)

    return Study(
        about="model",
        steps=shared.steps,
        answer=answer,
        n_steps=shared.n_steps,
        refuses=shared.needs_module,
        result=made,
        topic="What to do",
        **card,
    )


def _arguments(asked: Asked) -> dict[str, Any]:
    return {key: value for key, value in asked.settings.items() if key != "base"}


def _shown(row: PrescribedLayer) -> str:
    return text.number(row.prescription, 4)


LEARNING_RATE = _study(
    layerwise_lr,
    "learning rate",
    "result.groups",
    {"LLR": LLR, "TempBalance": TEMP_BALANCE},
    name="learning_rate",
    title="Which learning rate for which layer?",
    help="The heavier a layer's tail, the lower its rate. Every layer is measured once; after that moving a slider "
    "answers at once. The code makes the parameter groups of an optimizer.",
    settings=_settings(1e-3, LLR),
)
WEIGHT_DECAY = _study(
    layerwise_weight_decay,
    "weight decay",
    "result.groups, lr=1e-3",
    {"AlphaDecay": ALPHA_DECAY},
    name="weight_decay",
    title="Which weight decay for which layer?",
    help="The heavier a layer's tail, the less decay it gets. Every layer is measured once; after that moving a "
    "slider answers at once. The code makes the parameter groups of an optimizer.",
    settings=_settings(0.1, ALPHA_DECAY),
)
