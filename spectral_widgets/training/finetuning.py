"""Which layers to fine-tune, and freezing the rest when asked to."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from torch import nn

from ..records import Complaint, LayerChoice, MeasuredLayer, PrescribedLayer
from ..weights.model import Model
from .measuring import Measure, as_model, measured_layers, name_of
from .words import count_sentence, reason_of, spoken


def layers_to_finetune(
    model: Model | nn.Module,
    *,
    top_p: float | None = None,
    number: int | None = None,
    threshold: float | None = None,
    aspect_normalised: bool = False,
    measure: Measure | None = None,
    exclude: Collection[str] = (),
    measured: Sequence[MeasuredLayer] | None = None,
) -> LayerChoice:
    """The layers with the lowest condition number: their directions are treated alike, so that tuning disturbs least.

    One of ``top_p`` (share of layers, 0.2 without any of the three), ``number`` and ``threshold`` (the largest value
    that is chosen) says how many. ``.names`` are module names, best first, fit for ``target_modules`` of a low-rank
    adapter. Condition numbers depend on shape before training does anything, a square being the worst:
    ``aspect_normalised`` divides by what Gaussian noise of the same shape has. Embeddings, heads and singular layers
    are not chosen. Nothing is frozen: see :func:`freeze_others`.

    Source: Ludwig (2025), KappaTune (arXiv 2506.16289). Raises ``Complaint`` for settings that choose nothing.
    """
    if sum(one is not None for one in (top_p, number, threshold)) > 1:
        raise Complaint("Give one of top_p, number and threshold, not several.")
    by_kappa: Measure = measure or ("condition_ratio" if aspect_normalised else "condition_number")
    layers = measured or measured_layers(as_model(model), by_kappa, exclude=exclude, min_eigenvalues=2)
    ranked = sorted((layer for layer in layers if layer.role == "measured"), key=lambda layer: layer.value)
    chosen = _first(ranked, top_p, number, threshold)
    names = tuple(dict.fromkeys(_module_of(layer.layer) for layer in chosen))
    metric = layers[0].metric if layers else name_of(by_kappa)
    cut = chosen[-1].value if chosen else float("nan")
    limit = f"{spoken(metric)} up to {cut:.3g}"
    return LayerChoice(
        quantity="fine-tuning",
        metric=metric,
        base=cut,
        rows=tuple(_row(layer, layer in chosen) for layer in layers),
        sentence=f"Fine-tune {len(names)} of {len(ranked)} layers, {limit}: {count_sentence(layers)}",
        caveat=_caveat(metric, chosen, ranked),
        names=names,
    )


def freeze_others(module: nn.Module, names: LayerChoice | Collection[str]) -> list[str]:
    """Freeze every parameter outside these modules, thaw those inside, and return the names of the frozen ones.

    This changes ``requires_grad`` of the module that is given. Raises ``Complaint`` when a name is no module of it.
    """
    wanted = names.names if isinstance(names, LayerChoice) else tuple(names)
    known = {name for name, _ in module.named_modules()}
    unknown = [name for name in wanted if name not in known]
    if unknown:
        raise Complaint(f"{type(module).__name__} has no module {unknown[0]!r}; give the module that was measured.")
    kept = {id(parameter) for name in wanted for parameter in module.get_submodule(name).parameters()}
    frozen = []
    for name, parameter in module.named_parameters():
        parameter.requires_grad_(id(parameter) in kept)
        if id(parameter) not in kept:
            frozen.append(name)
    return frozen


def _first(
    ranked: Sequence[MeasuredLayer], top_p: float | None, number: int | None, threshold: float | None
) -> list[MeasuredLayer]:
    if threshold is not None:
        return [layer for layer in ranked if layer.value <= threshold]
    if number is not None:
        if number < 1:
            raise Complaint(f"number={number} chooses no layer; give 1 or more.")
        return list(ranked[:number])
    share = 0.2 if top_p is None else top_p
    if not 0 < share <= 1:
        raise Complaint(f"top_p={share} is no share; give a number above 0 and at most 1.")
    return list(ranked[: max(1, int(len(ranked) * share))])


def _module_of(parameter: str) -> str:
    return parameter.rpartition(".")[0] if parameter.endswith((".weight", ".lora")) else parameter


def _row(layer: MeasuredLayer, is_chosen: bool) -> PrescribedLayer:
    why = reason_of(layer, 2)
    return PrescribedLayer(
        layer=layer.layer,
        kind=layer.kind,
        depth=layer.depth,
        metric=layer.metric,
        value=layer.value,
        ratio=float(is_chosen),
        prescription=float(is_chosen),
        role=layer.role,
        reason=f"{why[0].upper()}{why[1:]}: {'fine-tuned' if is_chosen else 'left as it is'}.",
        n_entries=layer.n_entries,
    )


def _caveat(metric: str, chosen: Sequence[MeasuredLayer], ranked: Sequence[MeasuredLayer]) -> str:
    if not ranked:
        return "No layer could be measured, so none is chosen."
    if not chosen:
        return f"No layer is below the threshold; the lowest {spoken(metric)} is {ranked[0].value:.3g}."
    aspects = [layer.aspect for layer in ranked]
    if metric == "condition_number" and max(aspects) > 1.5 * min(aspects):
        return "Shapes differ, and shape alone ranks layers by condition number; without the aspect ratio this goes."
    return ""
