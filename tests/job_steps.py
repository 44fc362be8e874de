"""A generator to submit to a lane, and how long a test waits for it."""

from __future__ import annotations

import threading

PATIENCE_S = 20.0


class Steps:
    """A generator that remembers on which thread it was made, stepped and closed."""

    def __init__(self, n_steps: int, fail_at: int | None = None, gate: threading.Event | None = None):
        self.n_steps, self.fail_at, self.gate = n_steps, fail_at, gate
        self.threads: set[int] = set()
        self.n_closed = 0
        self.entered = threading.Event()

    def __call__(self):
        try:
            for step in range(self.n_steps):
                self.threads.add(threading.get_ident())
                self.entered.set()
                if self.gate is not None:
                    assert self.gate.wait(PATIENCE_S)
                if step == self.fail_at:
                    raise LookupError(f"step {step}")
                yield step
        finally:
            self.threads.add(threading.get_ident())
            self.n_closed += 1
