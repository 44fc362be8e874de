"""A task's own error travels as a value, so that any other error speaks of the worker."""

from __future__ import annotations

import pickle
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a task gave: a result, or its own error."""

    result: Any = None
    error: Exception | None = None


def guarded(function: Callable[[Any], Any], payload: Any) -> Outcome:
    """``function(payload)`` on the worker's side."""
    try:
        return Outcome(function(payload))
    except Exception as error:
        return Outcome(error=_portable(error))


def _portable(error: Exception) -> Exception:
    """The error where it can be sent and read again, else its words; either way where it came from."""
    where = "On the worker:\n" + "".join(traceback.format_tb(error.__traceback__)).rstrip()
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:  # pickling runs the error's own code, which may raise anything
        error = RuntimeError(f"{type(error).__name__}: {error}")
    error.add_note(where)
    return error
