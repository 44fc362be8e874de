"""The settings of a study. Dials of a lab are settings too, so both stand among the records."""

from __future__ import annotations

from ...records.setting import (
    Choice,
    Kind,
    Look,
    Setting,
    checked_settings,
    choice,
    flag,
    live,
    number,
    slider,
    whole,
)

__all__ = [
    "Choice",
    "Kind",
    "Look",
    "Setting",
    "checked_settings",
    "choice",
    "flag",
    "live",
    "number",
    "slider",
    "whole",
]
