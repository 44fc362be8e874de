"""The questions panel: what can be asked, the settings of the chosen question, and its answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..studies.registry import STUDIES
from ..studies.study import Asked, Study
from . import Json

if TYPE_CHECKING:
    from ..known import Known

_INVITATION = "Choose a question: it is answered in a sentence, with its chart."
_NOTHING: Json = {
    "study": None,
    "title": "",
    "help": "",
    "settings": [],
    "sentence": "",
    "facts": [],
    "charts": [],
    "tables": [],
    "caveat": "",
    "actions": [],
    "code": "",
}


def study_view(known: Known, active: bool) -> Json:
    """The panel in every situation: no question, one that cannot be asked, ready, working, done, failed."""
    study, missing = known.study, known.missing
    view = {**_NOTHING, "questions": [_question(one, known.asked(one, missing)) for one in STUDIES.values()]}
    if study is None:
        return {
            **view,
            "status": "empty",
            "message": "Choose a question: it is answered in a sentence, with its chart.",
        }
    asked = known.asked(study, missing)
    values = asked.settings
    settings = [one.to_json(values[one.key]) for one in study.settings]
    view |= {"study": study.name, "title": study.title, "help": study.help, "settings": settings}
    return {**view, **_state(known, study, study.why_not(asked), active)}


def _question(study: Study, asked: Asked) -> Json:
    why_not = study.why_not(asked)
    return {
        "value": study.name,
        "title": study.title,
        "about": study.about,
        "topic": study.topic,
        "help": study.help,
        "enabled": not why_not,
        "why_not": why_not,
    }


def _state(known: Known, study: Study, why_not: str, active: bool) -> Json:
    answered, failure = known.answered, known.unanswered.get(study.key(known.state), "")
    if answered is not None:
        status = "working" if active else "done"
        part = "" if active or answered.is_complete else "Stopped before the end; this is what was found so far."
        return {**answered.answer.shown, "status": "failed" if failure else status, "message": failure or part}
    if failure:
        return {"status": "failed", "message": failure}
    if why_not:
        return {"status": "unavailable", "message": why_not}
    if active:
        return {"status": "working", "message": "Working on the first part …"}
    return {"status": "ready", "message": ""}
