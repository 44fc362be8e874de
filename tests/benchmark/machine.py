"""What the numbers were measured on and with, and the settings of a child process."""

from __future__ import annotations

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

#: They choose numpy's kernels by hand, often the wrong ones: unset while anything is measured.
UNSET = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
PACKAGES = ("spectral_widgets", "numpy", "scipy", "torch", "numba", "weightwatcher", "powerlaw")


def environment(threads: int) -> dict[str, str]:
    """The environment of a child: as ours, with its threads, and without the store, so that nothing is known before."""
    kept = {name: value for name, value in os.environ.items() if name not in UNSET}
    return kept | dict.fromkeys(THREADS, str(threads)) | {"SPECTRAL_WIDGETS_CACHE": "off"}


def machine() -> dict[str, str]:
    """Processor, cores, system and the versions that matter."""
    versions = ", ".join(f"{name} {_version(name)}" for name in PACKAGES)
    return {
        "processor": processor(),
        "cores": str(os.cpu_count()),
        "system": f"{platform.system()} {platform.machine()}, Python {platform.python_version()}",
        "versions": versions,
    }


def processor() -> str:
    """The processor's own name for itself where the system tells."""
    told = Path("/proc/cpuinfo")
    lines = told.read_text(encoding="utf-8").splitlines() if told.is_file() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "absent"
