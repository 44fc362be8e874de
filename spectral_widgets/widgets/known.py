"""What is chosen on the screen and what is known of it; reading only."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from math import nan

import pandas as pd

from ..findings import FindingStore
from ..metrics import Evidence, frame_of, metrics_named
from ..probing.choosing import probe_of_kind
from ..records import AblationResult, Complaint, Measurement, Probe, Table, Trap, TrapScan, WeightMatrix
from ..weights.layers import Layer, LayerList
from ..weights.model import Model
from .columns import cheap, measured_on_request
from .memory import Memory, key_of
from .other import Other
from .reading import ReportedWeights
from .recipe import Scene, probe_code, screen_recipe
from .state import BenchState
from .studies.registry import STUDIES
from .studies.study import Answered, Asked, Study
from .views import spectrum as spectrum_panel

ResultKey = tuple[object, ...]


class Known:
    """A model, the choices of one screen, and everything computed so far."""

    def __init__(self, model: Model, state: BenchState, probe: Probe | None = None, other: Model | None = None) -> None:
        self.model, self.given_probe = model, probe
        self.other = Other(model, other) if other is not None else None
        self.memory, self.findings = Memory(), FindingStore()
        self.memory.ask_exactly(state.exact)
        self.results: dict[ResultKey, AblationResult] = {}
        #: Ablations that came with a report, by layer, seed and index of the trap.
        self.read_results: dict[tuple[str, int, int], AblationResult] = {}
        #: Whether some findings came with a report, so that their code is somebody else's.
        self.has_strangers = False
        self.pinned: dict[str, Scene] = {}
        self.answers: dict[ResultKey, Answered] = {}
        self.unanswered: dict[ResultKey, str] = {}
        self._live: Answered | None = None
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
        return self.memory.evidence(self._state.layer, self._state.view) if self._state.layer else None

    @property
    def beside(self) -> spectrum_panel.Beside | None:
        """What the other model has in the place of the chosen layer; ``None`` where one model is shown alone."""
        name, other = self._state.layer, self.other
        if other is None or name is None:
            return None
        return spectrum_panel.Beside(other.name, other.evidence(name, self._state.view), other.why_not(name))

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
        found, trap = self.results.get(self.result_key()), self.trap
        if found is None and trap is not None and self.read_results:
            found = self.read_results.get((trap.layer.name, trap.seed, trap.index))
        return found

    @property
    def is_reading(self) -> bool:
        """Whether a report stands in the place of the model."""
        return isinstance(self.model, ReportedWeights)

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
        """The inputs of the next ablation. Raises ``Complaint`` when there are none of the chosen kind."""
        state = self._state
        return probe_of_kind(
            self.model,
            state.probe_kind,
            state.n_probes,
            state.probe_seed,
            given=self.given_probe,
            temperature=state.temperature,
        )

    def table(self) -> pd.DataFrame:
        """The measured layers as a frame, every metric that was measured; layers not measured yet are left out."""
        known = self.memory.measured
        layers = [layer.ref for layer in self.model.layers if self.memory.is_measured(layer.name)]
        asked = {name for ref in layers for name in known[ref.name]} - set(cheap())
        cards = [one.card for one in metrics_named() + metrics_named(measured_on_request(asked))]
        missing = "Not measured yet."
        rows = [
            tuple(known[ref.name].get(card.name, Measurement(ref.name, card.name, nan, missing)) for card in cards)
            for ref in layers
        ]
        return frame_of(Table(tuple(layers), tuple(cards), tuple(rows)))

    def recipe(self) -> str:
        """Python that gives this screen again, pins and all."""
        pinned = [one for one in self.findings.items if one.id in self.pinned]
        scenes = [replace(self.pinned[one.id], note=one.note) for one in pinned]
        other = self.other.code if self.other is not None else ""
        return screen_recipe(self.model.code, [*scenes, self.scene()], self.given_probe, other)

    def scene(self) -> Scene:
        """The screen as it is now."""
        ablated = self.ablation is not None and bool(self.ablation.n_done)
        return Scene(self._state, ablated, self.answered is not None)

    # ---- questions

    @property
    def study(self) -> Study | None:
        """The chosen question."""
        return STUDIES[self._state.study] if self._state.study else None

    @property
    def answered(self) -> Answered | None:
        """The answer to the chosen question as far as it got, for the layer, trap and settings of the screen."""
        found = self.answers.get(self.study.key(self._state)) if self.study else None
        if found is None or not found.study.is_live:
            return found
        kept = self._live
        if kept is None or kept.last is not found.last or kept.is_complete != found.is_complete:
            kept = found
        self._live = kept = kept.with_settings(self._state)
        return kept

    def asked(self, study: Study, missing: str | None = None) -> Asked:
        """What this study would be given now; ``missing`` saves looking again whether the model runs."""
        layer = None if study.about == "model" else self.layer
        return Asked(
            model=self.model,
            state=self._state,
            settings=study.values(self._state.study_settings.get(study.name, {})),
            layer=layer,
            scan=self.scan if layer is not None else None,
            trap=self.trap if study.about == "trap" else None,
            matrix=partial(_matrix, self.memory, layer),
            probe=self.probe,
            missing=self.missing if missing is None else missing,
            probe_code=probe_code(self.given_probe) if self.given_probe is not None else "",
            other=self.other,
        )

    def result_key(self) -> ResultKey:
        """What an ablation depends on, so that each result is found again."""
        state = self._state
        trap = tuple(sorted(state.trap.items())) if state.trap else None
        return (
            state.layer,
            state.engine,
            state.view,
            trap,
            state.edit,
            state.n_probes,
            state.n_controls,
            state.probe_seed,
            state.controls,
            state.probe_kind,
            state.temperature,
            state.stop,
            state.smallest_effect,
        )


def _matrix(memory: Memory, layer: Layer | None) -> WeightMatrix:
    if layer is None:
        raise Complaint("Choose a layer first.")
    return memory.matrix(layer)
