"""Faults of the store's file cost a sentence and nothing else; edited code costs a version."""

from __future__ import annotations

import logging
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
import spectral_widgets as sw
from spectral_widgets.store.database import FILE_NAME, Database, Row
from spectral_widgets.store.version import SourceWatch

from .storing import cache_in, has, keep, shelf_of


def test_a_file_that_is_no_database_is_moved_aside_with_one_sentence(tmp_path, caplog):
    (tmp_path / FILE_NAME).write_bytes(b"no database at all" * 500)
    cache = cache_in(tmp_path)
    with caplog.at_level(logging.WARNING):
        keep(cache)
        assert has(cache)
        keep(cache, digest="more")
    assert len(caplog.records) == 1
    assert "damaged" in cache.caveat
    assert (tmp_path / FILE_NAME).with_suffix(".damaged").read_bytes().startswith(b"no database")


def test_a_database_with_damaged_pages_is_moved_aside_while_it_is_open(tmp_path, caplog):
    cache = cache_in(tmp_path)
    for k in range(40):
        keep(cache, size=2000, digest=str(k))
    cache.off()
    path = tmp_path / FILE_NAME
    data = bytearray(path.read_bytes())
    data[4096:] = bytes(k % 251 for k in range(len(data) - 4096))
    cache = cache_in(tmp_path)
    path.write_bytes(data)
    with caplog.at_level(logging.WARNING):
        assert not has(cache, "3")
        keep(cache, digest="new")
    assert has(cache, "new")
    assert len(caplog.records) == 1


def test_one_damaged_value_is_computed_again_and_the_others_stay(tmp_path):
    cache = cache_in(tmp_path)
    keep(cache, digest="a")
    keep(cache, digest="b")
    with sqlite3.connect(tmp_path / FILE_NAME) as database:
        matrix = shelf_of(cache, "a")._matrix
        database.execute("UPDATE records SET value = substr(value, 1, 40) WHERE matrix = ?", (matrix,))
    database.close()
    assert not has(cache, "a")
    assert has(cache, "b")
    assert cache.n_records == 1
    keep(cache, digest="a")
    assert has(cache, "a")


def test_a_folder_that_cannot_be_made_is_said_once_and_nothing_is_kept(tmp_path, caplog):
    (tmp_path / "file").write_text("in the way")
    cache = cache_in(tmp_path / "file" / "folder")
    with caplog.at_level(logging.WARNING):
        keep(cache)
        assert shelf_of(cache) is None
    assert len(caplog.records) == 1
    assert "SPECTRAL_WIDGETS_CACHE" in cache.caveat
    assert not cache.is_on


def test_a_read_only_folder_gives_what_it_has_or_nothing_and_never_an_error(tmp_path):
    """As another user than root, whom nothing is read-only for."""
    keep(cache_in(tmp_path))
    code = (
        "import os, sys, numpy.random; from pathlib import Path\n"
        "from tests.storing import cache_in, keep, shelf_of\n"
        "os.chmod(sys.argv[1], 0o555); [os.chmod(one, 0o444) for one in Path(sys.argv[1]).iterdir()]\n"
        "hasattr(os, 'geteuid') and os.geteuid() == 0 and os.seteuid(65534)\n"
        "cache = cache_in(Path(sys.argv[1]))\n"
        "keep(cache, digest='new'); shelf = shelf_of(cache, 'new')\n"
        "sys.exit(0 if cache.caveat and (shelf is None or shelf.get(object) is None) else 1)"
    )
    folder = tmp_path
    while folder != Path(folder.anchor):  # the other user has to get there
        if folder.stat().st_uid == os.getuid():
            folder.chmod(folder.stat().st_mode | 0o111)
        folder = folder.parent
    try:
        done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], cwd=Path(__file__).parents[1], check=False)
    finally:
        tmp_path.chmod(0o755)
    assert done.returncode == 0


def test_a_full_disk_keeps_what_is_there_and_says_so_once(tmp_path, caplog):
    cache = cache_in(tmp_path)
    keep(cache)
    connection = cache._database._connection
    pages = connection.execute("PRAGMA page_count").fetchone()[0]
    connection.execute(f"PRAGMA max_page_count = {pages + 2}").fetchone()
    with caplog.at_level(logging.WARNING):
        keep(cache, size=50_000, digest="too large for the disk")
        keep(cache, size=50_000, digest="another")
    assert has(cache)
    assert not has(cache, "too large for the disk")
    assert len(caplog.records) == 1
    assert "takes nothing more" in cache.caveat


def test_a_file_that_another_process_holds_for_long_costs_a_result_and_nothing_else(tmp_path, monkeypatch):
    monkeypatch.setattr("spectral_widgets.store.database._BUSY_S", 0.05)
    cache = cache_in(tmp_path)
    keep(cache)
    holder = sqlite3.connect(tmp_path / FILE_NAME, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    keep(cache, digest="meanwhile")
    assert has(cache)
    holder.execute("ROLLBACK")
    holder.close()
    assert not has(cache, "meanwhile")
    assert not cache.caveat
    keep(cache, digest="after")
    assert has(cache, "after")


def test_an_interrupted_write_leaves_all_or_nothing(tmp_path):
    database = Database(tmp_path / FILE_NAME, 1 << 20)
    rows = [Row("m", "good", "code", b"x"), Row("m", None, "code", b"x")]
    with pytest.raises(sqlite3.IntegrityError):
        database.put(rows)
    assert database.n_records == 0
    database.close()


# ---- which code


def package_in(folder) -> Path:
    for room in ("spectra", "records"):
        (folder / room / "deep").mkdir(parents=True)
        (folder / room / "one.py").write_text("A = 1\n")
        (folder / room / "deep" / "two.py").write_text("B = 2\n")
    return folder


def watch(package, loaded_ns=2**62) -> SourceWatch:
    return SourceWatch(package, loaded_ns, ("spectra", "records"))


def test_the_version_follows_every_source_file(tmp_path):
    package = package_in(tmp_path)
    before = watch(package).version()
    assert before
    assert watch(package).version() == before
    (package / "spectra" / "deep" / "two.py").write_text("B = 3\n")
    after = watch(package).version()
    assert after not in ("", before)
    (package / "spectra" / "three.py").write_text("")
    assert watch(package).version() not in ("", before, after)


def test_an_edit_while_the_code_is_loaded_leaves_no_version(tmp_path, monkeypatch):
    monkeypatch.setattr("spectral_widgets.store.version._RECHECK_S", 0.0)
    package = package_in(tmp_path)
    here = watch(package)
    assert here.version()
    path = package / "records" / "one.py"
    os.utime(path, ns=(10**18, 10**18))
    assert here.version() == ""
    assert watch(package, loaded_ns=10**18 - 1).version() == ""
    path.unlink()
    assert here.version() == ""


def test_this_package_has_a_version_and_loads_with_a_time():
    assert sw.LOADED_NS > 0
    assert len(SourceWatch(Path(sw.__file__).parent, 2**62).version()) == 32
