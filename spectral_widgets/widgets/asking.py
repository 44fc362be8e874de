"""Asking a question of the bench: which one, whether it can be asked, and keeping what is found."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ..records import Complaint
from .state import BenchState
from .studies.registry import study_named
from .studies.study import Answered, Asked, Study

if TYPE_CHECKING:
    from .bench import Bench


def choices(state: BenchState, study: str | None, settings: Mapping[str, Any]) -> dict[str, Any]:
    """The changes of the screen's choices that choose this study with these settings beside those it has."""
    chosen = study_named(study if study is not None else state.study)
    own = {**state.study_settings.get(chosen.name, {}), **settings}
    return {"study": chosen.name, "study_settings": {**state.study_settings, chosen.name: own}}


def askable(bench: Bench) -> Study:
    """The chosen question. Raises ``Complaint`` when there is none or it cannot be asked now."""
    if bench.study is None:
        raise Complaint("Choose a question first.")
    why_not = bench.study.why_not(bench.asked(bench.study))
    if why_not:
        raise Complaint(why_not)
    return bench.study


def answer_steps(bench: Bench, study: Study, asked: Asked, key: tuple[object, ...]) -> Iterator[Any]:
    """The steps of a study, each result kept; a failure is kept too, as its sentence."""
    bench.unanswered.pop(key, None)
    bench.answers.pop(key, None)
    last = None
    try:
        for last in study.steps(asked):
            bench.answers[key] = Answered(study, asked, last)
            yield last
        bench.answers[key] = Answered(study, asked, last, is_complete=True)
    except Complaint as complaint:
        bench.unanswered[key] = str(complaint)
        raise
