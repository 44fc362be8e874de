"""Metrics that belong together, and where they stop meaning what they say."""

from __future__ import annotations

from dataclasses import dataclass

from .registry import Metric


@dataclass(frozen=True, slots=True)
class Group:
    """A title, the files whose metrics stand under it, and one text on where these fail."""

    title: str
    files: tuple[str, ...]
    fails: str


GROUPS = (
    Group(
        "Power-law tails",
        ("tail", "weighted_alpha"),
        "With few eigenvalues in the tail, or a large distance, the exponent describes scatter. Pure noise has an α "
        "too, anywhere from 4 to 20, so that its band can read well-trained. A mean offset, rank collapse or a few "
        "giant weights lower α without any learning.",
    ),
    Group(
        "Hill exponents",
        ("hill", "farms"),
        "The upper half of a spectrum need not be a power law at all: pure noise gives 2.12 for a square matrix and "
        "more for a longer one. Windows take the shape out, not the noise; they also cut through heads and depend on "
        "the order of rows and columns.",
    ),
    Group(
        "Trace-log cut (SETOL)",
        ("erg",),
        "The cut depends on how much bulk lies below the tail, so that α = 2 and a gap of zero are not the same "
        "thing: a pure power law of α = 2 is cut at 3.3 times its start.",
    ),
    Group(
        "Rival laws of the tail",
        ("alternatives",),
        "A tail of a few dozen eigenvalues seldom decides between two laws. Eigenvalues repel each other, so that "
        "these tests, made for independent values, are too sure.",
    ),
    Group(
        "Norms",
        ("norms",),
        "They follow the scale of the initialisation and of a norm layer beside the matrix, which can take any "
        "factor out again: compare layers of one kind only.",
    ),
    Group(
        "Ranks and entropies",
        ("ranks",),
        "All but the numerical rank are pulled down by one large direction, such as a mean offset, whatever the "
        "others do. The numerical rank counts directions that are there, not ones that matter.",
    ),
    Group(
        "Condition numbers",
        ("conditions",),
        "The smallest singular value decides, and in a square matrix that is chance: noise alone scatters by a "
        "factor of about e.",
    ),
    Group(
        "Against the law of noise",
        ("noise",),
        "The law is fitted to the bulk: where learning reached the bulk, or entries are heavy-tailed, no "
        "Marchenko–Pastur law describes it and what lies beyond its edge is not a learned direction.",
    ),
    Group(
        "Laws of the entries",
        ("entries",),
        "They see the histogram of the weights, not where the weights are. Pruned zeros and weights stored in few "
        "bits bend the plot. The anchor is that of the initialisation: uniform and truncated ones do not start at "
        "1.205.",
    ),
    Group(
        "Against the shuffled matrix",
        ("traps", "shuffled"),
        "A shuffle keeps odd entries and a mean offset, so that these do not count as structure here. A shuffle is a "
        "random draw: values differ from seed to seed.",
    ),
    Group(
        "Localisation of singular vectors",
        ("vectors",),
        "Nearly equal singular values have no vectors of their own: any rotation within them changes the numbers.",
    ),
    Group(
        "Two matrices: the difference",
        ("pairs.updates",),
        "A change of scale, or of the order of hidden units, is a large difference that the function may not feel. "
        "Below the rounding of stored weights there is nothing to measure.",
    ),
    Group(
        "Two matrices: leading directions",
        ("pairs.overlaps",),
        "Nearly equal singular values rotate into each other, which lowers the overlap and looks like intruders. "
        "Chance is k/n, not zero.",
    ),
    Group(
        "Two matrices: similarity",
        ("pairs.similarity",),
        "Independently trained nets order their hidden units differently and score low until they are aligned. None "
        "of these sees data.",
    ),
)
_OTHERS = Group("Other metrics", (), "")
_GROUP_OF = {file: group for group in GROUPS for file in group.files}


def group_of(metric: Metric) -> Group:
    """The group of a metric, by the file of its function; one from elsewhere is among the others."""
    return _GROUP_OF.get(metric.function.__module__.removeprefix(f"{__package__}."), _OTHERS)
