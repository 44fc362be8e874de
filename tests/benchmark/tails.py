"""The power-law fit of short spectra, as small layers have them, against the same two tools."""

from __future__ import annotations

from collections.abc import Iterator

from .rows import Row, Setting
from .tail import SAYS, TARGETS, sides_of_fit, spectra
from .timing import interleaved


def rows(setting: Setting) -> Iterator[Row]:
    """Both ratios for each kind and length."""
    for n in (64,) if setting.quick else (64, 256, 1024):
        for kind, values in spectra(n).items():
            times = interleaved(sides_of_fit(values), setting.rounds(5))
            for peer in TARGETS:
                yield times.row(f"{kind}, {n} eigenvalues", "ours", peer, says=SAYS)
