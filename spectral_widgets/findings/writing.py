"""Files that are replaced in one go."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from ..records import Complaint


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
