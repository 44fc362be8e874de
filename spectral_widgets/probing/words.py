"""The verdict in words: the rule as it stands on the screen, and the numbers that it was applied to."""

from __future__ import annotations

from ..records import Stop, Track

NO_LABELS = (
    "These inputs have no labels, so nobody can know whether a change is for the worse: the words are active and "
    "inert, and not harmful and benign."
)
_SEQUENCE = (
    "The intervals are confidence sequences (normal-mixture t, Wang and Ramdas 2024, plus the range term of an "
    "empirical Bernstein bound for the values seen), which hold at all numbers of probes at once; the run stops when "
    "they decide."
)


def rule_of(n_controls: int, stop: Stop = "all", smallest_effect: float = 0.0, unit: str = "") -> str:
    """The rule for inputs without labels."""
    limit = "at or below zero" if not smallest_effect else f"at or below {shown(smallest_effect, unit)}"
    rule = (
        f"Each of {n_controls} matched controls is a random edit of the same size in the same layer. "
        "Active: the edit changes the outputs more than every one of them, that is, the 95 % interval of "
        "the paired difference to the strongest, over the probes, stays above zero "
        f"(a random edit would be the strongest in 1 of {n_controls + 1} cases). "
        f"Inert: that interval stays {limit}. Undecided: neither; more probes may decide. {NO_LABELS}"
    )
    return rule if stop == "all" else f"{rule} {_SEQUENCE}"


def labelled_rule(smallest_accuracy: float, stop: Stop = "all") -> str:
    """The rule for labelled inputs."""
    rule = (
        "These inputs have labels, so accuracy decides. Benign: the 95 % interval of its change stays within "
        f"±{smallest_accuracy:g}. Harmful: it does not, and it excludes zero, either way. Undecided: neither; more "
        "labelled inputs may decide. The cross-entropy stands beside it and does not decide."
    )
    return rule if stop == "all" else f"{rule} {_SEQUENCE}"


def numbers_of(
    edit: Track, strongest: Track, n_controls: int, difference: tuple[float, float, float], unit: str, stop: Stop
) -> str:
    """What the edit and the strongest control do, and their paired difference with its interval."""
    mean, low, high = difference
    name = "95 % interval" if stop == "all" else "95 % confidence sequence"
    return (
        f"the edit changes the outputs by {shown(edit.mean[-1], unit)}, the strongest of {n_controls} controls by "
        f"{shown(strongest.mean[-1], unit)}; paired difference {shown(mean, unit)}, "
        f"{name} {shown(low)} to {shown(high, unit)}."
    )


def signed(mean: float, low: float, high: float, unit: str = "") -> str:
    """A change with its interval, all with their signs."""
    numbers = [f"{value:+.3g}".replace("-", "−") for value in (mean, low, high)]
    return f"{numbers[0]}{f' {unit}' if unit else ''} (95 % interval {numbers[1]} to {numbers[2]})"


def shown(value: float, unit: str = "") -> str:
    """Three digits with a real minus sign and the unit."""
    number = f"{value:.3g}".replace("-", "−")
    return f"{number} {unit}" if unit else number
