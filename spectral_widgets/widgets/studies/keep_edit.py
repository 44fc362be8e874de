"""Keep the edit? A new model with the edit made for good, and on request a file of it; never in place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from ... import charts
from ...probing.applying import applied, saved_once
from ...probing.plans import EditName, edit_for, label_of, sentence_of
from ...records import Edit, TrapScan
from ...spectra.traps import find_traps_steps
from .. import text
from ..views import Json, fact
from .settings import choice, flag
from .shared import scan_call, trap_lines, trap_name
from .study import Answer, Asked, Study, also_ask, layer_of, trap_of

_EDITS = {
    "remove": "plain removal",
    "replace": "replace by random",
    "subtract_mean": "subtract the mean",
    "change_entries": "change the named entries",
}
_CODE = {
    "remove": "sw.RemoveTrap(trap, 'zero')",
    "replace": "sw.RemoveTrap(trap, 'random')",
    "subtract_mean": "sw.SubtractMean(layer.ref)",
    "change_entries": "sw.ChangeEntries(layer.ref, trap.culprits)",
}


def steps(asked: Asked) -> Iterator[TrapScan]:
    """Make the edited model, write it if that is wanted, and shuffle its layer as the screen does."""
    state, edit = asked.state, _edit(asked)
    new = applied(asked.model, edit)
    matrix = new.read(layer_of(asked).name)
    if asked.settings["save"]:
        saved_once(new, edit, asked.model, target_of(asked))
    for scan in find_traps_steps(matrix, state.seeds, state.level, state.engine, view=state.view):
        yield replace(scan, caveat=" ".join(filter(None, [scan.caveat, *(f"{words}." for words in new.caveats)])))


def target_of(asked: Asked) -> Path:
    """The file, in the working directory, named after model, layer, trap and edit."""
    trap = trap_of(asked)
    parts = (asked.model.name, trap.layer.name, f"seed{trap.seed}", f"trap{trap.index + 1}", asked.settings["edit"])
    return Path.cwd() / ("-".join(re.sub(r"[^\w.]+", "_", part).strip("_.") for part in parts) + ".safetensors")


def answer(asked: Asked, scan: TrapScan) -> Answer:
    """What the edited model is, whether the trap is gone, and where the file is."""
    trap, saved = trap_of(asked), asked.settings["save"]
    before = [] if asked.scan is None or not asked.scan.seeds else [("as it is", asked.scan)]
    named = [*before, ("edited", scan)] if scan.seeds else []
    return Answer(
        sentence=_sentence(asked, scan),
        facts=[
            fact("edit", label_of(_edit(asked)), sentence_of(_edit(asked))),
            fact("traps before", _counts(asked.scan), "One number per shuffle."),
            fact("traps after", _counts(scan), "The same seeds, in the edited model."),
            fact("file", str(target_of(asked)) if saved else "none written"),
        ],
        charts=[(charts.trap_strips(named), charts.trap_strips_text(named))] if named else [],
        caveat=scan.caveat,
        actions=[] if saved else [_save(asked)],
        code=_code(asked),
        evidence={"trap": trap.index, "edit": asked.settings["edit"], "after": list(scan.counts)},
    )


def _edit(asked: Asked) -> Edit:
    name: EditName = asked.settings["edit"]
    return edit_for(trap_of(asked), name)


def _counts(scan: TrapScan | None) -> str:
    return "–" if scan is None else text.counts(scan.counts) or "–"


def _sentence(asked: Asked, scan: TrapScan) -> str:
    trap = trap_of(asked)
    was, now = len(asked.scan.of_seed(trap.seed)) if asked.scan else 0, len(scan.of_seed(trap.seed))
    count = f"{text.plural(was, 'trap')} before, {now or 'none'} after in that shuffle"
    start = f"In a new model {trap_name(trap)} is edited ({label_of(_edit(asked))}): {count}."
    if asked.settings["save"]:
        return f"{start} Saved as {target_of(asked)}."
    return f"{start} Nothing is written yet: sw.apply gives this model, and the button saves it."


def _save(asked: Asked) -> Json:
    chosen = asked.state.study_settings
    changes = {"study_settings": {**chosen, "keep_edit": {**chosen.get("keep_edit", {}), "save": True}}}
    where = f"Writes all tensors to {target_of(asked).name} in {Path.cwd()}; its metadata says what was done."
    return also_ask("Save as a safetensors file", "keep_edit", where, **changes)


def _refuses(asked: Asked) -> str:
    if asked.settings["edit"] == "change_entries" and not trap_of(asked).culprits:
        return "No single entries cause this trap, so there are none to change: choose another edit."
    return ""


def _code(asked: Asked) -> str:
    path = f", {target_of(asked).name!r}" if asked.settings["save"] else ""
    return asked.code(
        *trap_lines(asked),
        f"edited = sw.apply(model, {_CODE[asked.settings['edit']]}{path})",
        f"result = {scan_call(asked.state, f'edited.layers[{layer_of(asked).name!r}]')}",
    )


STUDY = Study(
    name="keep_edit",
    title="Keep the edit?",
    about="trap",
    help="Makes a new model with the edit for good, looks whether the trap is gone from it, and can save it as a "
    "file. The model on the screen is never changed.",
    steps=steps,
    answer=answer,
    settings=(
        choice("edit", "Edit", _EDITS, "remove", "What is done to the trap."),
        flag("save", "Write a file", False, "Saves all tensors as safetensors into the working directory when asked."),
    ),
    refuses=_refuses,
    n_steps=lambda asked: asked.state.n_shuffles,
)
