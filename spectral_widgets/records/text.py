"""Numbers as people read them."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite, isnan


def number(value: float, digits: int = 3) -> str:
    """A few significant digits; scientific only where it has to be; a dash for a missing value.

    >>> number(1234.5678), number(-0.00001234), number(float("nan")), number(2.0), number(0.000385)
    ('1230', '−1.23e−5', '–', '2', '0.000385')
    """
    if isnan(value):
        return "–"
    if not isfinite(value):
        return "∞" if value > 0 else "−∞"
    text = f"{value:.{digits}g}"
    if value == 0 or 1e-4 <= abs(value) < 1e5:
        text = f"{float(text):.0f}" if "e" in text else text
    else:
        mantissa, exponent = f"{value:.{digits - 1}e}".split("e")
        text = f"{mantissa}e{int(exponent)}"
    return text.replace("-", "−")


def signed(value: float, digits: int = 3) -> str:
    """A number that is a change: with its sign.

    >>> signed(0.5), signed(-0.5), signed(0.0)
    ('+0.5', '−0.5', '0')
    """
    return ("+" if value > 0 else "") + number(value, digits)


def percent(share: float) -> str:
    """A part of one in whole per cent.

    >>> percent(0.934), percent(-0.001), percent(-0.02)
    ('93 %', '0 %', '−2 %')
    """
    return f"{round(100 * share):d} %".replace("-", "−")


def p_value(value: float) -> str:
    """A p-value; below what a float can hold it says so.

    >>> p_value(0.0), p_value(0.004)
    ('< 1e−300', '0.004')
    """
    return "< 1e−300" if value < 1e-300 else number(value, 2)


def relation(value: float) -> str:
    """A p-value with its sign of relation, to follow the letter p.

    >>> relation(0.0), relation(0.004)
    ('< 1e−300', '= 0.004')
    """
    shown = p_value(value)
    return shown if shown.startswith("<") else f"= {shown}"


def moment(iso: str) -> str:
    """A time stamp as people read it, in UTC.

    >>> moment("2026-01-02T03:04:05.678901+00:00")
    '2026-01-02 03:04 UTC'
    """
    return f"{iso[:10]} {iso[11:16]} UTC"


def counts(values: Sequence[int]) -> str:
    """Trap counts, one per shuffle.

    >>> counts([2, 3])
    '2 3'
    """
    return " ".join(map(str, values))


def places(entries: Sequence[object], most: int = 3) -> str:
    """Row and column of entries, the first few."""
    shown = ", ".join(f"({entry.row}, {entry.column})" for entry in entries[:most])  # type: ignore[attr-defined]
    return shown + (f" and {len(entries) - most} more" if len(entries) > most else "")


def plural(count: int, one: str, many: str = "") -> str:
    """Count with its noun.

    >>> plural(1, "trap"), plural(3, "entry", "entries")
    ('1 trap', '3 entries')
    """
    return f"{count} {one if count == 1 else many or one + 's'}"
