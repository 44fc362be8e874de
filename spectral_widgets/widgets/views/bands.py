"""The band of a number in words and marks, and the legend that says where bands come from and where they fail."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf, isnan

from ...metrics import bands, weibull_bands
from ...records import Band, Measurement
from .. import text
from . import Json


@dataclass(frozen=True, slots=True)
class Scale:
    """The bands of one metric with the letter and the tone that stand for each, from heavy to light."""

    bands: tuple[Band, ...]
    marks: tuple[str, ...]
    tones: tuple[str, ...]


SCALES: Mapping[str, Scale] = {
    "alpha": Scale(
        (bands.OVER_TRAINED, bands.WELL_TRAINED, bands.UNDER_TRAINED), ("O", "W", "U"), ("heavy", "middle", "light")
    ),
    "weibull_shape": Scale(
        (weibull_bands.STRONG, weibull_bands.MILD, weibull_bands.TRANSMISSION), ("S", "M", "T"),
        ("heavy", "light", "middle"),
    ),
}  # fmt: skip


def band_of(metric: str, measured: Mapping[str, Measurement]) -> Band | None:
    """The band of a measured metric; ``None`` where it has none, or where the fit carries a caveat."""
    if metric not in SCALES or metric not in measured:
        return None
    found = measured[metric]
    if isnan(found.value) or found.caveat:
        return None
    if metric == "alpha":
        band = bands.band_of(found.value)
    else:
        squared = measured.get("weibull_r_squared")
        band = weibull_bands.weibull_band(found.value, squared.value if squared else 0.0)
    return band if band in SCALES[metric].bands else None


def band_cell(metric: str, measured: Mapping[str, Measurement]) -> Json | None:
    """What a cell shows of its band: a letter, a tone, and the words of the tooltip."""
    band = band_of(metric, measured)
    if band is None:
        return None
    scale = SCALES[metric]
    at = scale.bands.index(band)
    return {"mark": scale.marks[at], "tone": scale.tones[at], "words": f"{band.name}: {band.meaning}"}


def legend(metric: str, title: str) -> Json:
    """The bands of a metric with their ranges, their source, and where the names are wrong."""
    scale = SCALES[metric]
    said = [_sentences(band.fails) for band in scale.bands]
    shared = [sentence for sentence in said[0] if all(sentence in others for others in said)]
    return {
        "column": metric,
        "title": title,
        "source": scale.bands[0].source,
        "fails": " ".join(shared),
        "bands": [
            {"mark": mark, "tone": tone, "name": band.name, "range": _range(band), "meaning": band.meaning,
             "fails": " ".join(sentence for sentence in own if sentence not in shared)}
            for band, mark, tone, own in zip(scale.bands, scale.marks, scale.tones, said, strict=True)
        ],
    }  # fmt: skip


def limits(metric: str) -> list[tuple[float, str]]:
    """Where one band gives way to the next, with the words that stand there; empty for a metric without bands.

    >>> limits("alpha")
    [(2.0, 'over-trained below 2'), (6.0, 'under-trained above 6')]
    """
    if metric == "alpha":
        ends: Sequence[tuple[Band, float, str]] = (
            (bands.OVER_TRAINED, bands.LOW, "below"),
            (bands.UNDER_TRAINED, bands.HIGH, "above"),
        )
    elif metric == "weibull_shape":
        ends = (
            (weibull_bands.STRONG, weibull_bands.DEEP, "below"),
            (weibull_bands.MILD, weibull_bands.LOW, "below"),
            (weibull_bands.TRANSMISSION, weibull_bands.HIGH, "up to"),
        )
    else:
        return []
    return [(at, f"{band.name} {word} {text.number(at)}") for band, at, word in ends]


def _range(band: Band) -> str:
    if band.high == inf:
        return f"above {text.number(band.low)}"
    lowest = {bands.OVER_TRAINED.name, weibull_bands.STRONG.name}
    high = text.number(band.high)
    return f"below {high}" if band.name in lowest else f"{text.number(band.low)}–{high}"


def _sentences(words: str) -> list[str]:
    return [f"{part.strip().rstrip('.')}." for part in words.split(". ") if part.strip()]
