"""What an edit of a trap did, in words, as running means and in numbers."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ..records import AblationReport, Track
from ..records.text import number
from .page_charts import Drawn
from .page_parts import bullets, code_block, line, still_figure, table


def ablation_block(place: int, one: AblationReport, drawn: Drawn | None) -> str:
    """One ablation; ``place`` is its number in the report."""
    word = one.verdict.word
    figure = still_figure(drawn.still, drawn.alt) if drawn is not None else ""
    probe = one.probe.description or f"{one.probe.n} {one.probe.kind}"
    inputs = f"{one.n_done} of {one.probe.n} inputs passed ({probe}), on {one.device} in {one.precision}."
    return (
        f'<div class="ablation" data-ablation="{place}" id="ablation-{place}">\n'
        f'<h4>Tested: {line(one.label)} <span class="verdict" data-word="{line(word)}">{line(word)}</span></h4>\n'
        f"<p>{line(one.sentence)}</p><p><strong>{line(one.verdict.reason)}</strong></p>\n{figure}"
        f"{_results(one)}"
        f'<p class="quiet">{line(one.verdict.rule)} {line(inputs)}</p>\n'
        f"{bullets([one.caveat] if one.caveat else [])}{code_block(one.code, 'Code that runs it again')}</div>\n"
    )


def _results(one: AblationReport) -> str:
    from ..charts.comparison import TITLES

    rows = [_row(track, role) for track, role in _tracks(one) if len(track.mean)]
    return table(("Edit", "#Mean", "#95 % interval"), rows, "results", line(TITLES[one.measure]))


def _tracks(one: AblationReport) -> Iterator[tuple[Track, str]]:
    yield one.track, ""
    for track in one.companions:
        yield track, "for comparison"
    measured = [track for track in one.controls if len(track.mean)]
    if measured:
        strongest = max(measured, key=lambda track: float(np.nan_to_num(track.mean[-1], nan=-np.inf)))
        yield strongest, f"strongest of {len(measured)} matched controls"


def _row(track: Track, role: str) -> tuple[str, str, str]:
    said = f' <span class="quiet">{line(role)}</span>' if role else ""
    mean, low, high = (float(values[-1]) for values in (track.mean, track.low, track.high))
    return f"{line(track.label)}{said}", number(mean), f"{number(low)} to {number(high)}"
