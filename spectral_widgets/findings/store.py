"""The tray of pinned findings."""

from __future__ import annotations

import threading
from dataclasses import replace

from ..records import Complaint, Finding
from .plain import plain


class FindingStore:
    """Findings in the order they were pinned. Each change makes a new tuple, so no error can lose one."""

    def __init__(self, items: tuple[Finding, ...] = ()) -> None:
        self._lock = threading.Lock()
        self._items: tuple[Finding, ...] = ()
        for finding in items:
            self.pin(finding)

    def __len__(self) -> int:
        return len(self._items)

    @property
    def items(self) -> tuple[Finding, ...]:
        return self._items

    def pin(self, finding: Finding) -> Finding:
        """Add a finding; Complaint for a known id or evidence that cannot be written down later."""
        if not isinstance(finding, Finding):
            raise Complaint(f"Only a Finding can be pinned, not {type(finding).__name__}.")
        plain(finding.evidence)
        with self._lock:
            if any(item.id == finding.id for item in self._items):
                raise Complaint(f"Finding {finding.id!r} is pinned already; change its note instead.")
            self._items = (*self._items, finding)
        return finding

    def unpin(self, finding_id: str) -> Finding:
        """Take a finding out and return it; Complaint when there is none with this id."""
        with self._lock:
            at = self._place(finding_id)
            taken = self._items[at]
            self._items = self._items[:at] + self._items[at + 1 :]
        return taken

    def note(self, finding_id: str, text: str) -> Finding:
        """Replace the note of a finding; Complaint when there is none with this id."""
        with self._lock:
            at = self._place(finding_id)
            changed = replace(self._items[at], note=str(text))
            self._items = (*self._items[:at], changed, *self._items[at + 1 :])
        return changed

    def _place(self, finding_id: str) -> int:
        for at, item in enumerate(self._items):
            if item.id == finding_id:
                return at
        known = ", ".join(item.id for item in self._items) or "nothing is pinned"
        raise Complaint(f"No finding {finding_id!r} is pinned (pinned: {known}).")
