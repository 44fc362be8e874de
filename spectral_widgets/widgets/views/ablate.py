"""The randomise-and-ablate test: what is asked, how far it is, what it says."""

from __future__ import annotations

from ... import charts
from ...probing.plans import EDIT_NAMES, caveat_of, edit_for, label_of, sentence_of
from ...probing.verdict import rule_for
from ...records import AblationResult, Probe, Track, Trap
from .. import text
from ..state import BenchState
from . import Json, chart_json
from .ablate_choices import n_changed
from .measures import measures_of

_HELP = {
    "replace": "Take the trap's component out and put noise of the same mean and deviation in: the published test.",
    "remove": "Take the trap's component out and put nothing in its place.",
    "subtract_mean": "Subtract the layer's mean from every entry: the exact limit of a mean-offset trap.",
    "change_entries": "Set the named entries to the layer's mean: the exact limit of a trap made by single entries.",
}
_LABELS = {
    "replace": "replace by random",
    "remove": "plain removal",
    "subtract_mean": "subtract the mean",
    "change_entries": "change the named entries",
}


def ablate_view(
    state: BenchState,
    trap: Trap | None,
    probe: Probe | None,
    missing: str,
    result: AblationResult | None,
    active: bool,
    *,
    fields: list[Json],
    unit: str = "nats",
) -> Json:
    """The panel in every situation: nothing to run, ready, running, or done."""
    view = {
        "edits": _edits(trap),
        "edit_sentence": "" if trap is None else _sentence(trap, state),
        "probe_sentence": "" if probe is None else f"Inputs: {probe.description}.",
        "rule": _rule(state, probe, unit),
        "verdict": None,
        "n_done": 0,
        "n_planned": state.n_probes if probe is None else probe.n,
        "charts": [],
        "rows": [],
        "measures": [],
        "fields": fields,
        "fields_changed": n_changed(state),
        "caveat": "",
    }
    if missing:
        return {**view, "status": "unavailable", "message": missing}
    if trap is None:
        return {
            **view,
            "status": "empty",
            "message": "Choose a layer, then a trap in its spectrum: its harm is measured here.",
        }
    if result is None or not result.n_done:
        status = "working" if active else "ready"
        return {**view, "status": status, "message": "Measuring the first batch …" if active else _invitation()}
    return {**view, **_measured(result), "status": "working" if active else "done", "message": _message(result, active)}


def _rule(state: BenchState, probe: Probe | None, unit: str) -> str:
    labelled = probe is not None and probe.labels is not None
    return rule_for(
        state.n_controls, labelled=labelled, stop=state.stop, smallest_effect=state.smallest_effect, unit=unit
    )


def _invitation() -> str:
    return "Press Run: the same inputs pass through the model with and without the edit."


def _message(result: AblationResult, active: bool) -> str:
    if active:
        return ""
    if result.is_complete:
        return f"Done on {result.device} in {result.precision}; the model is as it was."
    done = text.plural(result.n_done, "probe")
    return f"Stopped after {done} of {result.plan.probe.n}; what was measured is kept, the model is as it was."


def _measured(result: AblationResult) -> Json:
    verdict = None
    if result.n_done:
        verdict = {"word": result.verdict.word, "reason": result.verdict.reason}
    return {
        "rule": result.verdict.rule,
        "verdict": verdict,
        "edit_sentence": sentence_of(result.plan.edit),
        "probe_sentence": f"Inputs: {result.plan.probe.description}.",
        "n_done": result.n_done,
        "n_planned": result.plan.probe.n,
        "charts": [
            chart_json(charts.divergence(result), charts.ablation_text(result)),
            chart_json(charts.comparison(result), charts.ablation_text(result)),
        ],
        "rows": _rows(result),
        "measures": measures_of(result),
        "caveat": result.caveat,
    }


def _rows(result: AblationResult) -> list[Json]:
    strongest = max(result.controls, key=lambda track: float(track.mean[-1]), default=None)
    rows = [_row(result.edit, "edit")] + [_row(track, "companion") for track in result.companions]
    if strongest is not None:
        rows.append({**_row(strongest, "control"), "label": f"strongest of {len(result.controls)} matched controls"})
    return rows


def _row(track: Track, role: str) -> Json:
    value = text.number(float(track.mean[-1]))
    if track.cosine is not None and len(track.cosine):
        value += f" (cosine {track.cosine.mean():.6f})"
    interval = f"{text.number(float(track.low[-1]))} to {text.number(float(track.high[-1]))}"
    return {"label": track.label, "role": role, "value": value, "interval": interval}


def _edits(trap: Trap | None) -> list[Json]:
    return [
        {
            "value": name,
            "label": _LABELS[name],
            "help": _HELP[name],
            "enabled": trap is None or name != "change_entries" or bool(trap.culprits),
        }
        for name in EDIT_NAMES
    ]


def _sentence(trap: Trap, state: BenchState) -> str:
    if state.edit == "change_entries" and not trap.culprits:
        return "No single entries cause this trap: choose another edit."
    edit = edit_for(trap, state.edit, state.probe_seed)
    return " ".join(filter(None, (sentence_of(edit), caveat_of(edit)))) or label_of(edit)
