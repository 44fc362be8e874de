"""The store: several processes, what a result belongs to, the switch."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
import spectral_widgets as sw
from spectral_widgets.records import LayerRef, Measurement, Spectrum, Unfolding
from spectral_widgets.store import Cache
from spectral_widgets.store.database import FILE_NAME

from .storing import CUT, LAYER, cache_in, has, keep, shelf_of

N_PROCESSES, N_ROUNDS = 4, 200


def test_what_is_put_is_there_for_the_next_process(tmp_path):
    keep(cache_in(tmp_path))
    found = shelf_of(cache_in(tmp_path)).get(Spectrum)
    assert found.eigenvalues.tobytes() == np.random.default_rng(8).standard_normal(8).tobytes()
    assert found.eigenvalues.flags.writeable


def test_nothing_is_written_before_the_end_of_the_with_and_all_of_it_then(tmp_path):
    cache = cache_in(tmp_path)
    with shelf_of(cache) as shelf:
        shelf.put(Measurement("layer", "alpha", 2.0), metric="alpha")
        assert shelf.get(Measurement, metric="alpha").value == 2.0
        assert shelf_of(cache).get(Measurement, metric="alpha") is None
    assert shelf_of(cache).get(Measurement, metric="alpha").value == 2.0


@pytest.mark.parametrize(
    "change",
    [
        {"digest": "other"},
        {"unfolding": Unfolding.of_shape((9, 4), block=((0, 9),))},
        {"unfolding": Unfolding.of_shape((4, 9))},
        {"device": "cuda:0"},
        {"layer": LayerRef("layer", "other", None, (9, 4), 9, 4, "float64")},
        {"version": "two"},
    ],
)
def test_a_result_belongs_to_values_cut_device_and_code(tmp_path, change):
    keep(cache_in(tmp_path))
    asked = {"digest": "digest", "layer": LAYER, "unfolding": CUT, "device": "cpu"} | change
    cache = cache_in(tmp_path, asked.pop("version", "one"))
    assert cache.shelf(**asked).get(Spectrum) is None
    assert has(cache_in(tmp_path))


def test_equal_weights_under_another_name_find_their_results_under_that_name(tmp_path):
    cache = cache_in(tmp_path)
    with shelf_of(cache) as shelf:
        shelf.put(Measurement("layer", "alpha", 2.0), metric="alpha")
    renamed = LayerRef("_orig_mod.layer", "other", 3, (9, 4), 9, 4, "float32")
    assert cache.shelf("digest", renamed, CUT).get(Measurement, metric="alpha").layer == "_orig_mod.layer"


def test_settings_tell_results_apart(tmp_path):
    shelf = shelf_of(cache_in(tmp_path))
    for seeds in ([0, 1], [0], [np.int64(2)]):
        shelf.put(Measurement("layer", "traps", float(seeds[0])), metric="traps", seeds=seeds)
    assert shelf.get(Measurement, seeds=(0, 1), metric="traps").value == 0.0
    assert shelf.get(Measurement, seeds=[2], metric="traps").value == 2.0
    assert shelf.get(Measurement, seeds=[1], metric="traps") is None


# ---- several at once


def _work(folder, start, errors):
    try:
        cache = cache_in(folder)
        start.wait()
        for k in range(N_ROUNDS):
            digest = str((k * 7) % 40)
            with shelf_of(cache, digest) as shelf:
                shelf.put(Measurement("layer", "alpha", float(k % 40)), metric=f"m{k}")
                shelf.put(Spectrum(np.full(300, float(digest)), 9, 4, 1.0))
            found = shelf_of(cache, digest)
            if found.get(Measurement, metric=f"m{k}") is None or found.get(Spectrum).eigenvalues[0] != float(digest):
                errors.put(f"{k} is lost")
        if cache.caveat:
            errors.put(cache.caveat)
    except BaseException as error:
        errors.put(repr(error))


def test_four_processes_write_the_same_keys_at_once_and_lose_nothing(tmp_path):
    context = multiprocessing.get_context("spawn")
    errors, start = context.Queue(), context.Barrier(N_PROCESSES)
    workers = [context.Process(target=_work, args=(tmp_path, start, errors)) for _ in range(N_PROCESSES)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(120)
    assert [worker.exitcode for worker in workers] == [0] * N_PROCESSES
    assert errors.empty(), errors.get()
    cache = cache_in(tmp_path)
    assert cache.n_records == 40 + N_ROUNDS
    assert all(
        shelf_of(cache, str((k * 7) % 40)).get(Measurement, metric=f"m{k}").value == k % 40 for k in range(N_ROUNDS)
    )


def test_threads_of_one_process_share_it(tmp_path):
    cache = cache_in(tmp_path)
    threads = [
        threading.Thread(target=lambda n=n: [keep(cache, digest=f"{n} {k}") for k in range(30)]) for n in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert cache.n_records == 120
    assert not cache.caveat


def test_a_forked_process_opens_its_own(tmp_path):
    code = (
        "import os, sys; from pathlib import Path; from tests.storing import cache_in, has, keep\n"
        "cache = cache_in(Path(sys.argv[1])); keep(cache)\n"
        "if not hasattr(os, 'fork'): sys.exit(7)\n"
        "child = os.fork()\n"
        "if child == 0:\n    keep(cache, digest='child'); os._exit(0 if has(cache) else 1)\n"
        "status = os.waitpid(child, 0)[1]; keep(cache, digest='parent')\n"
        "sys.exit(0 if status == 0 and has(cache, 'child') and cache.n_records == 3 and not cache.caveat else 2)"
    )
    root = Path(__file__).parents[1]
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", code, str(tmp_path)], cwd=root, check=False)
    assert done.returncode == (0 if hasattr(os, "fork") else 7)


def test_a_folder_that_cannot_share_memory_gets_a_plain_journal(tmp_path):
    """This way to the file has no shared memory, like network folders, so that SQLite refuses its log there."""
    cache = cache_in(tmp_path, vfs="unix-dotfile")
    keep(cache)
    assert has(cache)
    assert not cache.caveat
    mode = cache._database._connection.execute("PRAGMA journal_mode").fetchone()[0]
    assert mode in ("delete", "truncate")
    keep(usual := cache_in(tmp_path / "usual"))
    assert usual._database._connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal"


# ---- the switch


def test_off_keeps_nothing_and_touches_no_file(tmp_path):
    cache = cache_in(tmp_path)
    cache.off()
    assert not cache.is_on
    assert shelf_of(cache) is None
    assert cache.recall("place", "stamp") is None
    cache.remember("place", "stamp", "digest")
    cache.clear()
    assert "off" in repr(cache)
    assert list(tmp_path.iterdir()) == []
    cache.on()
    keep(cache)
    assert "1 results" in repr(cache)


def test_a_shelf_that_is_held_while_the_cache_goes_off_gives_and_takes_nothing(tmp_path):
    cache = cache_in(tmp_path)
    keep(cache)
    shelf = shelf_of(cache)
    assert shelf.get(Spectrum) is not None
    cache.off()
    assert shelf.get(Spectrum) is None
    with shelf:
        shelf.put(Measurement("layer", "alpha", 2.0), metric="alpha")
    cache.on()
    assert cache.n_records == 1


@pytest.mark.parametrize("word", ["off", "OFF", " off ", "0", "no", "false"])
def test_the_environment_switches_it_off_and_code_on_again(tmp_path, monkeypatch, word):
    monkeypatch.setenv("SPECTRAL_WIDGETS_CACHE", word)
    cache = Cache(version=lambda: "one")
    assert not cache.is_on
    assert shelf_of(cache) is None
    cache.on(tmp_path / "here")
    keep(cache)
    assert (tmp_path / "here" / FILE_NAME).is_file()


@pytest.mark.parametrize("word", ["on", "ON", " on ", "1", "yes", "true", ""])
def test_the_environment_switches_it_on_in_its_usual_folder(tmp_path, monkeypatch, word):
    monkeypatch.delenv("SPECTRAL_WIDGETS_CACHE")
    usual = Cache().folder
    monkeypatch.setenv("SPECTRAL_WIDGETS_CACHE", word)
    assert Cache().is_on
    assert Cache().folder == usual


def test_the_environment_names_another_folder_and_else_it_is_the_users_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("SPECTRAL_WIDGETS_CACHE", str(tmp_path / "named"))
    assert Cache().folder == tmp_path / "named"
    monkeypatch.setenv("SPECTRAL_WIDGETS_CACHE", "")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert Cache().folder.name == "spectral_widgets"
    assert Cache().is_on


def test_the_suite_runs_without_the_users_store():
    assert not sw.cache.is_on
