"""Text for a terminal: what comes from a file's names never acts on the terminal."""

from __future__ import annotations

import sys
from typing import Any


def plain_text(text: str) -> str:
    """The text with everything that does not print shown as its escape; a line break stays one.

    >>> plain_text("a\\x1b[31mb")
    'a\\\\x1b[31mb'
    """
    return "".join(one if one.isprintable() or one == "\n" else _escaped(one) for one in text)


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")


def say(text: str) -> None:
    """A line on standard output."""
    sys.stdout.write(plain_text(text) + "\n")


def table_text(frame: Any, columns: list[str]) -> str:
    """These columns of a frame in aligned text, missing numbers as a dash."""
    shown = frame[[column for column in columns if column in frame.columns]].copy()
    shown.index = [plain_text(str(name)).replace("\n", "\\n") for name in shown.index]
    if "shape" in shown.columns:
        shown["shape"] = ["×".join(map(str, shape)) for shape in shown["shape"]]
    return shown.to_string(float_format="{:.4g}".format, na_rep="–")
