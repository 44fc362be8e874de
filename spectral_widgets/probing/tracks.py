"""The values of every edit of a run, probe after probe, and the tracks that they make."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import torch

from ..records import Track
from .outputs import Comparison
from .verdict import running_interval

_CHANGE, _COSINE = "", "cosine"


class Values:
    """Arrays ``(n_edits, n_done)`` by the name of what was measured, one batch after the other."""

    def __init__(self, labels: Sequence[str]) -> None:
        self._labels = tuple(labels)
        self._arrays: dict[str, np.ndarray] = {}

    @property
    def n_done(self) -> int:
        return self._arrays[_CHANGE].shape[1] if self._arrays else 0

    def add(self, batch: Sequence[Comparison]) -> None:
        """One comparison for every edit, all of the same inputs."""
        parts = [
            {_CHANGE: part.change} | ({} if part.cosine is None else {_COSINE: part.cosine}) | dict(part.extras)
            for part in batch
        ]
        self.extend({name: torch.stack([part[name] for part in parts]).cpu().numpy() for name in parts[0]})

    @property
    def arrays(self) -> dict[str, np.ndarray]:
        """All values so far."""
        return dict(self._arrays)

    def extend(self, values: Mapping[str, np.ndarray]) -> None:
        """Arrays ``(n_edits, n_inputs)`` of the inputs that come next."""
        for name, fresh in values.items():
            known = self._arrays.get(name)
            self._arrays[name] = fresh if known is None else np.concatenate([known, fresh], axis=1)

    def tracks(self) -> list[Track]:
        """One track for each edit; intervals are computed for all of them at once."""
        empty = {_CHANGE: np.empty((len(self._labels), 0))}
        measured = self._arrays or empty
        lines = {name: _lines(values) for name, values in measured.items() if name != _COSINE}
        cosines = measured.get(_COSINE)
        return [
            Track(
                label,
                *lines[_CHANGE][k],
                cosine=None if cosines is None else cosines[k],
                extras={name: Track(name, *rows[k]) for name, rows in lines.items() if name != _CHANGE},
            )
            for k, label in enumerate(self._labels)
        ]


_Line = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


def _lines(values: np.ndarray) -> list[_Line]:
    """Values, running mean, low and high of every edit."""
    mean, low, high = running_interval(values)
    return list(zip(values, mean, low, high, strict=True))
