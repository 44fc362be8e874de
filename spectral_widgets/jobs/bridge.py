"""From a lane's thread back to the kernel's loop, and not too often."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Callable
from typing import Any

_log = logging.getLogger(__name__)


class Bridge:
    """Runs functions on the asyncio loop that was running when the bridge was built, if there was one."""

    def __init__(self) -> None:
        try:
            self._loop: asyncio.AbstractEventLoop | None = asyncio.get_running_loop()
        except RuntimeError:
            self._loop = None

    def call(self, function: Callable[..., object], *args: Any) -> None:
        """Run ``function(*args)`` on the loop's thread soon; here and now when there is no loop."""
        if self._loop is not None:
            try:
                self._loop.call_soon_threadsafe(function, *args)
                return
            except RuntimeError:
                self._loop = None
        function(*args)


class Throttled:
    """A sender that passes on at most ``per_second`` calls; of those in between only the last goes out.

    Calls never overlap and never overtake each other. The last call always goes out, by a timer at the
    latest; ``flush`` sends it at once.
    """

    def __init__(self, send: Callable[..., object], per_second: float = 10.0) -> None:
        self._send = send
        self._interval_s = 1.0 / per_second
        self._lock = threading.RLock()
        self._next_s = float("-inf")
        self._pending: tuple[tuple[Any, ...], dict[str, Any]] | None = None
        self._timer: threading.Timer | None = None

    def __call__(self, *args: Any, **kwargs: Any) -> None:
        with self._lock:
            self._pending = (args, kwargs)
            wait_s = self._next_s - time.monotonic()
            if wait_s <= 0:
                self.flush()
            elif self._timer is None:
                self._timer = threading.Timer(wait_s, self._due)
                self._timer.daemon = True
                self._timer.start()

    def _due(self) -> None:
        # Goes through __call__: a timer that lost a race against a flush must not send too early.
        with self._lock:
            self._timer = None
            if self._pending is None:
                return
            args, kwargs = self._pending
            try:
                self(*args, **kwargs)
            except Exception:  # on the timer's thread nobody waits for an error, so it is told in the log
                _log.exception("a delayed message could not be sent")

    def flush(self) -> None:
        """Send the waiting call now, if there is one."""
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None
            if self._pending is None:
                return
            (args, kwargs), self._pending = self._pending, None
            self._next_s = time.monotonic() + self._interval_s
            self._send(*args, **kwargs)
