"""``spectral-widgets report PATH --out report.html``: a model's report as a file, with exit codes for machines.

Exit codes: 0 all is well; 1 a condition of ``--fail-on`` failed, or two compared reports differ; 2 the input cannot be
read or a condition cannot be checked; 130 stopped. The file is written in each case where there is something to write.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from ..api_report import inputs_in, report
from ..findings import FORMATS, ReportDocument, compare_reports, load_report
from ..findings.conditions import Condition, condition_of, failures
from ..findings.schema import report_schema
from ..records import Complaint, Interrupted
from .measure import names_of
from .models import add_model, model_in
from .workers import add_workers, positive, workers_of
from .writing import say

NAME = "report"
HELP = "write a report of a model, compare two reports, or print the schema of reports"
FAILED = 1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The model, where to write, what to measure, and what to fail on; or two reports; or the schema."""
    parser.epilog = "exit codes: 0 fine, 1 a condition failed or reports differ, 2 bad input, 130 stopped"
    add_model(parser, optional=True)
    parser.add_argument("--out", metavar="FILE", action="append", help=f"{', '.join(FORMATS)}; may be given repeatedly")
    parser.add_argument("--title", default="", help="title of the report")
    parser.add_argument("--layers", metavar="NAMES", help="names of layers with commas between them (all)")
    parser.add_argument("--metrics", metavar="NAMES", help="names with commas between them, or all")
    parser.add_argument("--seeds", type=positive, default=5, metavar="N", help="shuffles of each layer (5)")
    parser.add_argument("--level", type=float, default=0.01, help="false positives of the trap test (0.01)")
    parser.add_argument("--ablate", nargs="?", type=positive, const=1, default=0, metavar="N",
                        help="test the N strongest traps of every layer (1), where the model runs")  # fmt: skip
    parser.add_argument("--probes", type=positive, default=128, metavar="N", help="inputs of an ablation (128)")
    parser.add_argument("--inputs", metavar="FILE", help="your own inputs and labels, in a safetensors file")
    parser.add_argument("--fail-on", metavar="CONDITION", action="append", default=[],
                        help="traps, active-traps, harmful-traps, or a bound such as alpha-above:6")  # fmt: skip
    parser.add_argument("--exact", action="store_true", help="compute every eigenvalue, however long it takes")
    parser.add_argument("--no-cache", action="store_true", help="compute everything again and keep nothing")
    add_workers(parser)
    parser.add_argument("--compare", nargs=2, metavar=("A", "B"), help="say how two reports (.json) differ, and end")
    parser.add_argument("--schema", action="store_true", help="print the JSON Schema of reports, and end")


def run(parsed: argparse.Namespace) -> int:
    """Measure, write, check; or compare; or print the schema."""
    if parsed.schema:
        say(json.dumps(report_schema(), indent=2))
        return 0
    if parsed.compare:
        return _compared(*parsed.compare)
    conditions = [condition_of(text) for text in parsed.fail_on]
    if parsed.path is None or not (parsed.out or conditions):
        raise Complaint("Say which model and what to write: spectral-widgets report PATH --out report.html.")
    for out in parsed.out or []:
        _check_place(out)
    try:
        document = _made(parsed, conditions)
    except Interrupted as stop:
        _write(stop.partial, parsed)
        raise
    _write(document, parsed)
    return _checked(document, conditions)


def _made(parsed: argparse.Namespace, conditions: list[Condition]) -> ReportDocument:
    ablate = parsed.ablate or int(any(one.needs_ablation for one in conditions))
    with workers_of(parsed) as executor:
        return report(
            model_in(parsed),
            parsed.title,
            layers=None if parsed.layers == "all" else names_of(parsed.layers),
            metrics=names_of(parsed.metrics),
            seeds=range(parsed.seeds),
            level=parsed.level,
            ablate=ablate,
            probe=None if parsed.inputs is None else inputs_in(parsed.inputs),
            n_probes=parsed.probes,
            exact=True if parsed.exact else None,
            cache=not parsed.no_cache,
            executor=executor,
        )


def _check_place(out: str) -> None:
    """A report that cannot be written is refused before hours of work."""
    target = Path(out).expanduser()
    if target.suffix.lower() not in FORMATS:
        raise Complaint(f"{target.name}: no format has the suffix {target.suffix!r}; use {', '.join(FORMATS)}.")
    if not target.parent.is_dir():
        raise Complaint(f"There is no folder {target.parent}: make it, or write elsewhere.")


def _write(document: ReportDocument, parsed: argparse.Namespace) -> None:
    for out in parsed.out or []:
        for path in document.save(out):
            say(f"{len(document.report.layers)} layers in {path}".replace("\n", "\\n"))


def _checked(document: ReportDocument, conditions: list[Condition]) -> int:
    found = [(one, failures(document.report, one)) for one in conditions]
    for condition, sentences in found:
        say(f"{condition.text}: {f'failed, {len(sentences)} times' if sentences else 'met'}")
        for sentence in sentences:
            say(f"  {sentence}".replace("\n", "\\n"))
    return FAILED if any(sentences for _, sentences in found) else 0


def _compared(first: str, second: str) -> int:
    comparison = compare_reports(load_report(first), load_report(second))
    say(repr(comparison))
    return FAILED if comparison else 0
