"""The door to progress: who is told how far a long call is."""

from __future__ import annotations

import sys
from collections.abc import Callable

from .jobs.telling import Calling, Listener, Logging, Silent, Tally, Terminal

#: ``None``: shown if it takes a while; ``True``: at once; ``False``: not at all; a function gets every ``Tally``.
Progress = bool | None | Callable[[Tally], object]


def listener_for(progress: Progress) -> Listener:
    """Who is told: the notebook's bar, the terminal's, else the log; nobody; or the user's function."""
    if progress is False:
        return Silent()
    if callable(progress):
        return Calling(progress)
    patience = {} if progress is None else {"patience_s": 0.0}
    if in_notebook():
        from .widgets.progress_bar import NotebookBar

        return NotebookBar(**patience)
    return Terminal(**patience) if _is_terminal() else Logging()


def in_notebook() -> bool:
    """Whether this runs in a Jupyter kernel; nothing is imported to find out."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return getattr(shell, "kernel", None) is not None


def _is_terminal() -> bool:
    return sys.stderr is not None and sys.stderr.isatty()
