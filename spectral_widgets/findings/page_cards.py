"""The metrics of a page explained, for readers without the package."""

from __future__ import annotations

from collections.abc import Sequence

from ..records import Card
from .page_parts import line
from .page_table import shown_metrics

_WORDS = (
    (
        "Spectrum",
        "The eigenvalues λ of WᵀW/N of a weight matrix W with N rows on its long side: the squares of its singular "
        "values over N.",
    ),
    ("Bulk", "What a matrix of pure noise with the same variance would have; the Marchenko–Pastur law draws it."),
    ("Spike", "An eigenvalue of the layer itself beyond the edge of its bulk."),
    (
        "Trap",
        "An eigenvalue that stays beyond the edge of noise after all entries were shuffled: it comes from single large "
        "entries or from a mean offset, not from structure that was learned.",
    ),
    (
        "Matched control",
        "A random edit of the same size elsewhere in the layer; an edit counts only where it does more than those.",
    ),
)


def cards_section(cards: Sequence[Card]) -> str:
    """Words and metrics, each with symbol, unit, meaning and source; those out of sight in the table fold away."""
    shown = shown_metrics(cards)
    words = "".join(f"<div><dt>{line(name)}</dt><dd>{line(said)}</dd></div>" for name, said in _WORDS)
    rows = "".join(_card(card) for card in cards if card.name in shown)
    others = "".join(_card(card) for card in cards if card.name not in shown)
    summary = f"<summary>The other {len(cards) - len(shown)} metrics</summary>"
    folded = f'<details>{summary}<dl class="cards">{others}</dl></details>\n' if others else ""
    return (
        f'<section id="meaning"><h2>What the words and numbers mean</h2>\n<dl class="cards">{words}</dl>\n'
        f'<h3>Metrics</h3>\n<dl class="cards">{rows}</dl>{folded}</section>\n'
    )


def _card(card: Card) -> str:
    unit = f" [{line(card.unit)}]" if card.unit else ""
    return (
        f'<div id="metric-{line(card.name)}"><dt>{line(card.symbol)}{unit} <span class="quiet">{line(card.name)}</span>'
        f'</dt><dd>{line(card.meaning)} <span class="quiet">{line(card.source)}</span></dd></div>\n'
    )
