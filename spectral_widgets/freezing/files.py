"""Notebook files: read and checked, frozen, checked again, and written in one go or not at all."""

from __future__ import annotations

import json
import os
import warnings
from pathlib import Path
from typing import Any

from ..findings.document import write_file
from ..records import Complaint
from .notebook import Frozen, freeze_notebook

_OLDEST = 4


def freeze_file(path: str | os.PathLike[str], out: str | os.PathLike[str] | None = None) -> Frozen:
    """Freeze a notebook file, in place or into ``out``. A file that needs no change is not written again.

    Raises ``Complaint`` for what is no notebook of format 4, and when the result cannot be written; nothing is
    changed then.
    """
    source = Path(path).expanduser()
    target = source if out is None else Path(out).expanduser()
    frozen = freeze_notebook(read_notebook(source))
    check_notebook(frozen.notebook, source.name)
    if frozen.is_changed or target != source:
        text = json.dumps(frozen.notebook, indent=1, ensure_ascii=False, allow_nan=False)
        write_file(target, (text + "\n").encode())
    return frozen


def read_notebook(path: Path) -> dict[str, Any]:
    """The JSON of a valid notebook. Raises ``Complaint`` for anything else."""
    try:
        notebook = json.loads(path.read_text(encoding="utf-8-sig"), parse_constant=_no_number)
    except OSError as error:
        raise Complaint(f"{path} could not be read: {error.strerror}. Check the path.") from error
    except (ValueError, RecursionError) as error:
        raise Complaint(f"{path.name} is not a notebook: it is not JSON. Save it again in Jupyter.") from error
    check_notebook(notebook, path.name)
    return notebook


def _no_number(name: str) -> float:
    raise ValueError(f"{name} is not a number of JSON")


def check_notebook(notebook: Any, name: str) -> None:
    """Raise ``Complaint`` unless this is a valid notebook of format 4."""
    import nbformat

    if not isinstance(notebook, dict) or not isinstance(notebook.get("nbformat"), int):
        raise Complaint(f"{name} is not a notebook: it says no notebook format. Save it again in Jupyter.")
    if notebook["nbformat"] != _OLDEST:
        advice = f"jupyter nbconvert --to notebook --inplace {name}"
        raise Complaint(f"{name} has notebook format {notebook['nbformat']}, not 4; bring it there with: {advice}")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", category=nbformat.warnings.MissingIDFieldWarning)
            nbformat.validate(notebook)
    # The checker stumbles over some notebooks before it can say that they are not valid.
    except (nbformat.ValidationError, AssertionError, AttributeError, KeyError, TypeError, ValueError) as error:
        reason = " ".join(str(getattr(error, "message", "its parts have the wrong types")).split())[:200]
        raise Complaint(f"{name} is not a valid notebook: {reason}. Open and save it in Jupyter.") from error
