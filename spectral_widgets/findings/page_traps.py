"""The traps of a layer: what each is, which entries make it, and what its removal does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..records import AblationReport, LayerReport, Trap, TrapScan
from ..records.text import counts, number, p_value, percent
from .page_ablation import ablation_block
from .page_charts import Drawn
from .page_parts import line, table

CAUSES = {"entries": "single entries", "mean": "mean offset", "collective": "no single cause"}
#: More traps of one shuffle, or rows of the other shuffles, than this are counted and not listed.
MOST = 40
Ablations = Sequence[tuple[int, AblationReport, Drawn | None]]


def traps_part(place: int, layer: LayerReport, ablations: Ablations) -> str:
    """The traps of the first shuffle one by one, and those of the others as rows."""
    scan = layer.scan
    if scan is None:
        return ""
    if scan.refused or not scan.seeds:
        return f'<h3>Traps</h3><p class="quiet">{line(scan.caveat or "Nothing was shuffled.")}</p>\n'
    tested = {(one.seed, one.index) for _, one, _ in ablations}
    listed = [trap for trap in scan.traps if trap.seed == scan.seeds[0]][:MOST]
    listed += [trap for trap in scan.traps if (trap.seed, trap.index) in tested and trap not in listed]
    said = dict(zip(((trap.seed, trap.index) for trap in scan.traps), layer.explanations, strict=False))
    details = "".join(_detail(place, trap, scan, said, ablations) for trap in listed)
    return f"<h3>Traps</h3>\n{_intro(layer, scan)}{_listed(place, listed, scan, ablations)}{details}{_others(scan)}"


def _intro(layer: LayerReport, scan: TrapScan) -> str:
    published = f" By the published rule: {counts(layer.published)}." if layer.published else ""
    words = (
        f"Shuffles with the seeds {counts(scan.seeds)} have {counts(scan.counts)} traps, at level {scan.level:g} "
        f"({scan.engine}); the histogram of entries alone foretells {scan.predicted.count}.{published} {scan.caveat}"
    )
    return f"<p>{line(words)}</p>\n"


def _listed(place: int, traps: Sequence[Trap], scan: TrapScan, ablations: Ablations) -> str:
    if not traps:
        first = line(f"The shuffle with seed {scan.seeds[0]} has no trap: nothing stays beyond the edge of noise.")
        return f'<p class="quiet">{first}</p>\n'
    verdicts = {(one.seed, one.index): one.verdict.word for _, one, _ in ablations}
    rows = [
        (
            f'<a href="#{_id(place, trap)}" data-trap="{trap.seed} {trap.index}">{line(_name(trap))}</a>',
            number(trap.eigenvalue, 4),
            line(_excess(trap, scan)),
            line(_chance(trap)),
            line(CAUSES[trap.cause]),
            line(verdicts.get((trap.seed, trap.index), "not tested")),
        )
        for trap in traps
    ]
    head = ("Trap", "#eigenvalue λ", "#beyond the edge", "#p-value", "Cause", "Removal")
    total = scan.counts[0]
    more = f'<p class="quiet">{total - MOST} further traps of this shuffle are left out.</p>' if total > MOST else ""
    return f'<div class="scroll">{table(head, rows, "traps-table")}</div>{more}\n'


def _id(place: int, trap: Trap) -> str:
    return f"trap-{place}-{trap.seed}-{trap.index}"


def _name(trap: Trap) -> str:
    return f"Trap {trap.index + 1}, seed {trap.seed}"


def _excess(trap: Trap, scan: TrapScan) -> str:
    """In widths of the edge law where it holds, else as a multiple of the edge."""
    if scan.statistics.heavy:
        return f"{number(trap.eigenvalue / scan.null.high)} × edge"
    return f"{number(trap.excess_widths)} widths"


def _chance(trap: Trap) -> str:
    return "–" if trap.p_value != trap.p_value else p_value(trap.p_value)


def _detail(place: int, trap: Trap, scan: TrapScan, said: Mapping[tuple[int, int], str], ablations: Ablations) -> str:
    tests = "".join(
        ablation_block(number_of, one, drawn)
        for number_of, one, drawn in ablations
        if (one.seed, one.index) == (trap.seed, trap.index)
    )
    key = f'id="{_id(place, trap)}" data-trap="{trap.seed} {trap.index}"'
    is_new = trap.caveat and trap.caveat != scan.caveat
    caveat = f'<p class="quiet">{line(trap.caveat)}</p>' if is_new else ""
    return (
        f'<div class="trap" {key}><h4>{line(_name(trap))}: λ = {number(trap.eigenvalue, 4)}</h4>\n'
        f"<p>{line(said.get((trap.seed, trap.index), ''))} {line(_participation(trap))}</p>{caveat}"
        f"{_culprits(trap)}{tests}</div>\n"
    )


def _participation(trap: Trap) -> str:
    return (
        f"Of the long side {number(trap.left_participation)} of {trap.layer.n_rows} components take part (noise: "
        f"{number(trap.left_expected)}), of the short side {number(trap.right_participation)} of {trap.layer.n_cols} "
        f"(noise: {number(trap.right_expected)})."
        + (f" The mean offset carries {percent(trap.mean_share)}." if trap.cause == "entries" else "")
    )


def _culprits(trap: Trap) -> str:
    if not trap.culprits:
        return ""
    rows = [
        (
            str(one.row),
            str(one.column),
            number(one.value, 4),
            number(one.z_score),
            "–" if one.share != one.share else percent(one.share),
        )
        for one in trap.culprits
    ]
    head = ("#row", "#column", "#value", "#standard deviations", "#carries")
    return table(head, rows, "culprits", "Entries that make it")


def _others(scan: TrapScan) -> str:
    others = [trap for trap in scan.traps if trap.seed != scan.seeds[0]]
    if not others:
        return ""
    rows = [
        (line(_name(one)), number(one.eigenvalue, 4), line(_excess(one, scan)), line(_chance(one)),
         line(CAUSES[one.cause]))
        for one in others[:MOST]
    ]  # fmt: skip
    more = f'<p class="quiet">{len(others) - MOST} more are left out.</p>' if len(others) > MOST else ""
    head = ("Trap", "#eigenvalue λ", "#beyond the edge", "#p-value", "Cause")
    inner = f'<div class="scroll">{table(head, rows, "traps-table")}</div>{more}'
    return f"<details><summary>{len(others)} traps of the other shuffles</summary>{inner}</details>\n"
