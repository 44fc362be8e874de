"""Texts of strangers made safe to show: what acts on a terminal, a reader or a drawing is made visible."""

from __future__ import annotations

import re

#: Controls, marks that turn the reading direction, halves of characters, and non-characters.
UNWANTED = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufdd0-\ufdef\ufeff\ufffe\uffff]"
)
_CONTROL_PICTURES = 0x2400
_DELETE, _DELETE_PICTURE = 0x7F, "\u2421"


def shown(text: object) -> str:
    """A text that is safe to show: line breaks as ``\\n``, other control characters made visible.

    Escape sequences, marks that turn the reading direction, and non-characters cannot act any more.

    >>> shown("a\\x1b[31mb\\r\\nc")
    'a␛[31mb\\nc'
    """
    lines = str(text).replace("\r\n", "\n").replace("\r", "\n")
    return UNWANTED.sub(_visible, lines)


def _visible(match: re.Match[str]) -> str:
    code = ord(match.group())
    if code < ord(" "):
        return chr(_CONTROL_PICTURES + code)
    return _DELETE_PICTURE if code == _DELETE else "\ufffd"
