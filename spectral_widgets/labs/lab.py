"""What a lab is: a short lesson, its dials, the draws they set, and what is seen in them."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..charts.later import alt
from ..charts.plot import Panel
from ..charts.plot_spec import plotted
from ..records.lab import LabFact
from ..records.setting import Setting, checked_values

Values = Mapping[str, Any]


def _n_draws(values: Values) -> int:
    return int(values["n_draws"])


def _no_caveat(record: Any) -> str:
    return ""


@dataclass(frozen=True, eq=False)
class Lab:
    """One lesson, all of it pure. ``draw_steps(values, seed)`` yields growing records; any of them can be shown.

    ``panels(record, theory)`` is the picture, ``facts(record)`` the numbers beside theory, ``sentence(record)`` the
    finding in plain words and ``caveat(record)`` what it does not say. A record has ``n_draws``, the draws it holds;
    ``n_draws(values)`` is how many there will be. ``animation`` names the dial that plays. ``text``, ``look_for``,
    ``question`` and ``answer`` are the lesson; an empty line parts paragraphs. ``examples`` are further places of the
    dials at which theory is tested.
    """

    name: str
    title: str
    order: int
    text: str
    look_for: str
    question: str
    answer: str
    dials: tuple[Setting, ...]
    draw_steps: Callable[[Values, int], Iterator[Any]]
    panels: Callable[[Any, bool], tuple[Panel, ...]]
    facts: Callable[[Any], Sequence[LabFact]]
    sentence: Callable[[Any], str]
    caveat: Callable[[Any], str] = _no_caveat
    n_draws: Callable[[Values], int] = _n_draws
    animation: str = ""
    examples: tuple[Values, ...] = ()

    def __repr__(self) -> str:
        return f"Lab({self.name!r}: {self.title})"

    @property
    def defaults(self) -> dict[str, Any]:
        """Where the dials stand at first."""
        return {dial.key: dial.default for dial in self.dials}

    def values(self, **given: Any) -> dict[str, Any]:
        """A place for every dial. Raises ``Complaint`` for a dial that is not there and for a place off its scale."""
        return self.defaults | checked_values(self.dials, given, f"The lab {self.name!r} has no dial")

    def draw(self, seed: int = 0, **given: Any) -> Any:
        """The complete record at these places of the dials."""
        return deque(self.draw_steps(self.values(**given), seed), maxlen=1).pop()

    def chart(self, record: Any, theory: bool = True) -> alt.Chart:
        """The picture of a record as an Altair chart, with or without the theory over it."""
        return plotted(self.panels(record, theory))

    def numbers(self, record: Any) -> tuple[LabFact, ...]:
        """The facts, with the number of draws first."""
        return LabFact("draws", record.n_draws, help="Independent draws behind every number."), *self.facts(record)

    def checks(self, record: Any) -> tuple[LabFact, ...]:
        """The facts that theory foretells at this size."""
        return tuple(fact for fact in self.facts(record) if fact.checked)

    def words(self, record: Any) -> str:
        """The finding, and what it does not say."""
        return " ".join(filter(None, (self.sentence(record), self.caveat(record))))

    def code(self, values: Values, seed: int = 0, theory: bool = True) -> str:
        """Python that gives the same record as ``result``, and its chart."""
        moved = [f"{key}={value!r}" for key, value in values.items() if value != self.defaults[key]]
        drawn = ", ".join([*moved, f"seed={seed}"])
        return (
            "import spectral_widgets as sw\n\n"
            f"lab = sw.labs.lab_named({self.name!r})\n"
            f"result = lab.draw({drawn})\n"
            f"chart = lab.chart(result, theory={theory})\n"
            "chart\n"
        )
