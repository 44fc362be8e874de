"""Reports as one stand-alone page: nothing is loaded from anywhere; light, dark and on paper."""

from __future__ import annotations

from ..records import Report
from .page import page_of


def to_html(report: Report) -> str:
    """The page as text; the same report gives the same text."""
    return page_of(report)
