"""The power-law fit with the full scan of its start, at 4,096 eigenvalues, against two tools that find the same.

``powerlaw`` silently looks for exponents between 0 and 3 alone; its range is opened before it is timed.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import spectral_widgets as sw
from spectral_widgets.records import Spectrum

from ..test_against_powerlaw import theirs
from ..weightwatcher_tool import tail_alone
from .rows import Row, Setting
from .timing import Side, interleaved

TARGETS = {"powerlaw": 40.0, "WeightWatcher": 8.0}
SAYS = {"powerlaw": "powerlaw.Fit, α unbounded", "WeightWatcher": "WWFit", "ours": "fit_tail"}


def rows(setting: Setting) -> Iterator[Row]:
    """Both ratios on noise, on a power law, and on noise with a tail, and the largest difference of α."""
    n, rounds = (512, 3) if setting.quick else (4096, 5)
    gaps = []
    for kind, values in spectra(n).items():
        times = interleaved(sides_of_fit(values), rounds)
        for peer, target in TARGETS.items():
            kept = None if setting.quick else target
            yield times.row(f"{kind}, {n} eigenvalues", "ours", peer, says=SAYS, target=kept)
        gaps += differences(values)
    name = f"α, largest relative difference, {n} eigenvalues"
    yield Row(name, "fit_tail", "powerlaw and WWFit", (max(gaps),), kind="difference", target=1e-12, at_most=True)


def spectra(n: int) -> dict[str, np.ndarray]:
    """Ascending eigenvalues of three kinds."""
    rng = np.random.default_rng(0)
    bulk = sw.rmt.mp_quantiles((np.arange(n) + 0.5) / n, 0.5)
    tail = np.sort(rng.pareto(1.5, n) + 1)
    mixed = np.sort(np.append(bulk[: n - n // 8], 2 * tail[: n // 8]))
    return {"noise": bulk, "power law": tail, "noise and tail": mixed}


def sides_of_fit(eigenvalues: np.ndarray) -> dict[str, Side]:
    """The same fit by the two tools and by us."""
    spectrum = spectrum_of(eigenvalues)
    return {
        "powerlaw": Side(lambda _: theirs(eigenvalues, parameter_ranges={"alpha": [1.0001, None]})),
        "WeightWatcher": Side(lambda _: tail_alone(eigenvalues)),
        "ours": Side(lambda _: sw.fit_tail(spectrum)),
    }


def differences(eigenvalues: np.ndarray) -> list[float]:
    """Relative differences of our exponent from theirs."""
    ours = sw.fit_tail(spectrum_of(eigenvalues)).alpha
    others = theirs(eigenvalues, parameter_ranges={"alpha": [1.0001, None]}).alpha, tail_alone(eigenvalues)
    return [abs(ours / other - 1) for other in others]


def spectrum_of(eigenvalues: np.ndarray) -> Spectrum:
    """A spectrum as a square matrix would have it."""
    return Spectrum(eigenvalues, len(eigenvalues), len(eigenvalues), 1.0)
