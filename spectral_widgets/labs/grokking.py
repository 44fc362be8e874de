"""Lab 11: a network memorises, groks and forgets again, and what its spectra say meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np

from ..charts.plot import Panel
from ..records import NullFit, WeightMatrix
from ..records.lab import LabFact
from ..records.setting import choice, dial, scrub
from ..records.text import number, percent, plural
from ..rmt import TW_MEAN
from ..spectra.decompose import eigenvalues_of, spectrum_of
from ..spectra.shuffled_moments import shuffled_second_moment
from ..spectra.tails import fit_tail
from ..spectra.traps import empty_scan
from ..weights import digits_mlp, digits_series
from .grokking_picture import WINDOW, panels_of
from .lab import Lab, Values
from .sampling import gram_work, grow_steps, mean_and_error, stream

_LAYERS = {"0.weight": "first, 200 × 64", "2.weight": "second, 200 × 200"}
_STEPS = tuple(checkpoint.step for checkpoint in digits_series())


@dataclass(frozen=True, eq=False)
class Snapshot:
    """One layer of one checkpoint as it stands, and what its histogram of entries foretells of its shuffles."""

    step: int
    train_accuracy: float
    test_accuracy: float
    eigenvalues: np.ndarray
    alpha: float
    alpha_error: float
    alpha_caveat: str
    null: NullFit
    threshold: float
    heavy: bool
    predicted: tuple[float, ...]
    second_moment: float

    @property
    def expected_largest(self) -> float:
        """Largest eigenvalue of a shuffle: the first foretold trap, or else the mean of the edge of noise."""
        return self.predicted[0] if self.predicted else self.null.high + TW_MEAN * self.null.edge_width


@dataclass(frozen=True, eq=False)
class GrokkingDraws:
    """One layer in every checkpoint; ``shuffled`` ``(n_draws, n_checkpoints, n_cols)`` eigenvalues of its shuffles.

    Draw ``k`` puts the entries of all checkpoints into the same new order. ``place`` is the checkpoint that is shown.
    """

    layer: str
    place: int
    snapshots: tuple[Snapshot, ...]
    shuffled: np.ndarray

    @property
    def n_draws(self) -> int:
        return len(self.shuffled)

    @property
    def shown(self) -> Snapshot:
        return self.snapshots[self.place]

    @property
    def counts(self) -> np.ndarray:
        """Traps ``(n_draws, n_checkpoints)``: eigenvalues of a shuffle beyond the threshold of its checkpoint."""
        thresholds = np.array([one.threshold for one in self.snapshots])
        return (self.shuffled > thresholds[:, None]).sum(axis=2)


@cache
def _matrix(step: int, layer: str) -> WeightMatrix:
    return digits_mlp(step).layers[layer].read()


@cache
def snapshots_of(layer: str) -> tuple[Snapshot, ...]:
    """The layer in every shipped checkpoint; nothing here is random, so it is measured once."""
    made = []
    for checkpoint in digits_series():
        matrix = _matrix(checkpoint.step, layer)
        spectrum, scan = spectrum_of(matrix), empty_scan(matrix)
        fit = fit_tail(spectrum)
        made.append(
            Snapshot(
                checkpoint.step,
                checkpoint.train_accuracy,
                checkpoint.test_accuracy,
                spectrum.eigenvalues,
                fit.alpha,
                fit.alpha_error,
                fit.caveat,
                scan.null,
                scan.threshold,
                scan.statistics.heavy,
                scan.predicted.eigenvalues,
                shuffled_second_moment(matrix.values),
            )
        )
    return tuple(made)


def draw_steps(values: Values, seed: int) -> Iterator[GrokkingDraws]:
    """Growing numbers of shuffles; each shuffles the layer of every checkpoint in the same way."""
    layer, snapshots = values["layer"], snapshots_of(values["layer"])
    matrices = [_matrix(step, layer).values for step in _STEPS]
    work = len(matrices) * gram_work(*matrices[0].shape)

    def one(draw: int) -> np.ndarray:
        order = stream(seed, draw).permutation(matrices[0].size)
        return np.array([eigenvalues_of(values.ravel()[order].reshape(values.shape)) for values in matrices])

    for drawn in grow_steps(one, values["n_draws"], work):
        yield GrokkingDraws(layer, _STEPS.index(values["step"]), snapshots, np.array(drawn))


def facts(record: GrokkingDraws) -> list[LabFact]:
    """The checkpoint that is shown: how well it reads, its exponent, and its shuffles beside theory."""
    shown, shuffled = record.shown, record.shuffled[:, record.place]
    largest, square = shuffled[:, -1], (shuffled**2).mean(axis=1)
    source = "of the first foretold trap" if shown.predicted else "of the mean edge of noise"
    return [
        LabFact("train accuracy", shown.train_accuracy, help="On 500 images that it was trained on."),
        LabFact("test accuracy", shown.test_accuracy, theory=0.1, help="On 1297 images; theory is that of guessing."),
        LabFact("α", shown.alpha, shown.alpha_error, help="Exponent of the upper tail of the trained layer."),
        LabFact("largest eigenvalue, trained", float(shown.eigenvalues[-1])),
        LabFact("largest, shuffled", *mean_and_error(largest), shown.expected_largest, f"Theory is that {source}."),
        LabFact(
            "traps a shuffle",
            *mean_and_error(record.counts[:, record.place]),
            float(len(shown.predicted)),
            "Theory is foretold from the histogram of the entries.",
        ),
        LabFact(
            "second moment, shuffled",
            *mean_and_error(square),
            shown.second_moment,
            "Mean squared eigenvalue. Theory follows exactly from the histogram of the entries.",
            checked=True,
        ),
    ]


def panels(record: GrokkingDraws, theory: bool) -> tuple[Panel, ...]:
    """Both spectra of the checkpoint, then accuracies, exponent and traps over the whole training."""
    return panels_of(record, theory, sentence(record))


def sentence(record: GrokkingDraws) -> str:
    """Where in its life the network stands, and what the layer looks like there."""
    shown = record.shown
    traps = mean_and_error(record.counts[:, record.place])[0]
    return (
        f"At step {shown.step:,} the network reads {percent(shown.train_accuracy)} of the training images and "
        f"{percent(shown.test_accuracy)} of the test images. α of the {_LAYERS[record.layer].split(',')[0]} layer is "
        f"{number(shown.alpha)} ± {number(shown.alpha_error)}, its largest eigenvalue "
        f"{number(float(shown.eigenvalues[-1]))}, and {plural(record.n_draws, 'shuffle')} of it have "
        f"{number(traps)} {'trap' if traps == 1 else 'traps'} on average ({len(shown.predicted)} foretold)."
    )


def caveat(record: GrokkingDraws) -> str:
    """What the fit and the edge do not say, and that this is one network."""
    shown = record.shown
    heavy = "The entries are heavy-tailed, so the edge is a convention here." if shown.heavy else ""
    single = "One shuffle has no standard error." if record.n_draws < 2 else ""
    below = int((shown.eigenvalues < WINDOW[0]).sum())
    cut = f"{plural(below, 'eigenvalue')} of the trained layer left of the axis." if below else ""
    return " ".join(filter(None, (shown.alpha_caveat, heavy, single, cut, "One network, trained once.")))


LAB = Lab(
    name="grokking",
    title="Grokking in miniature",
    order=11,
    text=(
        "A small perceptron was trained on 500 handwritten digits, far too long. First it knows them by heart and "
        "fails on new ones; then it groks: the test accuracy rises long after the training images are all right; then "
        "it forgets again, although nothing about the task has changed. Eight checkpoints tell the story.\n\n"
        "The weights alone, without any image, show it too: the exponent α of the tail of the spectrum falls, and a "
        "shuffle of the entries, which destroys all that was learnt, leaves eigenvalues outside the bulk: traps."
    ),
    look_for=(
        "Press Play, or drag the grey line. At the start both spectra are one: the layer looks like noise. With "
        "grokking the blue spectrum grows a tail that the grey one lacks: that is structure. One grey eigenvalue "
        "has left the bulk before, at step 11,000: the mean has shifted. A second one follows at step 208,000, a giant "
        "entry."
    ),
    question=(
        "The test accuracy is best at step 36,000. Could you have told so from α and the number of traps, without a "
        "single test image?"
    ),
    answer=(
        "Not from these numbers. In the second layer α falls from 8.0 at step 11,000 over 3.6 at the best step to 2.6 "
        "or 2.7 in the end; it does not reach 2, and nothing happens to it where the test accuracy turns. The first "
        "trap is there at step 11,000, before the network groks, and is the mean of the entries; the second, one "
        "giant entry, comes at step 208,000, long after the turn. The first layer has no trap that stays. These "
        "numbers tell early from late, and one network is no rule."
    ),
    dials=(
        scrub("step", "Training step", _STEPS, 36_000, help="The checkpoint that is shown; there are eight."),
        choice("layer", "Layer", _LAYERS, "2.weight", help="The last one has ten columns: too few for α and an edge."),
        dial("n_draws", "Shuffles", 20, 1, 50, whole=True, grid="log", help="Shuffles of each checkpoint."),
    ),
    draw_steps=draw_steps,
    panels=panels,
    facts=facts,
    sentence=sentence,
    caveat=caveat,
    animation="step",
    examples=({"step": 374_000}, {"step": 3_400}, {"step": 116_000, "layer": "0.weight"}),
)
