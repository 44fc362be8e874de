"""A report on its way out, and one coming back."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..records import Complaint, Picture, Report
from .as_csv import to_csv
from .as_html import to_html
from .as_json import from_json, to_json
from .as_markdown import escaped, to_markdown
from .as_notebook import to_notebook
from .as_pictures import chart_of, pictures_of
from .layer_table import layers_csv, layers_parquet
from .model_card import model_card_metadata, model_card_section
from .plain import shown
from .writing import write_file

FORMATS = (".json", ".csv", ".parquet", ".md", ".html", ".ipynb", ".svg", ".png")
#: A file larger than this is no report; the largest models stay far below it.
LARGEST_BYTES = 512 * 1024 * 1024


class ReportDocument:
    """A report and the formats it can be written in. ``loaded``: it comes from a file, so its code is a stranger's."""

    def __init__(self, report: Report, *, loaded: bool = False) -> None:
        self.report, self.loaded = report, loaded

    def __repr__(self) -> str:
        counts = [(len(self.report.layers), "layer"), (len(self.report.ablations), "ablation")]
        counts = [*(one for one in counts if one[0]), (len(self.report.findings), "finding")]
        said = ", ".join(f"{n} {noun}{'' if n == 1 else 's'}" for n, noun in counts)
        return f"ReportDocument({shown(self.report.title)!r}, {said})"

    def to_json(self) -> str:
        return to_json(self.report)

    def to_csv(self) -> str:
        """The table of layers; of a report without layers, the findings."""
        return layers_csv(self.report) if self.report.layers else to_csv(self.report)

    def to_parquet(self) -> bytes:
        """The table of layers; needs pyarrow."""
        return layers_parquet(self.report)

    def to_markdown(self) -> str:
        return to_markdown(self.report)

    def to_html(self) -> str:
        return to_html(self.report)

    def to_notebook(self) -> str:
        """A notebook that computes it again; the code of a loaded report stands in cells that do nothing."""
        return to_notebook(self.report, trusted=not self.loaded)

    def model_card_section(self) -> str:
        """The section “Model Examination” for a model card on Hugging Face, in Markdown."""
        return model_card_section(self.report)

    def model_card(self) -> str:
        """A small model card of its own: the block of metadata in YAML, a title, and the section."""
        title = f"# {escaped(self.report.title)}"
        return f"{model_card_metadata(self.report)}\n{title}\n\n{model_card_section(self.report)}"

    def chart(self, layer: str, kind: str = "spectrum", index: int = 0) -> Any:
        """An Altair chart of a layer: its ``spectrum``, or ``ablation`` or ``comparison`` of its ``index``-th test."""
        return chart_of(self.report, layer, kind, index)

    def save(
        self, path: str | os.PathLike[str], *, width_mm: float | None = None, dpi: float = 300.0
    ) -> tuple[Path, ...]:
        """Write by suffix and return what was written: one file, or one a picture for .svg and .png.

        ``width_mm`` is the width at which pictures are printed: those pinned with the findings, which otherwise stay
        as they are, else one of every layer and ablation (85 mm). Everything is made before anything is written, and a
        file is replaced in one go: an error leaves what was there. Raises Complaint for an unknown suffix, a report
        without pictures, a bad folder.
        """
        target = Path(path).expanduser()
        suffix = target.suffix.lower()
        if suffix in (".svg", ".png"):
            contents = self._picture_files(target, suffix, width_mm, dpi)
        elif suffix in FORMATS:
            contents = {target: self._content(suffix)}
        else:
            raise Complaint(f"{target.name}: no format has the suffix {suffix!r}; use {', '.join(FORMATS)}.")
        for file, content in contents.items():
            write_file(file, content)
        return tuple(contents)

    def _content(self, suffix: str) -> bytes:
        makers: dict[str, Callable[[], str | bytes]] = {
            ".json": self.to_json,
            ".csv": self.to_csv,
            ".parquet": self.to_parquet,
            ".md": self.to_markdown,
            ".html": self.to_html,
            ".ipynb": self.to_notebook,
        }
        made = makers[suffix]()
        return made.encode() if isinstance(made, str) else made

    def _picture_files(self, target: Path, suffix: str, width_mm: float | None, dpi: float) -> dict[Path, bytes]:
        pinned = [one for finding in self.report.findings for one in finding.pictures]
        if any(_content(one, suffix) for one in pinned) and width_mm is None:
            pictures = [one for one in pinned if _content(one, suffix)]
        else:
            pictures = list(pictures_of(self.report, 85.0 if width_mm is None else width_mm, dpi))
        contents = [content for one in pictures if (content := _content(one, suffix))]
        if not contents:
            raise Complaint(f"{target.name}: the report has no picture; save as .html or .json instead.")
        if len(contents) == 1:
            return {target: contents[0]}
        return {target.with_stem(f"{target.stem}-{number}"): content for number, content in enumerate(contents, 1)}


def _content(picture: Picture, suffix: str) -> bytes:
    return picture.svg.encode(errors="replace") if suffix == ".svg" else picture.png


def load_report(path_or_text: str | os.PathLike[str]) -> ReportDocument:
    """Read a JSON report from a file, or from the text itself; checked against the schema, nothing is run.

    Versions 1 and 2 are read. Raises Complaint for a missing or huge file, bad JSON, another schema version, a wrong
    structure, or parts that do not fit together.
    """
    if isinstance(path_or_text, str) and path_or_text.lstrip().startswith(("{", "[")):
        return ReportDocument(from_json(path_or_text), loaded=True)
    path = Path(path_or_text).expanduser()
    try:
        size = path.stat().st_size
        if size > LARGEST_BYTES:
            raise Complaint(f"{path} has {size / 2**20:.0f} MiB; a report has at most {LARGEST_BYTES >> 20}.")
        text = path.read_text(encoding="utf-8-sig")
    except Complaint:
        raise
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise Complaint(f"{path} could not be read as a report: {reason}.") from error
    return ReportDocument(from_json(text, path.name), loaded=True)
