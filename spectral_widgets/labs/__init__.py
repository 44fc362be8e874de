"""Lessons: dials in, records and a chart out. Each is pure; the widget that shows them is elsewhere."""

from .lab import Lab
from .registry import LABS, lab_named

__all__ = ["LABS", "Lab", "lab_named"]
