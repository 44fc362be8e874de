"""The door to the labs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .widgets.lab_bench import LabBench


def lab(name: str, /, **choices: Any) -> LabBench:
    """Open a lab: ``sw.lab("bulk-and-edge", n_rows=400)``. ``sw.labs.LABS`` lists them.

    ``choices`` are places of its dials, and ``seed`` and ``theory``. Raises ``Complaint`` for what is not there.
    """
    from .widgets.lab_bench import LabBench

    return LabBench(name, **choices)
