"""The file behind the store: SQLite, for several processes at once, held to its limit.

Beside it lies SQLite's log of the latest writes, of 4 MB or of one larger write.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

#: The number changes with the tables; a file of another number is left alone.
FILE_NAME = "records-1.sqlite"
#: Rows up to this size come along when a matrix is looked up.
SMALL_BYTES = 1 << 14
#: A record beyond this part of the limit would push too many others out.
LARGEST_PART = 4
# After an eviction there is room again for a tenth of the limit, so that not every write evicts.
_KEPT_PART = 0.9
_MOST_MEMOS = 100_000
_BUSY_S = 5.0
_OPENING_S = 10.0
_BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)

# Incremental, so that cleared space goes back to the disk; it must be said before the first table.
_TABLES = (
    "CREATE TABLE IF NOT EXISTS records (matrix TEXT NOT NULL, what TEXT NOT NULL, code TEXT NOT NULL, "
    "used REAL NOT NULL, size INTEGER NOT NULL, value BLOB NOT NULL, PRIMARY KEY (matrix, what))",
    "CREATE TABLE IF NOT EXISTS memos (place TEXT PRIMARY KEY, stamp TEXT NOT NULL, digest TEXT NOT NULL, "
    "used REAL NOT NULL)",
)


@dataclass(frozen=True, slots=True)
class Row:
    """One stored value: of which matrix, what it is, by which code."""

    matrix: str
    what: str
    code: str
    value: bytes


def is_busy(error: sqlite3.Error) -> bool:
    """Whether another process merely holds the file for a while."""
    return code_of(error) in _BUSY


def code_of(error: sqlite3.Error) -> int:
    """The primary result code of SQLite; -1 where the error has none."""
    return getattr(error, "sqlite_errorcode", -1) & 0xFF


class Database:
    """One open file. Every method may raise ``sqlite3.Error``; none is called by two threads at once.

    ``clock`` gives seconds; uses are noted only every ``touch_s``, so that reading seldom writes. ``vfs`` names
    another way to the file than SQLite's usual one.
    """

    def __init__(
        self,
        path: Path,
        limit_bytes: int,
        *,
        clock: Callable[[], float] = time.time,
        touch_s: float = 3600.0,
        vfs: str = "",
    ) -> None:
        self.path, self.limit_bytes = path, limit_bytes
        self._clock, self._touch_s = clock, touch_s
        name = f"{path.absolute().as_uri()}?mode=rwc{f'&vfs={vfs}' if vfs else ''}"
        self._connection = sqlite3.connect(
            name, timeout=_BUSY_S, isolation_level=None, check_same_thread=False, uri=True
        )
        try:
            self._prepare()
        except sqlite3.Error:
            self._connection.close()
            raise

    def close(self) -> None:
        self._connection.close()

    # ---- records

    def rows(self, matrix: str, most_bytes: int = SMALL_BYTES) -> dict[str, bytes | None]:
        """Everything that is stored of a matrix, large values as ``None``."""
        found = self._connection.execute(
            "SELECT what, CASE WHEN size <= ? THEN value END, used FROM records WHERE matrix = ?", (most_bytes, matrix)
        ).fetchall()
        now = self._clock()
        if found and min(used for _, _, used in found) < now - self._touch_s:
            self._connection.execute("UPDATE records SET used = ? WHERE matrix = ?", (now, matrix))
        return {what: value for what, value, _ in found}

    def value(self, matrix: str, what: str) -> bytes | None:
        """One value, however large."""
        found = self._connection.execute(
            "SELECT value FROM records WHERE matrix = ? AND what = ?", (matrix, what)
        ).fetchone()
        return None if found is None else found[0]

    def put(self, rows: Iterable[Row]) -> None:
        """Write all of these or none, and let the oldest go where they do not fit."""
        now = self._clock()
        kept = [row for row in rows if len(row.value) <= self.limit_bytes // LARGEST_PART]
        if not kept:
            return
        with self._writing():
            self._connection.executemany(
                "INSERT OR REPLACE INTO records (matrix, what, code, used, size, value) VALUES (?, ?, ?, ?, ?, ?)",
                [(row.matrix, row.what, row.code, now, len(row.value), row.value) for row in kept],
            )
            if self.used_bytes > self.limit_bytes:
                self._evict(kept[0].code, int(self.limit_bytes * _KEPT_PART))

    def drop(self, matrix: str, what: str) -> None:
        """Let one value go."""
        self._connection.execute("DELETE FROM records WHERE matrix = ? AND what = ?", (matrix, what))

    # ---- memos

    def recall(self, place: str) -> tuple[str, str] | None:
        """Stamp and digest that were noted for a place."""
        return self._connection.execute("SELECT stamp, digest FROM memos WHERE place = ?", (place,)).fetchone()

    def remember(self, place: str, stamp: str, digest: str) -> None:
        """Note the digest of what lies in a place, and the stamp of the file that it was read from."""
        self._connection.execute(
            "INSERT OR REPLACE INTO memos (place, stamp, digest, used) VALUES (?, ?, ?, ?)",
            (place, stamp, digest, self._clock()),
        )

    # ---- size

    @property
    def used_bytes(self) -> int:
        """What is in use of the file; the rest is free for what comes."""
        pages = self._pragma("page_count") - self._pragma("freelist_count")
        return pages * self._pragma("page_size")

    @property
    def n_records(self) -> int:
        return int(self._connection.execute("SELECT count(*) FROM records").fetchone()[0])

    def is_sound(self) -> bool:
        """Whether SQLite finds nothing wrong with the file."""
        try:
            return self._connection.execute("PRAGMA quick_check(1)").fetchone()[0] == "ok"
        except sqlite3.DatabaseError:
            return False

    def clear(self) -> None:
        """Let everything go and give the space back."""
        with self._writing():
            self._connection.execute("DELETE FROM records")
            self._connection.execute("DELETE FROM memos")
        self._give_back()

    def shrink(self, code: str) -> None:
        """Evict down to the limit, which may have become smaller."""
        with self._writing():
            self._evict(code, self.limit_bytes)
        self._give_back()

    def _evict(self, code: str, target_bytes: int) -> None:
        """Values of other code first, then those that were not used for longest."""
        self._connection.execute(
            "DELETE FROM memos WHERE place IN (SELECT place FROM memos ORDER BY used DESC LIMIT -1 OFFSET ?)",
            (_MOST_MEMOS,),
        )
        order = self._connection.execute(
            "SELECT rowid, size FROM records ORDER BY code = ?, used, rowid", (code,)
        ).fetchall()
        for rowids in _batches(order, lambda: self.used_bytes - target_bytes):
            self._connection.executemany("DELETE FROM records WHERE rowid = ?", [(rowid,) for rowid in rowids])

    # ---- inside

    def _give_back(self) -> None:
        """Free pages to the disk. Only a script runs this statement to its end; ``execute`` frees a single page."""
        self._connection.executescript("PRAGMA incremental_vacuum")
        self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def _pragma(self, name: str) -> int:
        return int(self._connection.execute(f"PRAGMA {name}").fetchone()[0])

    @contextmanager
    def _writing(self) -> Iterator[None]:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._connection.execute("COMMIT")
        except BaseException:
            if self._connection.in_transaction:  # some errors of SQLite have undone it already
                self._connection.execute("ROLLBACK")
            raise

    def _prepare(self) -> None:
        """Tables and modes. Another process that does the same right now is waited for."""
        give_up = time.monotonic() + _OPENING_S
        while True:
            try:
                return self._prepare_once()
            except sqlite3.OperationalError as error:
                if not is_busy(error) or time.monotonic() > give_up:
                    raise
                time.sleep(0.02)

    def _prepare_once(self) -> None:
        self._connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
        self._join_writers()
        self._connection.execute("PRAGMA synchronous = NORMAL")
        self._connection.execute("PRAGMA journal_size_limit = 4000000").fetchall()
        with self._writing():
            for table in _TABLES:
                self._connection.execute(table)

    def _join_writers(self) -> None:
        """A write-ahead log, so that readers never wait; folders that cannot share memory get a plain journal."""
        try:
            self._connection.execute("PRAGMA journal_mode = WAL").fetchall()
        except sqlite3.OperationalError as error:
            if is_busy(error):
                raise
            self._connection.execute("PRAGMA journal_mode = TRUNCATE").fetchall()


def _batches(order: list[tuple[int, int]], excess: Callable[[], int]) -> Iterator[list[int]]:
    """The first rows whose sizes make up for the excess, and on from there until nothing is in excess."""
    start = 0
    while start < len(order) and (missing := excess()) > 0:
        end = start
        while end < len(order) and missing > 0:
            missing -= order[end][1]
            end += 1
        yield [rowid for rowid, _ in order[start:end]]
        start = end
