"""The Python that gives the same state without the mouse."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..records import (
    AblationPlan,
    AblationResult,
    ChangeEntries,
    Edit,
    MatchedControl,
    Probe,
    RemoveTrap,
    SubtractMean,
    Trap,
)
from .state import BenchState
from .studies.shared import scan_call

_IMPORT = "import spectral_widgets as sw\n"
_WIDTH = 100


@dataclass(frozen=True, slots=True)
class Scene:
    """One state of the screen: its choices, what was run on it, what of it was pinned, and with which note."""

    state: BenchState
    ablated: bool
    asked: bool = False
    what: str = "screen"
    note: str | None = None


def screen_recipe(model_code: str, scenes: Sequence[Scene], probe: Probe | None, other_code: str = "") -> str:
    """Code that opens the same screen: model, choices, ablations and pins, in the order they were made."""
    first, *others = scenes
    lines = [_IMPORT, f"model = {model_code}"]
    if probe is not None:
        lines.append(f"probe = {probe_code(probe)}")
    if other_code:
        lines.append(f"other = {other_code}")
    given = ({"probe": "probe"} if probe is not None else {}) | ({"compare": "other"} if other_code else {})
    settings = given | _said(first.state.non_default())
    lines += [f"bench = {_call('sw.explore', ['model'], settings)}", "bench.wait()", *_doings(first)]
    shown = first.state
    for scene in others:
        changes = _said(scene.state.changes_from(shown))
        lines += [f"{_call('bench.set', [], changes)}.wait()"] if changes else []
        lines += _doings(scene)
        shown = scene.state
    return "\n".join(lines) + "\nbench\n"


def _said(values: Mapping[str, object]) -> dict[str, str]:
    return {key: repr(value) for key, value in values.items()}


def _call(name: str, positional: list[str], settings: Mapping[str, str]) -> str:
    arguments = [*positional, *(f"{key}={value}" for key, value in settings.items())]
    short = f"{name}({', '.join(arguments)})"
    if len(short) <= _WIDTH:
        return short
    return f"{name}(\n" + "".join(f"    {argument},\n" for argument in arguments) + ")"


def _doings(scene: Scene) -> list[str]:
    done = ["bench.ablate().wait()"] if scene.ablated else []
    done += ["bench.ask().wait()"] if scene.asked else []
    if scene.note is None:
        return done
    what = "" if scene.what == "screen" else f", {scene.what!r}"
    return [*done, f"bench.pin({scene.note!r}{what})"]


def trap_code(model_code: str, trap: Trap, scan_code: str) -> str:
    """Code that finds one trap again, with no screen."""
    return "\n".join(
        [
            _IMPORT,
            f"model = {model_code}",
            f"layer = model.layers[{trap.layer.name!r}]",
            f"scan = {scan_code}",
            f"trap = scan.of_seed({trap.seed})[{trap.index}]",
            "",
        ]
    )


def layer_code(model_code: str, layer: str, scan_code: str) -> str:
    """Code that measures one layer again."""
    return "\n".join(
        [
            _IMPORT,
            f"model = {model_code}",
            f"layer = model.layers[{layer!r}]",
            "table = sw.measure([layer])",
            f"scan = {scan_code}",
            "",
        ]
    )


def scan_code(state: BenchState) -> str:
    """The call that scans the chosen layer as the screen does."""
    return scan_call(state)


def ablation_code(trap_lines: str, result: AblationResult) -> str:
    """Code that repeats an ablation of ``trap``."""
    plan = result.plan
    seed = plan.controls[0].seed // 1000 if plan.controls else 0  # type: ignore[union-attr]
    call = (
        f"result = sw.ablate(model, {_edit_code(plan.edit)}, trap=trap,\n"
        f"    probe={probe_code(plan.probe)},\n    n_controls={len(plan.controls)}, seed={seed}{_choices_code(plan)})\n"
    )
    return trap_lines + call


def _choices_code(plan: AblationPlan) -> str:
    """The choices of a plan that are not the usual ones."""
    kinds = tuple(dict.fromkeys(one.kind for one in plan.controls if isinstance(one, MatchedControl)))
    said: dict[str, object] = {} if kinds in ((), ("moved",)) else {"controls": kinds}
    said |= {} if plan.stop == "all" else {"stop": plan.stop}
    said |= {} if plan.smallest_effect == 0 else {"smallest_effect": plan.smallest_effect}
    return "".join(f",\n    {key}={value!r}" for key, value in said.items())


def probe_code(probe: Probe) -> str:
    """The call that makes a probe again; the user's own data stand as ``data``, with ``labels``."""
    code = _inputs_code(probe)
    return code if probe.temperature == 1.0 else f"sw.probes.at_temperature({code}, {probe.temperature})"


def _inputs_code(probe: Probe) -> str:
    if probe.code:
        return probe.code
    if probe.kind == "tokens":
        return (
            f"sw.probes.random_tokens(n={probe.n}, length={probe.shape[0]}, seed={probe.seed}, "
            f"vocabulary_size={probe.vocabulary_size})"
        )
    if probe.kind == "data":
        return "sw.probes.batch(data)" if probe.labels is None else "sw.probes.labelled(data, labels)"
    if probe.kind == "uniform":
        half = math.sqrt(3) * probe.standard_deviation
        ends = f"low={probe.mean - half}, high={probe.mean + half}"
        return f"sw.probes.uniform(n={probe.n}, shape={probe.shape}, seed={probe.seed}, {ends})"
    moments = f"mean={probe.mean}, standard_deviation={probe.standard_deviation}"
    if probe.kind == "images":
        return f"sw.probes.gaussian_images(n={probe.n}, shape={probe.shape}, seed={probe.seed}, {moments})"
    return f"sw.probes.gaussian_vectors(n={probe.n}, size={probe.shape[0]}, seed={probe.seed}, {moments})"


def _edit_code(edit: Edit) -> str:
    if isinstance(edit, RemoveTrap):
        return f"sw.RemoveTrap(trap, {edit.replacement!r}, seed={edit.seed})"
    if isinstance(edit, SubtractMean):
        return "sw.SubtractMean(layer.ref)"
    if isinstance(edit, ChangeEntries):
        return "sw.ChangeEntries(layer.ref, trap.culprits)"
    raise TypeError(f"no code for {edit!r}")
