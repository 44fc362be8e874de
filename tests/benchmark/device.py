"""The same work on the device of a model and on the processor: spectra, shuffles with Lanczos, ablations.

Run by ``make bench-gpu``, or with ``DEVICE=cpu``, which sends the code of a GPU through the processor. The order of a
shuffle is made on the processor for every device and counts in both times. Matrices with a short side below
``device.MIN_SIDE`` stay on the processor by themselves.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import spectral_widgets as sw
import torch
from spectral_widgets.api_sources import matrix_of
from spectral_widgets.probing.ablation import ablate
from spectral_widgets.records import WeightMatrix
from spectral_widgets.spectra.device import EIGENVALUE_TOLERANCE

from .ablation import in_passes, task_of, timed
from .machine import processor
from .rows import Row, Setting
from .timing import Side, interleaved
from .traps import planted

SHAPES = ((1536, 384), (3072, 768), (4096, 1024), (2048, 2048), (4096, 4096))
QUICK = ((1536, 384), (1024, 512))
WORKLOADS = ("MLP, 256 inputs", "language model, 8 × 64")
#: Torch's name for the processor that is not taken for numpy: it runs what a GPU would.
AS_DEVICE = "cpu:0"


def rows(setting: Setting) -> Iterator[Row]:
    """Ratios of the processor's time to the device's, and differences of the results."""
    device = AS_DEVICE if setting.device == "cpu" else setting.device
    for shape in QUICK if setting.quick else SHAPES:
        here = matrix_of(planted(shape))
        there = replace(here, device=device)
        yield from of_matrix(f"{shape[1]} × {shape[0]}", here, there, setting)
    for name in WORKLOADS[:1] if setting.quick else WORKLOADS:
        yield from of_ablation(name, setting)


def of_matrix(size: str, here: WeightMatrix, there: WeightMatrix, setting: Setting) -> Iterator[Row]:
    """One matrix: spectrum and ten shuffles, and how far the results are apart."""
    spectra = {"here": Side(lambda _: sw.spectrum(here)), "there": Side(lambda _: sw.spectrum(there))}
    yield alternated(f"spectrum {size}", spectra, setting)
    a, b = (sw.spectrum(one).eigenvalues for one in (here, there))
    gap = float(np.abs(a - b).max() / a[-1])
    yield differing(f"spectrum {size}, largest difference", gap, EIGENVALUE_TOLERANCE, setting)
    scans = {
        "here": Side(lambda _: sw.find_traps(here, range(10))),
        "there": Side(lambda _: sw.find_traps(there, range(10))),
    }
    yield alternated(f"ten shuffles {size}", scans, setting)
    counts = [sw.find_traps(one, range(10)).counts for one in (here, there)]
    unequal = sum(x != y for x, y in zip(*counts, strict=True))
    yield differing(f"ten shuffles {size}, those with another count", unequal, 0.0, setting)


def differing(name: str, gap: float, target: float, setting: Setting) -> Row:
    """How far the device's result is from the processor's."""
    return Row(name, setting.device, "processor", (float(gap),), "difference", target=target, at_most=True)


def of_ablation(name: str, setting: Setting) -> Iterator[Row]:
    """Forward passes per ablation on the device, and a run of them against the processor's."""
    here, there = (task_of(name, dense=False, quick=setting.quick, device=one) for one in ("cpu", setting.device))
    yield in_passes(f"ablation, {name}", timed(there, setting.rounds(5)), None, "wall")
    sides = {
        "here": Side(lambda _: ablate(here.model, here.plan)),
        "there": Side(lambda _: ablate(there.model, there.plan)),
    }
    yield alternated(f"ablation, {name}", sides, setting)


def alternated(name: str, sides: dict[str, Side], setting: Setting) -> Row:
    """The processor's time over the device's."""
    says = {"here": "processor", "there": setting.device}
    return interleaved(sides, setting.rounds(5)).row(name, "there", "here", "wall", says)


def chosen(wanted: str) -> str:
    """Torch's name of the device that is wanted; ``gpu`` is whichever there is."""
    there = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    found = next((one for one in ("cuda", "mps") if there[one]), "") if wanted == "gpu" else wanted
    if not there.get(found, False):
        seen = ", ".join(name for name, is_there in there.items() if is_there)
        sys.exit(f"There is no device {wanted!r} here; torch {torch.__version__} sees: {seen}.")
    return found


def name_of(device: str) -> str:
    """The name that the device gives itself."""
    if device == "cuda":
        return torch.cuda.get_device_name()
    return f"{device} of {processor()}"
