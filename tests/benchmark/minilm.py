"""A whole trained model against WeightWatcher 0.7.7, shuffle for shuffle and our ten shuffles against its one.

Theirs is one call of ``analyze(randomize=True, mp_fit=True)``: power-law fit, Marchenko–Pastur fit, its metrics, the
traps of one shuffle, and a second shuffle for ``rand_distance``. Ours is one row of ``measure`` per matrix: power-law
fit, Marchenko–Pastur fit, all metrics of the spectrum, ``shuffled_distance``, and ``traps``, whose scan also has
vectors, p-values and causes. Either works on its own scale, ``WᵀW`` there and ``WᵀW / N`` here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import spectral_widgets as sw
from spectral_widgets import metrics
from spectral_widgets.records import WeightMatrix
from torch import nn

from ..trained import ORACLE, SAMPLED, minilm_matrix
from ..weightwatcher_tool import contained, layer_of, tool
from .rows import Row, Setting
from .timing import CLOCKS, Stopwatch, Times

THEIRS = "WeightWatcher, a shuffle for traps and one for its distance"
#: Our shuffles, and how many times faster they should be.
TARGETS = {1: 30.0, 10: 8.0}


def rows(setting: Setting) -> Iterator[Row]:
    """Both ratios, whose runs take turns matrix by matrix."""
    matrices = [minilm_matrix(name) for name in (SAMPLED if setting.quick else ORACLE.index)]
    chosen = [one.card.name for one in metrics.metrics_named("all") if one.card.cost == "spectrum"]
    chosen += ["traps", "shuffled_distance"]
    seconds = [alternated(matrices, chosen) for _ in range(1 if setting.quick else 3)]
    times = Times({clock: {side: [one[side][clock] for one in seconds] for side in seconds[0]} for clock in CLOCKS})
    for n_shuffles, target in TARGETS.items():
        name = f"{len(matrices)} matrices, {n_shuffles} of our shuffles against one"
        says = {f"{n_shuffles}": f"measure, {len(chosen)} metrics", "theirs": THEIRS}
        yield times.row(name, f"{n_shuffles}", "theirs", says=says, target=target)


def alternated(matrices: list[WeightMatrix], chosen: list[str]) -> dict[str, dict[str, float]]:
    """Seconds by side and clock of one round: our rows of a matrix follow theirs, which stops meanwhile."""
    watches = {side: Stopwatch() for side in ("theirs", *map(str, TARGETS))}

    def ours(k: int) -> None:
        watches["theirs"].stop()
        for n_shuffles in TARGETS:
            with watches[f"{n_shuffles}"]:
                sw.measure([matrices[k]], chosen, seeds=range(n_shuffles))
        watches["theirs"].start()

    sw.measure(matrices[:1], chosen, seeds=[0])
    network = nn.Sequential(*(layer_of(one.values) for one in matrices))
    watcher = paused_after_each(ours)
    with contained():
        watch = watches["theirs"]
        with watch:
            table = watcher(model=network).analyze(randomize=True, mp_fit=True, savefig=False)
    if len(table) != len(matrices):
        raise ValueError(f"WeightWatcher took {len(table)} of {len(matrices)} matrices.")
    return {side: watch.seconds for side, watch in watches.items()}


def paused_after_each(work: Callable[[int], object]) -> type[Any]:
    """WeightWatcher's class, which does ``work(k)`` when it is done with its k-th layer."""

    class Paused(tool()):  # type: ignore[misc]
        def make_layer_iterator(self, *arguments: object, **options: object) -> Iterator[Any]:
            done = 0
            for layer in super().make_layer_iterator(*arguments, **options):
                analysed = not layer.skipped and layer.has_weights
                yield layer
                if analysed:
                    work(done)
                    done += 1

    return Paused
