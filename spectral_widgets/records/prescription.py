"""What the spectrum of each layer prescribes: learning rates, weight decay, sparsity, layers to fine-tune."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from .brief import brief

Quantity = Literal["learning rate", "weight decay", "sparsity", "fine-tuning"]
Role = Literal["measured", "table", "small", "unreadable", "excluded", "other"]


@dataclass(frozen=True, slots=True)
class MeasuredLayer:
    """One parameter with two axes or more and its value, ``nan`` where it was not measured, and then ``role`` says why.

    ``table``: an embedding or a head. ``small``: fewer eigenvalues than the method asks for. ``n_blocks`` is the
    number of matrices that the parameter is cut into; the value is their mean. ``aspect`` is short over long side.
    """

    layer: str
    kind: str
    depth: int | None
    n_entries: int
    n_eigenvalues: int
    aspect: float
    metric: str
    value: float
    role: Role
    n_blocks: int = 1
    caveat: str = ""


@dataclass(frozen=True, slots=True)
class PrescribedLayer:
    """One line of a prescription: what was measured, what follows, and why in one sentence.

    ``ratio`` is the prescription over its base. ``parameters`` are the names of all parameters that it holds for.
    """

    layer: str
    kind: str
    depth: int | None
    metric: str
    value: float
    ratio: float
    prescription: float
    role: Role
    reason: str
    n_entries: int
    parameters: tuple[str, ...] = ()


@brief
@dataclass(frozen=True, slots=True)
class Prescription:
    """Rows, the sentence that sums them up, and in ``caveat`` what may make them meaningless."""

    quantity: Quantity
    metric: str
    base: float
    rows: tuple[PrescribedLayer, ...]
    sentence: str
    caveat: str = ""

    @property
    def table(self) -> list[dict[str, Any]]:
        """One plain row per layer, ready for a frame."""
        return [asdict(row) for row in self.rows]


@brief
@dataclass(frozen=True, slots=True)
class GroupPrescription(Prescription):
    """A number per parameter group; ``setting`` is its name in an optimizer: ``lr`` or ``weight_decay``."""

    setting: str = "lr"
    held: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @property
    def groups(self) -> list[dict[str, Any]]:
        """Fresh parameter groups for ``torch.optim``: every parameter in exactly one, ``name`` the layer."""
        return [
            {"params": [self.held[name] for name in row.parameters], self.setting: row.prescription, "name": row.layer}
            for row in self.rows
            if row.parameters
        ]


@brief
@dataclass(frozen=True, slots=True)
class SparsityPrescription(Prescription):
    """A share of weights to remove per layer; ``achieved`` is their mean, weighted by the number of weights."""

    achieved: float = float("nan")

    @property
    def amounts(self) -> dict[str, float]:
        """Sparsity by layer, of those that are pruned."""
        return {row.layer: row.prescription for row in self.rows if row.parameters}


@brief
@dataclass(frozen=True, slots=True)
class LayerChoice(Prescription):
    """Layers to fine-tune, best first in ``names``: the names of their modules, fit for ``target_modules``."""

    names: tuple[str, ...] = ()
