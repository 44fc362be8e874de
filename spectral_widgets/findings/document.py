"""A report on its way out, and one coming back."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from ..records import Complaint, Picture, Report
from .as_csv import to_csv
from .as_html import to_html
from .as_json import from_json, to_json
from .as_markdown import to_markdown

_WRITERS = {".json": to_json, ".csv": to_csv, ".md": to_markdown, ".html": to_html}
FORMATS = (*_WRITERS, ".svg", ".png")


class ReportDocument:
    """A report and the formats it can be written in."""

    def __init__(self, report: Report) -> None:
        self.report = report

    def __repr__(self) -> str:
        return f"ReportDocument({self.report.title!r}, {len(self.report.findings)} findings)"

    def to_json(self) -> str:
        return to_json(self.report)

    def to_csv(self) -> str:
        return to_csv(self.report)

    def to_markdown(self) -> str:
        return to_markdown(self.report)

    def to_html(self) -> str:
        return to_html(self.report)

    def save(self, path: str | os.PathLike[str]) -> tuple[Path, ...]:
        """Write by suffix and return what was written: one file, or one a picture for .svg and .png.

        Everything is made before anything is written, and a file is replaced in one go: an error leaves
        what was there. Raises Complaint for an unknown suffix, a report without pictures, a bad folder.
        """
        target = Path(path).expanduser()
        suffix = target.suffix.lower()
        if suffix in _WRITERS:
            contents = {target: _WRITERS[suffix](self.report).encode()}
        elif suffix in FORMATS:
            contents = self._picture_files(target, suffix)
        else:
            raise Complaint(f"{target.name}: no format has the suffix {suffix!r}; use {', '.join(FORMATS)}.")
        for file, content in contents.items():
            write_file(file, content)
        return tuple(contents)

    def _picture_files(self, target: Path, suffix: str) -> dict[Path, bytes]:
        pictures = [one for finding in self.report.findings for one in finding.pictures]
        contents = [content for one in pictures if (content := _content(one, suffix))]
        if not contents:
            raise Complaint(f"{target.name}: the findings have no picture; save as .html or .json instead.")
        if len(contents) == 1:
            return {target: contents[0]}
        return {target.with_stem(f"{target.stem}-{number}"): content for number, content in enumerate(contents, 1)}


def _content(picture: Picture, suffix: str) -> bytes:
    return picture.svg.encode(errors="replace") if suffix == ".svg" else picture.png


def write_file(target: Path, content: bytes) -> None:
    """Replace a file in one go, or leave what was there. Raises ``Complaint`` when it cannot be written."""
    part = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
    try:
        try:
            with part.open("xb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            part.replace(target)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise Complaint(f"{target} could not be written: {error.strerror}. Choose another folder.") from error


def load_report(path_or_text: str | os.PathLike[str]) -> ReportDocument:
    """Read a JSON report from a file, or from the text itself; checked against the schema, nothing is run.

    Raises Complaint for a missing file, bad JSON, another schema version or a wrong structure.
    """
    if isinstance(path_or_text, str) and path_or_text.lstrip().startswith(("{", "[")):
        return ReportDocument(from_json(path_or_text))
    path = Path(path_or_text).expanduser()
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise Complaint(f"{path} could not be read as a report: {reason}.") from error
    return ReportDocument(from_json(text, path.name))
