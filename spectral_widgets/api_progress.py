"""The door to progress: who is told how far a long call is."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable

from .jobs.telling import Calling, Listener, Logging, Silent, Tally, Terminal
from .records import Complaint

#: ``None``: shown if it takes a while; ``True``: at once; ``False``: not at all; a function gets every ``Tally``.
Progress = bool | None | Callable[[Tally], object]
_log = logging.getLogger("spectral_widgets")


def listener_for(progress: Progress) -> Listener:
    """Who is told: the notebook's bar, the terminal's, else the log; nobody; or the user's function.

    ``True`` is heard where no log is set up, too. Raises ``Complaint`` for what is none of these.
    """
    if progress is False:
        return Silent()
    if callable(progress):
        return Calling(progress)
    if progress is not None and progress is not True:
        raise Complaint(f"progress={progress!r} is unknown: give None, True, False or a function of a Tally.")
    patience = {"patience_s": 0.0} if progress else {}
    if in_notebook():
        from .widgets.progress_bar import NotebookBar

        return NotebookBar(**patience)
    return Terminal(**patience) if _is_terminal() else Logging(**patience, say=_said if progress else None)


def _said(line: str) -> None:
    """To the log, or where nobody has set one up to the error stream itself."""
    if _log.isEnabledFor(logging.INFO) and _log.hasHandlers():
        _log.info("%s", line)
    elif sys.stderr is not None:
        sys.stderr.write(f"{line}\n")
        sys.stderr.flush()


def in_notebook() -> bool:
    """Whether this runs in a Jupyter kernel; nothing is imported to find out."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return getattr(shell, "kernel", None) is not None


def _is_terminal() -> bool:
    return sys.stderr is not None and sys.stderr.isatty()
