"""Lab 12: what gradient descent learns of noisy labels, by modes: the channel reaches test, the reservoir does not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.stats import t as student

from ..charts.plot import Panel
from ..records.lab import LabFact
from ..records.setting import choice, dial, flag
from ..records.text import number, percent, plural
from ..rmt.gradient_flow import LinearTask, dissipated, spiked_outlier
from .channel_draw import N_SPIKES, TIMES, Draw, draw_one
from .channel_picture import at_cut, channel_error, excess_error, panels_of
from .lab import Lab, Values
from .sampling import gram_work, grow_steps, mean_and_error, stream

_SIGNAL_IN = {"few": "three parameters", "all": "all parameters, rotated"}
_STEPS_OF_GATE = 300


@dataclass(frozen=True, eq=False)
class ChannelDraws:
    """Draws of one linear task, with training time and cut; ``stacked`` gives one quantity of all draws."""

    task: LinearTask
    time: float
    cut: float
    gate: bool
    signal_in: str
    draws: tuple[Draw, ...]

    @property
    def n_draws(self) -> int:
        return len(self.draws)

    def stacked(self, name: str) -> np.ndarray:
        """``(n_draws, …)``."""
        return np.array([getattr(one, name) for one in self.draws])

    @property
    def shares(self) -> np.ndarray:
        """Eigenvalues of ``2 W_S`` ``(n_draws, n_modes)``, those that are exactly zero left out."""
        return dissipated(self.stacked("eigenvalues"), self.time)

    @property
    def in_channel(self) -> np.ndarray:
        return self.shares > self.cut


def draw_steps(values: Values, seed: int) -> Iterator[ChannelDraws]:
    """Growing numbers of tasks, each with features, noise and training of its own."""
    n_rows, n_cols = values["n_rows"], round(values["ratio"] * values["n_rows"])
    task = LinearTask(n_rows, n_cols, N_SPIKES, values["spike"], values["noise"] ** 2)
    work = 3 * gram_work(max(n_rows, n_cols), min(n_rows, n_cols))
    if values["gate"]:
        work += _STEPS_OF_GATE * 6 * n_rows * n_cols + 4 * n_cols**3 * (values["signal_in"] == "all")

    def one(draw: int) -> Draw:
        return draw_one(task, values, stream(seed, draw))

    for drawn in grow_steps(one, values["n_draws"], work):
        yield ChannelDraws(task, values["time"], values["cut"], values["gate"], values["signal_in"], tuple(drawn))


def label_parts(record: ChannelDraws) -> dict[str, np.ndarray]:
    """Share of the modes, of the signal and of the noise of the labels that lies in the channel, one value a draw."""
    inside = record.in_channel
    signal, noise = record.stacked("signal"), record.stacked("noise")
    return {
        "modes": inside.sum(axis=1) / record.task.n_examples,
        "signal": (inside * signal).sum(axis=1) / signal.sum(axis=1),
        "noise": (inside * noise).sum(axis=1) / record.stacked("noise_total"),
    }


def facts(record: ChannelDraws) -> list[LabFact]:
    """What the channel holds, what reaches test from either side, and what the gate lets pass."""
    parts = label_parts(record)
    task, modes = record.task, float(parts["modes"].mean())
    _, counted = mean_and_error(record.in_channel.sum(axis=1))
    at = at_cut(record)
    trained = task.train_energy(lambda x: np.exp(-x * record.time))
    learnt = excess_error(record.task, record.time)
    channel, leak = channel_error(record.task, record.time, record.cut)
    made = [
        LabFact("modes in the channel", modes, counted / task.n_examples, help="Share of as many modes as examples."),
        LabFact("signal in the channel", *mean_and_error(parts["signal"]), help="Share of the signal of the labels."),
        LabFact(
            "noise in the channel",
            *mean_and_error(parts["noise"]),
            modes,
            "Noise knows no direction: theory is the share of the modes.",
            checked=modes * task.n_examples * record.n_draws > 2000,
        ),
        LabFact("train error", *mean_and_error(record.stacked("train_error")), trained, "Mean square.", checked=True),
        LabFact(
            "excess test error",
            *mean_and_error(record.stacked("test_error")),
            learnt,
            "Beyond the noise of test labels.",
            checked=True,
        ),
        LabFact("the same, channel alone", *mean_and_error(record.stacked("cut_error")[:, at]), channel),
        LabFact(
            "reservoir at test",
            *mean_and_error(record.stacked("leak")[:, at]),
            leak,
            "Mean square of what the reservoir adds to predictions on fresh inputs.",
        ),
    ]
    return [*made, *_gate_facts(record)] if record.gate else made


def _gate_facts(record: ChannelDraws) -> list[LabFact]:
    ends = record.stacked("gated_error")[:, -1]
    made = [LabFact(f"with the gate, at T = {TIMES[-1]:g}", *mean_and_error(ends), help="Excess test error.")]
    if record.signal_in == "few":
        chance = 2 * float(student.sf(1, record.task.n_examples - 1))
        text = "Parameters without signal that pass the first gate. Theory is that of |t| > 1."
        found = mean_and_error(record.stacked("opened"))
        enough = record.task.n_examples * record.n_draws >= 1000
        made.append(LabFact("noise passes the gate", *found, chance, text, checked=enough))
    return made


def panels(record: ChannelDraws, theory: bool) -> tuple[Panel, ...]:
    """Spectrum of ``2 W_S``, what each mode does at test, and the test error over the cut and over time."""
    return panels_of(record, theory, sentence(record))


def sentence(record: ChannelDraws) -> str:
    """What is in the channel, and what the reservoir does."""
    parts = {name: percent(mean_and_error(values)[0]) for name, values in label_parts(record).items()}
    at = at_cut(record)
    alone, leak = (number(record.stacked(name)[:, at].mean()) for name in ("cut_error", "leak"))
    words = (
        f"Over {plural(record.n_draws, 'draw')} at T = {number(record.time)} the channel beyond {number(record.cut)} "
        f"holds {parts['modes']} of the modes, {parts['signal']} of the signal and {parts['noise']} of the noise of "
        f"the labels. The excess test error is {number(record.stacked('test_error').mean())}, of the channel alone "
        f"{alone}; the reservoir adds {leak} to the test predictions."
    )
    if record.gate:
        ends = [number(record.stacked(name)[:, -1].mean()) for name in ("gated_error", "error")]
        words += f" Trained to T = {TIMES[-1]:g} it is {ends[0]} with the gate and {ends[1]} without."
    return words


def caveat(record: ChannelDraws) -> str:
    """Which modes are no bars, and where theory is a limit."""
    task, words = record.task, []
    if task.n_features < task.n_examples:
        zero = task.n_examples - task.n_features
        words.append(f"{zero} of {task.n_examples} modes are exactly zero: reservoir at every cut, and not drawn.")
    else:
        words.append("No mode is exactly zero: only the cut makes a reservoir.")
    if not spiked_outlier(task.spike, task.ratio)[1]:
        words.append("The signal features drown: none has an eigenvalue outside the bulk.")
    if record.n_draws < 2:
        words.append("One draw has no standard error.")
    return " ".join(words)


LAB = Lab(
    name="channel",
    title="Signal channel and reservoir",
    order=12,
    text=(
        "Fit noisy labels by least squares and gradient descent. The residual falls mode by mode, r(T) = e^(−KT) r(0) "
        "with K = XXᵀ/n, and the dissipation Gramian W_S = ∫ Pᵀ K P dt says how much of it is gone: 2 W_S has "
        "the eigenvalues 1 − e^(−2λT), from 0 (untouched) to 1 (learnt). Modes beyond a cut are the signal channel, "
        "the rest is the reservoir. A mode that is not learnt on the training set does nothing at test.\n\n"
        "Three of the features are stronger than the rest and make the labels. The gate moves a parameter only while "
        "its mean gradient beats its noise, μ² > σ²/(n − 1)."
    ),
    look_for=(
        "Drag the grey cut: a good one keeps the dots of the signal and leaves the bulk, and the test error of the "
        "channel alone is smaller than that of all modes. Raise T: the bulk moves to the right, and noise reaches "
        "test. Switch the gate on: the error over time stops rising."
    ),
    question=(
        "The gate is on and the test error no longer rises. Is it better than stopping at the best time without it?"
    ),
    answer=(
        "Not at first: at the default task the error without gate is lowest, 0.06, at T ≈ 0.3 and ends at 0.8; with "
        "the gate it ends at 0.11. A third of the parameters without signal pass the first gate, because |t| > 1 "
        "happens by chance with probability 0.32, and what they learn of the noise is kept. But make the signal "
        "features weak, ℓ = 2, so that no cut parts them from the bulk: the best time leaves 0.24 and the gate 0.15, "
        "since it looks at parameters and not at modes. Rotate the features, and that is lost: the gate ends at 0.29."
    ),
    dials=(
        dial("cut", "Cut of the channel", 0.95, 0.0, 1.0, 0.025, help="Modes of 2 W_S beyond it are the channel."),
        dial("time", "Training time T", 0.5, 0.01, 10.0, grid="log", help="Learning rate times steps."),
        flag("gate", "Population-risk gate", False, help="Trains once more, with the gate, over all times."),
        choice("signal_in", "Signal sits in", _SIGNAL_IN, "few", help="Coordinates that the gate looks at."),
        dial("spike", "Variance of the signal features ℓ", 8.0, 1.0, 20.0, 0.5, help="The others have variance 1."),
        dial("noise", "Noise σ of the labels", 1.0, 0.1, 2.0, 0.1, help="Beside a signal of deviation 1."),
        dial("ratio", "Features per example p/n", 0.5, 0.2, 2.0, 0.1, help="From 1 on every label can be fitted."),
        dial("n_rows", "Examples n", 200, 60, 300, whole=True, grid="log", help="Size of the training set."),
        dial("n_draws", "Draws", 80, 1, 160, whole=True, grid="log", help="Training sets that are drawn."),
    ),
    draw_steps=draw_steps,
    panels=panels,
    facts=facts,
    sentence=sentence,
    caveat=caveat,
    animation="time",
    examples=(
        {"gate": True, "cut": 0.5},
        {"ratio": 2.0, "n_rows": 150, "noise": 0.5, "time": 0.3},
        {"spike": 1.0, "time": 3.0},
    ),
)
