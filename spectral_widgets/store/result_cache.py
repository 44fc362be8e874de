"""The store as users hold it: where it is, how large, cleared, on or off. A fault of it never reaches them."""

from __future__ import annotations

import logging
import os
import sqlite3
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar

from ..records import LayerRef, Unfolding
from .database import FILE_NAME, Database, Row, code_of, is_busy
from .places import LIMIT_BYTES, VARIABLE, checked_limit, default_folder, is_off_by_environment
from .shelf import Shelf, key_of_matrix
from .version import code_version

_BROKEN = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_log = logging.getLogger(__name__)
# A process that was forked must not even close what it inherited.
_inherited: list[Database] = []

Answer = TypeVar("Answer")


class Cache:
    """What was computed before, by content of the matrix: opening a model again shows its table at once.

    Stands in the user's cache folder, or where the environment variable ``SPECTRAL_WIDGETS_CACHE`` says (``off`` for
    nowhere). Several kernels share it. Numbers are shown again only to the same version of the code.
    """

    def __init__(
        self,
        folder: str | os.PathLike[str] | None = None,
        limit_bytes: int = LIMIT_BYTES,
        *,
        version: Callable[[], str] = code_version,
        **database: Any,
    ) -> None:
        self._folder = Path(folder) if folder is not None else None
        self._limit_bytes, self._version, self._settings = checked_limit(limit_bytes), version, database
        self._switch: bool | None = None if folder is None else True
        self._database: Database | None = None
        self._lock, self._process = threading.RLock(), os.getpid()
        self._caveat, self._reads, self._writes = "", True, True

    # ---- what users ask of it

    @property
    def folder(self) -> Path:
        """Where it stands, or would stand."""
        return self._folder if self._folder is not None else default_folder()

    @property
    def is_on(self) -> bool:
        """Whether results are kept and shown again."""
        wanted = not is_off_by_environment() if self._switch is None else self._switch
        return wanted and self._reads

    @property
    def caveat(self) -> str:
        """Why it works less than it should; empty when all is well."""
        return self._caveat

    @property
    def size_bytes(self) -> int:
        """Size of its files."""
        return sum(path.stat().st_size for path in self.folder.glob(f"{FILE_NAME}*") if path.is_file())

    @property
    def n_records(self) -> int:
        """Number of results in it."""
        return self._safely(lambda database: database.n_records, 0) if (self.folder / FILE_NAME).exists() else 0

    @property
    def limit_bytes(self) -> int:
        """How large its file may become; what was not used for longest goes first.

        SQLite's log of the latest writes lies beside the file and takes some 4 MB more.
        """
        return self._limit_bytes

    @limit_bytes.setter
    def limit_bytes(self, limit: int) -> None:
        self._limit_bytes = checked_limit(limit)
        if self._database is not None:
            self._database.limit_bytes = self._limit_bytes
            self._safely(lambda database: database.shrink(self._version()), None)

    def off(self) -> None:
        """Keep nothing and show nothing again, in this process."""
        with self._ready():
            self._switch = False
            self._close()

    def on(self, folder: str | os.PathLike[str] | None = None) -> None:
        """Work again, in this folder if one is given."""
        with self._ready():
            self._close()
            self._folder = Path(folder) if folder is not None else self._folder
            self._switch, self._reads, self._writes, self._caveat = True, True, True, ""

    def clear(self) -> None:
        """Let everything go."""
        was = self._switch
        self._switch = True
        try:
            if (self.folder / FILE_NAME).exists():
                self._safely(lambda database: database.clear(), None)
        finally:
            self._switch = was
            if not self.is_on:
                self._close()

    def __repr__(self) -> str:
        if not self.is_on:
            return f"<cache off{f': {self.caveat}' if self.caveat else ''}>"
        size = f"{self.size_bytes / 1e6:.1f} of {self.limit_bytes / 1e6:.0f} MB, {self.n_records} results"
        return f"<cache on: {self.folder}, {size}{f'; {self.caveat}' if self.caveat else ''}>"

    # ---- what the package asks of it

    def shelf(self, digest: str, layer: LayerRef, unfolding: Unfolding | None, device: str = "cpu") -> Shelf | None:
        """Where the results of one matrix stand: that of these values, cut in this way; ``None`` when off."""
        code = self._version() if self.is_on else ""
        return Shelf(self, key_of_matrix(digest, layer, unfolding, device, code), layer, code) if code else None

    def is_current(self, code: str) -> bool:
        """Whether results of this code are given and taken now."""
        return self.is_on and code == self._version()

    def rows(self, matrix: str) -> dict[str, bytes | None]:
        return self._safely(lambda database: database.rows(matrix), {})

    def value(self, matrix: str, what: str) -> bytes | None:
        return self._safely(lambda database: database.value(matrix, what), None)

    def put(self, rows: Iterable[Row]) -> None:
        rows = list(rows)
        if rows and self._writes:
            self._safely(lambda database: database.put(rows), None)

    def drop(self, matrix: str, what: str) -> None:
        self._safely(lambda database: database.drop(matrix, what), None)

    def recall(self, place: str, stamp: str) -> str | None:
        """The digest of what lies in a place of a file with this stamp, if it was noted by this code."""
        stamp = f"{self._version()} {stamp}"
        found = self._safely(lambda database: database.recall(place), None)
        return found[1] if found is not None and found[0] == stamp and self._version() else None

    def remember(self, place: str, stamp: str, digest: str) -> None:
        """Note the digest of what lies in a place of a file with this stamp."""
        code = self._version()
        if code and self._writes:
            self._safely(lambda database: database.remember(place, f"{code} {stamp}", digest), None)

    # ---- faults

    def _safely(self, action: Callable[[Database], Answer], otherwise: Answer) -> Answer:
        """What the database answers; ``otherwise`` when there is none or it fails."""
        with self._ready():
            try:
                return action(self._opened()) if self.is_on else otherwise
            except (sqlite3.Error, OSError) as error:
                if not self._mended(error):
                    return otherwise
            try:
                return action(self._opened())
            except (sqlite3.Error, OSError) as error:
                self._give_up(error)
                return otherwise

    def _opened(self) -> Database:
        if self._database is None:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._database = Database(self.folder / FILE_NAME, self._limit_bytes, **self._settings)
        return self._database

    def _mended(self, error: Exception) -> bool:
        """Whether it is worth another try, once what can be done about the error is done."""
        if isinstance(error, sqlite3.Error):
            if is_busy(error):
                return False
            if code_of(error) in _BROKEN:
                return self._moved_aside()
        self._give_up(error)
        return False

    def _moved_aside(self) -> bool:
        """A damaged file gets another name, unless another process has replaced it meanwhile."""
        self._close()
        path = self.folder / FILE_NAME
        try:
            if not _is_sound(path, self._settings):
                path.replace(path.with_suffix(".damaged"))
                for end in ("-wal", "-shm", "-journal"):
                    path.with_name(path.name + end).unlink(missing_ok=True)
                self._say(f"The store of results in {self.folder} was damaged and begins anew.")
        except OSError as error:
            self._give_up(error)
            return False
        return True

    def _give_up(self, error: Exception) -> None:
        full = isinstance(error, sqlite3.Error) and code_of(error) in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_READONLY)
        if full and self._database is not None:
            self._writes = False
            self._say(f"The store of results in {self.folder} takes nothing more ({error}); make room or clear it.")
            return
        self._reads = self._writes = False
        self._close()
        self._say(
            f"The store of results in {self.folder} does not work ({error}), so nothing is kept; "
            f"name another folder with {VARIABLE}."
        )

    def _say(self, sentence: str) -> None:
        self._caveat = sentence
        _log.warning("%s", sentence)

    def _ready(self) -> threading.RLock:
        """The lock; after a fork a new one, and no file is open any more."""
        if self._process != os.getpid():
            if self._database is not None:
                _inherited.append(self._database)
            self._database, self._lock, self._process = None, threading.RLock(), os.getpid()
        return self._lock

    def _close(self) -> None:
        if self._database is not None:
            self._database.close()
        self._database = None


def _is_sound(path: Path, settings: dict[str, Any]) -> bool:
    try:
        database = Database(path, LIMIT_BYTES, **settings)
    except sqlite3.Error as error:
        return code_of(error) not in _BROKEN
    try:
        return database.is_sound()
    finally:
        database.close()
