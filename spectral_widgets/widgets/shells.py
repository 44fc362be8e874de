"""Which thread of the kernel hears the page."""

from __future__ import annotations

from typing import Any


def hear_while_busy(comm: Any) -> None:
    """Let messages of the page come on the free thread that the page names, also while a cell runs.

    ipykernel 7.4 hands them to the shell that wrote to the page last, and that is the one that the running cell
    keeps busy. Without a route of the kernel's own they go where the page sends them.
    """
    if hasattr(comm, "_reply_subshell_for"):
        comm._reply_subshell_for = None
