"""Settings of a study and dials of a lab: labelled controls with bounds, and the check of what is sent for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from math import isfinite, log10
from typing import Any, Literal

from .complaint import Complaint

Kind = Literal["whole", "number", "choice", "flag"]
Look = Literal["", "slider", "dial"]
Grid = Literal["linear", "log"]
#: Steps of a logarithmic dial from end to end.
LOG_STEPS = 60


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a choice, with the words that the screen shows for it."""

    value: str
    label: str
    help: str = ""


@dataclass(frozen=True, slots=True)
class Setting:
    """One control. ``low`` and ``high`` bound numbers, ends included; ``choices`` are those of a choice.

    ``look`` is how the page draws a number: a field, a slider moving by ``step``, or a dial, which is a slider over
    ``stops`` with a field beside it, evenly spaced or by ratios (``grid``), or at ``places`` and nowhere else. A
    ``live`` setting changes the answer of a study alone, not what is measured for it: the answer follows at once,
    without another run.
    """

    key: str
    label: str
    kind: Kind
    default: Any
    help: str = ""
    low: float = 0.0
    high: float = 0.0
    choices: tuple[Choice, ...] = ()
    look: Look = ""
    step: float = 0.0
    live: bool = False
    grid: Grid = "linear"
    unit: str = ""
    places: tuple[float, ...] = ()

    def checked(self, value: Any) -> Any:
        """The value as the study gets it. Raises ``Complaint`` for one that cannot be."""
        if self.kind == "flag":
            if not isinstance(value, bool):
                raise Complaint(f"{self.key} must be true or false, not {value!r}.")
            return value
        if self.kind == "choice":
            if value not in [choice.value for choice in self.choices]:
                known = ", ".join(choice.value for choice in self.choices)
                raise Complaint(f"{self.key} must be one of {known}, not {value!r}.")
            return value
        return self._number(value)

    def _number(self, value: Any) -> float | int:
        if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
            raise Complaint(f"{self.key} must be a number, not {value!r}.")
        if not self.low <= value <= self.high:
            raise Complaint(f"{self.key} must lie between {self.low:g} and {self.high:g}, not {value}.")
        if self.places and value not in self.places:
            known = ", ".join(map(str, self.places))
            raise Complaint(f"{self.key} must be one of {known}, not {value}.")
        if self.kind == "whole" and value != int(value):
            raise Complaint(f"{self.key} must be a whole number, not {value!r}.")
        return int(value) if self.kind == "whole" else float(value)

    def to_json(self, value: Any) -> dict[str, Any]:
        """The control for the page, with the value it holds."""
        shown = {"key": self.key, "label": self.label, "kind": self.kind, "help": self.help, "value": value}
        if self.kind in ("whole", "number"):
            shown |= {"min": self.low, "max": self.high, "look": self.look, "step": self.step}
        if self.look == "dial":
            shown |= {"stops": list(self.stops), "unit": self.unit}
        if self.kind == "choice":
            shown["choices"] = [{"value": one.value, "label": one.label, "help": one.help} for one in self.choices]
        return {**shown, "default": self.default}

    @property
    def stops(self) -> tuple[float, ...]:
        """The values on which a dial rests, ascending, both ends and the default among them.

        >>> dial("n", "N", 8, 1, 100, grid="log", whole=True).stops[:5]
        (1, 2, 3, 4, 5)
        """
        if self.places:
            return self.places
        if self.grid == "log":
            ratio = self.high / self.low
            made = [self._rounded(self.low * ratio ** (i / LOG_STEPS)) for i in range(LOG_STEPS + 1)]
        else:
            n_steps = round((self.high - self.low) / self.step)
            made = [self._rounded(self.low + i * self.step) for i in range(n_steps + 1)]
        inside = [value for value in made if self.low < value < self.high]
        return tuple(sorted({self.low, self.default, *inside, self.high}))

    def _rounded(self, value: float) -> float:
        """Whole where it has to be; else three digits on a logarithmic dial, and free of rounding on an even one."""
        if self.kind == "whole":
            return round(value)
        return float(f"{value:.3g}") if self.grid == "log" else round(value, 2 - round(log10(self.step)))


# The names of the house's wire are the Python names, so ``help`` hides the builtin here.


def whole(key: str, label: str, default: int, low: int, high: int, help: str = "") -> Setting:  # noqa: A002
    """A whole number from ``low`` to ``high``."""
    return Setting(key, label, "whole", default, help, low, high)


def number(key: str, label: str, default: float, low: float, high: float, help: str = "") -> Setting:  # noqa: A002
    """Any number from ``low`` to ``high``."""
    return Setting(key, label, "number", default, help, low, high)


def slider(
    key: str,
    label: str,
    default: float,
    low: float,
    high: float,
    step: float,
    help: str = "",  # noqa: A002
) -> Setting:
    """A number from ``low`` to ``high``, drawn as a slider, that the answer follows live."""
    return Setting(key, label, "number", default, help, low, high, look="slider", step=step, live=True)


def dial(
    key: str,
    label: str,
    default: float,
    low: float,
    high: float,
    step: float = 1.0,
    help: str = "",  # noqa: A002
    *,
    whole: bool = False,
    grid: Grid = "linear",
    unit: str = "",
) -> Setting:
    """A number from ``low`` to ``high``: a slider with a field, by ``step`` or, on a ``log`` grid, by ratios."""
    kind: Kind = "whole" if whole else "number"
    return Setting(key, label, kind, default, help, low, high, look="dial", step=step, grid=grid, unit=unit)


def scrub(key: str, label: str, places: tuple[float, ...], default: float, help: str = "") -> Setting:  # noqa: A002
    """A dial that rests at these ``places`` only, ascending; whole numbers if all of them are."""
    kind: Kind = "whole" if all(isinstance(place, int) for place in places) else "number"
    return Setting(key, label, kind, default, help, places[0], places[-1], look="dial", places=places)


def live(setting: Setting) -> Setting:
    """The same setting, as one that changes the answer alone."""
    return replace(setting, live=True)


def choice(key: str, label: str, choices: Mapping[str, str], default: str, help: str = "") -> Setting:  # noqa: A002
    """One of several values; ``choices`` maps each to the words shown for it."""
    return Setting(key, label, "choice", default, help, choices=tuple(Choice(*item) for item in choices.items()))


def flag(key: str, label: str, default: bool, help: str = "") -> Setting:  # noqa: A002
    """Yes or no."""
    return Setting(key, label, "flag", default, help)


def checked_settings(settings: tuple[Setting, ...], values: Any, name: str) -> dict[str, Any]:
    """The values of a study that differ from the defaults, checked.

    Raises ``Complaint`` for an unknown key or a bad value.
    """
    if not isinstance(values, Mapping):
        raise Complaint(f"The settings of the study {name!r} are named values, not {values!r}.")
    made = checked_values(settings, values, f"The study {name!r} has no setting")
    known = {one.key: one for one in settings}
    return {key: value for key, value in made.items() if value != known[key].default}


def checked_values(settings: tuple[Setting, ...], values: Mapping[str, Any], refusal: str) -> dict[str, Any]:
    """The given values, checked. Raises ``Complaint`` for a bad value, and, from ``refusal`` on, for an unknown key."""
    known = {one.key: one for one in settings}
    for key in values:
        if key not in known:
            near = get_close_matches(str(key), known, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(known) or 'none'}."
            raise Complaint(f"{refusal} {key!r}; {hint}")
    return {key: known[key].checked(value) for key, value in values.items()}
