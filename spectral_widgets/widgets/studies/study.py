"""What a study is: a question in plain words, the steps that answer it, and the answer as the page shows it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from ...records import Complaint, Probe, Trap, TrapScan, WeightMatrix
from ..views import Json, chart_json
from .settings import Setting

if TYPE_CHECKING:
    from ...weights.layers import Layer
    from ...weights.model import Model
    from ..other import Other
    from ..state import BenchState

About = Literal["layer", "trap", "model"]
#: The choices of the screen that an answer depends on, by what it is about; a study may name more.
DEPENDS: dict[About, tuple[str, ...]] = {
    "layer": ("layer", "seed", "n_shuffles", "level", "engine", "view"),
    "trap": ("layer", "seed", "n_shuffles", "level", "engine", "view", "trap"),
    "model": (),
}


@dataclass(frozen=True, eq=False)
class Asked:
    """What a study is given, frozen at the moment of asking. ``scan`` and ``trap`` are those of the screen, if any.

    ``settings`` holds a value for every setting. ``matrix()`` reads the chosen layer, ``probe()`` makes the inputs of
    an ablation (raises ``Complaint`` where the model cannot run; ``missing`` then says why).
    """

    model: Model
    state: BenchState
    settings: Mapping[str, Any]
    layer: Layer | None
    scan: TrapScan | None
    trap: Trap | None
    matrix: Callable[[], WeightMatrix]
    probe: Callable[[], Probe]
    missing: str = ""
    probe_code: str = ""
    other: Other | None = None

    def code(self, *lines: str) -> str:
        """Python that answers the same: the model, the layer, the trap where one is asked about, then ``lines``.

        The last line sets ``result`` to what the last step gave.
        """
        start = ["import spectral_widgets as sw", "", f"model = {self.model.code}"]
        if self.layer is not None:
            start.append(f"layer = model.layers[{self.layer.name!r}]")
        return "\n".join([*start, *lines, ""])


@dataclass(frozen=True)
class Answer:
    """An answer ready to show: the finding in one sentence, and what it rests on.

    ``charts`` are Altair charts with their alternative texts, ``tables`` come from :func:`table`, ``facts`` from
    ``views.fact``, ``actions`` from :func:`go` and :func:`also_ask`. ``evidence`` is what a pin keeps, plain JSON.
    """

    sentence: str
    facts: Sequence[Json] = ()
    charts: Sequence[tuple[Any, str]] = ()
    tables: Sequence[Json] = ()
    caveat: str = ""
    actions: Sequence[Json] = ()
    code: str = ""
    evidence: Json = field(default_factory=dict)

    @cached_property
    def shown(self) -> Json:
        """The answer as JSON for the page."""
        return {
            "sentence": self.sentence,
            "facts": list(self.facts),
            "charts": [chart_json(chart, words) for chart, words in self.charts],
            "tables": list(self.tables),
            "caveat": self.caveat,
            "actions": list(self.actions),
            "code": self.code,
        }


def _always(asked: Asked) -> str:
    return ""


def _unknown(asked: Asked) -> int:
    return 0


def _last(asked: Asked, last: Any) -> Any:
    return last


@dataclass(frozen=True)
class Study:
    """One question. ``steps`` yields growing partial results and is closed between two of them when cancelled.

    ``answer`` turns the last of them into what is shown, at any time. ``refuses`` says in a sentence why the question
    cannot be asked now, at no cost; empty when it can. ``n_steps`` counts the steps ahead, 0 where that is not
    known. ``also_depends`` names further choices of the screen that the answer depends on, such as ``n_probes``.
    ``result`` is what the code of the answer calls ``result``, the last partial result itself unless it is named.
    ``topic`` is the heading under which the question stands.
    """

    name: str
    title: str
    about: About
    help: str
    steps: Callable[[Asked], Iterator[Any]]
    answer: Callable[[Asked, Any], Answer]
    settings: tuple[Setting, ...] = ()
    refuses: Callable[[Asked], str] = _always
    n_steps: Callable[[Asked], int] = _unknown
    also_depends: tuple[str, ...] = ()
    result: Callable[[Asked, Any], Any] = _last
    topic: str = "Traps"

    def why_not(self, asked: Asked) -> str:
        """Why it cannot be asked now; empty when it can."""
        if self.about != "model":
            if asked.layer is None:
                return "Choose a layer first."
            if asked.layer.caveat:
                return asked.layer.caveat
        if self.about == "trap" and asked.trap is None:
            return "Choose a trap first: a mark in the spectrum, or a button under it."
        return self.refuses(asked)

    def values(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """A value for every setting."""
        return {one.key: given.get(one.key, one.default) for one in self.settings}

    def key(self, state: BenchState) -> tuple[object, ...]:
        """Everything that is measured for the answer depends on, so that it is found again."""
        chosen = state.to_json()
        depends = {name: chosen[name] for name in (*DEPENDS[self.about], *self.also_depends)}
        live = {one.key for one in self.settings if one.live}
        own = [item for item in chosen["study_settings"].get(self.name, {}).items() if item[0] not in live]
        return self.name, repr(depends), repr(sorted(own))

    @property
    def is_live(self) -> bool:
        """Whether some of its settings change the answer without another run."""
        return any(one.live for one in self.settings)


@dataclass(frozen=True, eq=False)
class Answered:
    """A study as far as it got."""

    study: Study
    asked: Asked
    last: Any
    is_complete: bool = False

    @cached_property
    def answer(self) -> Answer:
        return self.study.answer(self.asked, self.last)

    @property
    def result(self) -> Any:
        """What the code of the answer calls ``result``."""
        return self.study.result(self.asked, self.last)

    def with_settings(self, state: BenchState) -> Answered:
        """The same evidence, answered for the settings of this state; itself where they are those it has."""
        settings = self.study.values(state.study_settings.get(self.study.name, {}))
        if settings == self.asked.settings:
            return self
        return replace(self, asked=replace(self.asked, settings=settings, state=state))


def column(key: str, title: str, *, numeric: bool = False, help: str = "") -> Json:  # noqa: A002
    """One column of a table."""
    return {"key": key, "title": title, "numeric": numeric, "help": help}


def table(caption: str, columns: Sequence[Json], rows: Sequence[Json]) -> Json:
    """A table; a row with ``changes`` is a link that makes these changes of the screen's choices."""
    return {"caption": caption, "columns": list(columns), "rows": list(rows)}


def go(label: str, help: str = "", **changes: Any) -> Json:  # noqa: A002
    """A button that changes choices of the screen."""
    return {"label": label, "help": help, "changes": changes}


def also_ask(label: str, study: str, help: str = "", **changes: Any) -> Json:  # noqa: A002
    """A button that asks another question, after changing choices."""
    return {"label": label, "help": help, "study": study, "changes": changes}


def tune(label: str, study: str, help: str = "", **settings: Any) -> Json:  # noqa: A002
    """A button that sets these settings of a question and leaves everything else as it is."""
    return {"label": label, "help": help, "changes": {}, "settings": {study: settings}}


def layer_of(asked: Asked) -> Layer:
    """The chosen layer. Raises ``Complaint`` when there is none."""
    if asked.layer is None:
        raise Complaint("Choose a layer first.")
    return asked.layer


def trap_of(asked: Asked) -> Trap:
    """The chosen trap. Raises ``Complaint`` when there is none."""
    if asked.trap is None:
        raise Complaint("Choose a trap first: a mark in the spectrum, or a button under it.")
    return asked.trap
