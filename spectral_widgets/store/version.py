"""Which code computes: a stored number is shown again only to the very code that made it."""

from __future__ import annotations

import hashlib
import sys
import time
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

#: Rooms whose code a stored number depends on: how weights are read, what is computed, how it is written down.
ROOMS = ("records", "rmt", "weights", "spectra", "metrics", "store")
#: Packages whose other version may give other digits.
PACKAGES = ("spectral_widgets", "numpy", "scipy", "torch", "numba")
_RECHECK_S = 0.1


class SourceWatch:
    """The source files of a package as they were when it was loaded, and whether they still are.

    A file that was edited after ``loaded_ns`` may be loaded or not (lazy imports, reloading in a notebook), so that
    nobody can tell which code computes; then there is no version until the process begins anew.
    """

    def __init__(self, package: Path, loaded_ns: int, rooms: Sequence[str] = ROOMS) -> None:
        self._package = package
        self._paths = sorted(path for room in rooms for path in (package / room).rglob("*.py"))
        self._stamps = self._now()
        self._changed = any(changed > loaded_ns for _, changed in self._stamps)
        self._version: str | None = None
        self._seen = time.monotonic()

    def version(self) -> str:
        """A digest of the files and of the versions of :data:`PACKAGES`; empty once a file has changed."""
        if not self._changed and time.monotonic() - self._seen > _RECHECK_S:
            self._changed, self._seen = self._now() != self._stamps, time.monotonic()
        if self._version is None and not self._changed:
            self._version = self._digest()
            self._changed = self._now() != self._stamps
        return "" if self._changed else self._version or ""

    def _now(self) -> list[tuple[int, int]]:
        """Size and time of change of every file, zeros for one that is gone."""
        stamps = []
        for path in self._paths:
            try:
                status = path.stat()
            except OSError:
                stamps.append((0, 0))
            else:
                stamps.append((status.st_size, status.st_mtime_ns))
        return stamps

    def _digest(self) -> str:
        digest = hashlib.sha256(repr([_version(name) for name in PACKAGES]).encode())
        for path in self._paths:
            digest.update(f"{path.relative_to(self._package).as_posix()}\n".encode())
            digest.update(hashlib.sha256(path.read_bytes()).digest())
        return digest.hexdigest()[:32]


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


_PACKAGE = Path(__file__).parents[1]
_LOADED_NS: int = getattr(sys.modules[_PACKAGE.name], "LOADED_NS", time.time_ns())
#: The version of the code of this process.
code_version = SourceWatch(_PACKAGE, _LOADED_NS).version
