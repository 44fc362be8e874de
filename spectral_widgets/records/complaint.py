"""The one error that users are meant to read."""

from __future__ import annotations


class Complaint(ValueError):
    """One sentence: what is wrong, where, and what to do about it."""
