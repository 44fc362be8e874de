"""Learning rates and weight decay by layer, as parameter groups."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from torch import nn
from torch.optim import Optimizer

from ..records import Complaint, GroupPrescription, MeasuredLayer, PrescribedLayer, Quantity
from ..weights.model import Model
from .grouping import REST, Norms, members_of, module_of
from .mappings import Mapping, ratios_of
from .measuring import MIN_EIGENVALUES, Measure, as_model, measured_layers, name_of
from .words import count_sentence, doubts_about, reason_of

#: ``high``: embeddings and heads count as if they had the largest value; ``base``: they keep the base value.
Embeddings = Literal["high", "base"]

#: Settings of the published code: ``layerwise_lr(model, 1e-3, **LLR)``.
LLR: dict[str, Any] = {"low": 1.0, "high": 3.0, "embeddings": "high", "norms": "base"}
TEMP_BALANCE: dict[str, Any] = {"low": 0.5, "high": 1.5, "embeddings": "base", "norms": "follow"}
ALPHA_DECAY: dict[str, Any] = {"low": 2 / 3, "high": 5.0, "embeddings": "base", "norms": "follow"}


@dataclass(frozen=True, slots=True)
class Rule:
    """How values become ratios: bounds, mapping, and what embeddings, heads and norms get."""

    low: float
    high: float
    mapping: str | Mapping = "linear"
    embeddings: Embeddings = "high"
    norms: Norms = "base"
    min_eigenvalues: int = MIN_EIGENVALUES


def layerwise_lr(
    model: Model | nn.Module,
    base_lr: float,
    *,
    low: float = 1.0,
    high: float = 3.0,
    mapping: str | Mapping = "linear",
    measure: Measure = "hill_alpha",
    embeddings: Embeddings = "high",
    norms: Norms = "base",
    exclude: Collection[str] = (),
    min_eigenvalues: int = MIN_EIGENVALUES,
    measured: Sequence[MeasuredLayer] | None = None,
) -> GroupPrescription:
    """Learning rates from ``low`` to ``high`` times the base: the larger a layer's exponent, the larger its rate.

    ``torch.optim.AdamW(layerwise_lr(model, 1e-3).groups)``: every parameter is in exactly one group, biases with their
    weight. Embeddings and heads are not measured and get what the largest exponent gets (``embeddings="base"``: the
    base rate). Norms and everything else get the base rate; with ``norms="follow"`` a batch norm takes the rate of the
    layer before it. Layers below ``min_eigenvalues``, excluded or unreadable ones get the base rate. Where all
    exponents are equal every layer gets the base rate and the caveat says so.

    ``measure`` is ``"hill_alpha"``, ``"farms_alpha"``, another metric or a function of a ``WeightMatrix``. ``measured``
    are values known already, from :func:`measured_layers`. The defaults are those of LLR; see ``TEMP_BALANCE``.

    Raises ``Complaint`` for bounds, names or a model that do not fit. Source: LLR (arXiv 2605.22297); Zhou et al.
    (2023), TempBalance.
    """
    rule = Rule(low, high, mapping, embeddings, norms, min_eigenvalues)
    return _prescribed("learning rate", model, base_lr, rule, measure, exclude, measured)


def layerwise_weight_decay(
    model: Model | nn.Module,
    base_decay: float,
    *,
    low: float = 2 / 3,
    high: float = 5.0,
    mapping: str | Mapping = "linear",
    measure: Measure = "hill_alpha",
    embeddings: Embeddings = "base",
    norms: Norms = "follow",
    exclude: Collection[str] = (),
    min_eigenvalues: int = MIN_EIGENVALUES,
    measured: Sequence[MeasuredLayer] | None = None,
) -> GroupPrescription:
    """Weight decay from ``low`` to ``high`` times the base: the heavier a layer's tail, the less decay it gets.

    Groups as in :func:`layerwise_lr`, with ``weight_decay`` in the place of ``lr``. Embeddings and heads keep the base
    value. Source: AlphaDecay, whose ratios for language models are the defaults.
    """
    rule = Rule(low, high, mapping, embeddings, norms, min_eigenvalues)
    return _prescribed("weight decay", model, base_decay, rule, measure, exclude, measured)


def update_groups(optimizer: Optimizer, prescription: GroupPrescription) -> list[str]:
    """Write a prescription into the groups of an optimizer, by name, and return the names of the groups that changed.

    To prescribe anew every so many steps, or to put weight decay on groups that were made for learning rates. Groups
    of names that it does not know stay as they are. Raises ``Complaint`` when it knows none.
    """
    prescribed = {row.layer: row.prescription for row in prescription.rows}
    known = [group for group in optimizer.param_groups if group.get("name") in prescribed]
    if not known:
        raise Complaint("No parameter group has a layer's name; build the optimizer with layerwise_lr(…).groups.")
    changed = [group for group in known if float(group[prescription.setting]) != prescribed[group["name"]]]
    for group in changed:
        group[prescription.setting] = prescribed[group["name"]]
    return [group["name"] for group in changed]


def layer_ratios(layers: Sequence[MeasuredLayer], rule: Rule) -> dict[str, float]:
    """Ratio by layer, 1 for those that the rule leaves at the base. Needs no model: the what-if of a slider."""
    if rule.embeddings not in ("high", "base"):
        raise Complaint(f"embeddings={rule.embeddings!r} is neither 'high' nor 'base'.")
    measured = {layer.layer: layer.value for layer in layers if layer.role == "measured"}
    ratios_of(np.empty(0), rule.low, rule.high, rule.mapping)  # bounds and mapping are checked for no layer too
    if not measured:
        return {layer.layer: 1.0 for layer in layers}
    tables = [layer.layer for layer in layers if layer.role == "table" and rule.embeddings == "high"]
    counted = measured | dict.fromkeys(tables, max(measured.values()))
    ratios = ratios_of(np.array(list(counted.values())), rule.low, rule.high, rule.mapping)
    return {layer.layer: 1.0 for layer in layers} | dict(zip(counted, ratios.tolist(), strict=True))


def _prescribed(
    quantity: Quantity,
    model: Model | nn.Module,
    base: float,
    rule: Rule,
    measure: Measure,
    exclude: Collection[str],
    measured: Sequence[MeasuredLayer] | None,
) -> GroupPrescription:
    if not (np.isfinite(base) and base >= 0):
        raise Complaint(f"A base {quantity} of {base} is no number from 0 on.")
    opened = as_model(model)
    module = module_of(opened)
    layers = measured
    if layers is None:
        layers = measured_layers(opened, measure, exclude=exclude, min_eigenvalues=rule.min_eigenvalues)
    ratios = layer_ratios(layers, rule)
    members = members_of(opened, ratios, rule.norms)
    sizes = {name: parameter.numel() for name, parameter in module.named_parameters()}
    metric = layers[0].metric if layers else name_of(measure)
    rows = [_row(layer, ratios[layer.layer], base, rule, members[layer.layer], sizes) for layer in layers]
    if members[REST]:
        rows.append(_rest(members[REST], base, metric, quantity, sizes))
    spread = [row.prescription for row in rows if row.role == "measured"] or [base]
    return GroupPrescription(
        quantity=quantity,
        metric=metric,
        base=base,
        rows=tuple(rows),
        sentence=f"{quantity.capitalize()} from {min(spread):.3g} to {max(spread):.3g}: {count_sentence(layers)}",
        caveat=doubts_about(layers, metric, f"every layer gets the base {quantity}"),
        setting="lr" if quantity == "learning rate" else "weight_decay",
        held=dict(module.named_parameters()),
    )


def _row(
    layer: MeasuredLayer, ratio: float, base: float, rule: Rule, names: tuple[str, ...], sizes: dict[str, int]
) -> PrescribedLayer:
    why = reason_of(layer, rule.min_eigenvalues)
    if layer.role == "table" and rule.embeddings == "high":
        why += ": as for the largest value"
    elif layer.role != "measured":
        why += ": base value"
    return PrescribedLayer(
        layer=layer.layer,
        kind=layer.kind,
        depth=layer.depth,
        metric=layer.metric,
        value=layer.value,
        ratio=ratio,
        prescription=base * ratio,
        role=layer.role,
        reason=f"{why[0].upper()}{why[1:]}.",
        n_entries=sum(sizes[name] for name in names),
        parameters=names,
    )


def _rest(
    names: tuple[str, ...], base: float, metric: str, quantity: Quantity, sizes: dict[str, int]
) -> PrescribedLayer:
    return PrescribedLayer(
        layer=REST,
        kind="other",
        depth=None,
        metric=metric,
        value=float("nan"),
        ratio=1.0,
        prescription=base,
        role="other",
        reason=f"Norms and other parameters without a weight matrix keep the base {quantity}.",
        n_entries=sum(sizes[name] for name in names),
        parameters=names,
    )
