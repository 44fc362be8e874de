"""The Python that gives the same state without the mouse."""

from __future__ import annotations

from collections.abc import Iterable

from ..records import AblationResult, ChangeEntries, Edit, Finding, Probe, RemoveTrap, SubtractMean, Trap
from .state import BenchState

_IMPORT = "import spectral_widgets as sw\n"


def screen_recipe(
    model_code: str, state: BenchState, probe: Probe | None, ablated: bool, findings: Iterable[Finding]
) -> str:
    """Code that opens the same screen: model, every choice, the ablation if one was run, and the pins' notes."""
    settings = "".join(f",\n    {key}={value!r}" for key, value in state.non_default().items())
    probe_setting = ",\n    probe=probe" if probe is not None else ""
    lines = [_IMPORT, f"model = {model_code}"]
    if probe is not None:
        lines.append(f"probe = {probe_code(probe)}")
    ending = ",\n)" if settings or probe_setting else ")"
    lines.append(f"bench = sw.explore(\n    model{probe_setting}{settings}{ending}".replace("(\n    model)", "(model)"))
    lines.append("bench.wait()")
    if ablated:
        lines.append("bench.ablate().wait()")
    lines += [f"# pinned: {one.claim}" for one in findings]
    return "\n".join(lines) + "\nbench\n"


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
    last = state.seed + state.n_shuffles
    return f"sw.find_traps(layer, seeds=range({state.seed}, {last}), level={state.level}, engine={state.engine!r})"


def ablation_code(trap_lines: str, result: AblationResult) -> str:
    """Code that repeats an ablation of ``trap``."""
    plan = result.plan
    seed = plan.controls[0].seed // 1000 if plan.controls else 0  # type: ignore[union-attr]
    call = (
        f"result = sw.ablate(model, {_edit_code(plan.edit)}, trap=trap,\n"
        f"    probe={probe_code(plan.probe)},\n    n_controls={len(plan.controls)}, seed={seed})\n"
    )
    return trap_lines + call


def probe_code(probe: Probe) -> str:
    """The call that makes a probe again; the user's own data stand as ``data``."""
    if probe.kind == "tokens":
        return (
            f"sw.probes.random_tokens(n={probe.n}, length={probe.shape[0]}, seed={probe.seed}, "
            f"vocabulary_size={probe.vocabulary_size})"
        )
    if probe.kind == "data":
        return "sw.probes.batch(data)"
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
