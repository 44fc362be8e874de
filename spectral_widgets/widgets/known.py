"""What is chosen on the screen and what is known of it; reading only."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from ..findings import FindingStore
from ..metrics import Evidence, frame_of, table_of
from ..probing.fitting import fitted, fitting_probe
from ..records import AblationResult, Complaint, Probe, Trap, TrapScan
from ..weights.layers import Layer, LayerList
from ..weights.model import Model
from .memory import Memory, key_of
from .recipe import Scene, screen_recipe
from .state import BenchState

ResultKey = tuple[object, ...]


class Known:
    """A model, the choices of one screen, and everything computed so far."""

    def __init__(self, model: Model, state: BenchState, probe: Probe | None = None) -> None:
        self.model, self.given_probe = model, probe
        self.memory, self.findings = Memory(), FindingStore()
        self.results: dict[ResultKey, AblationResult] = {}
        self.pinned: dict[str, Scene] = {}
        self._state = state

    @property
    def state(self) -> BenchState:
        return self._state

    @property
    def layer(self) -> Layer | None:
        return self.model.layers[self._state.layer] if self._state.layer is not None else None

    @property
    def selected(self) -> LayerList:
        chosen = set(self._state.selected)
        return LayerList(layer for layer in self.model.layers if layer.name in chosen)

    @property
    def evidence(self) -> Evidence | None:
        return self.memory.evidence(self._state.layer) if self._state.layer else None

    @property
    def scan(self) -> TrapScan | None:
        return self.memory.scan(self._state.layer, self._state) if self._state.layer else None

    @property
    def published(self) -> tuple[int, ...]:
        """Trap counts by the published rule on the same shuffles, as far as they are computed."""
        return self.memory.published.get(key_of(self._state.layer or "", self._state), ())

    @property
    def trap(self) -> Trap | None:
        scan, chosen = self.scan, self._state.trap
        if scan is None or chosen is None:
            return None
        found = scan.of_seed(chosen["seed"])
        return found[chosen["index"]] if 0 <= chosen["index"] < len(found) else None

    @property
    def ablation(self) -> AblationResult | None:
        return self.results.get(self.result_key())

    @property
    def missing(self) -> str:
        """What is missing to run the model; empty when it runs."""
        if self.model.module is None:
            return self.model.missing
        try:
            self.probe()
        except Complaint as complaint:
            return str(complaint)
        return ""

    def probe(self) -> Probe:
        """The inputs of the next ablation: the user's, or random ones that fit the model."""
        if self.given_probe is not None:
            return fitted(self.model, self.given_probe)
        return fitting_probe(self.model, self._state.n_probes, self._state.probe_seed)

    def table(self) -> pd.DataFrame:
        """The measured layers as a frame, all metrics; layers that are not measured yet are left out."""
        measured = [self.memory.measured(name) for name in self.model.layers.names]
        return frame_of(table_of(evidence for evidence in measured if evidence is not None))

    def recipe(self) -> str:
        """Python that gives this screen again, pins and all."""
        scenes = [replace(self.pinned[one.id], note=one.note) for one in self.findings.items]
        return screen_recipe(self.model.code, [*scenes, self.scene()], self.given_probe)

    def scene(self) -> Scene:
        """The screen as it is now."""
        return Scene(self._state, self.ablation is not None and bool(self.ablation.n_done))

    def result_key(self) -> ResultKey:
        """What an ablation depends on, so that each result is found again."""
        state = self._state
        trap = tuple(sorted(state.trap.items())) if state.trap else None
        return (
            *key_of(state.layer or "", state)[::3],
            trap,
            state.edit,
            state.n_probes,
            state.n_controls,
            state.probe_seed,
        )
