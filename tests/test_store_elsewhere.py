"""Results on workers: those of this machine share the caller's store, others keep their own or none, and off is off."""

from __future__ import annotations

import numpy as np
import pytest
import spectral_widgets as sw
from spectral_widgets import api_kept
from spectral_widgets.api_kept import StorePlace, store_in_use
from spectral_widgets.api_measuring import measured_parcel
from spectral_widgets.api_reporting import Wanted, reported_parcel
from spectral_widgets.store import Cache

from .test_executing import Synchronous

MATRIX = np.random.default_rng(0).standard_normal((40, 30))


@pytest.fixture
def callers(tmp_path, monkeypatch) -> Cache:
    """The store of the process that asks."""
    store = Cache(tmp_path / "callers")
    monkeypatch.setattr(api_kept, "cache", store)
    return store


def worker(monkeypatch, tmp_path, named: str, host: str) -> None:
    """From now on this process is a worker, with this environment, on this machine."""
    usual = tmp_path / "home" / "usual"
    monkeypatch.setattr("platformdirs.user_cache_path", lambda *_, **__: usual)
    monkeypatch.setenv("SPECTRAL_WIDGETS_CACHE", named.replace("TMP", str(tmp_path)))
    monkeypatch.setattr(api_kept, "cache", Cache())
    monkeypatch.setattr(api_kept.socket, "gethostname", lambda: host)


def measuring(place: StorePlace | None) -> None:
    measured_parcel((sw.api_sources.readable(MATRIX), (["alpha"], (0,), 0.01, place, None)))


def reporting(place: StorePlace | None) -> None:
    reported_parcel((sw.api_sources.readable(MATRIX), Wanted(metrics=["alpha"], seeds=(0,)), place))


def kept_in(tmp_path) -> set[str]:
    return {path.parent.name for path in tmp_path.rglob("*.sqlite*")}


@pytest.mark.parametrize("work", [measuring, reporting])
@pytest.mark.parametrize(
    ("named", "host", "expected"),
    [
        ("", "here", {"callers"}),
        ("TMP/own", "here", {"callers"}),
        ("off", "here", set()),
        ("", "elsewhere", set()),
        ("off", "elsewhere", set()),
        ("TMP/own", "elsewhere", {"own"}),
        ("TMP/callers", "elsewhere", set()),
    ],
)
def test_where_a_worker_keeps_its_results(callers, tmp_path, monkeypatch, work, named, host, expected):
    place = store_in_use()
    assert place is not None
    worker(monkeypatch, tmp_path, named, host)
    work(place._replace(host="here"))
    assert kept_in(tmp_path) == expected


@pytest.mark.parametrize("work", [measuring, reporting])
def test_a_worker_keeps_nothing_for_a_caller_without_a_store(callers, tmp_path, monkeypatch, work):
    callers.off()
    place = store_in_use()
    assert place is None
    worker(monkeypatch, tmp_path, "TMP/own", "elsewhere")
    work(place)
    assert kept_in(tmp_path) == set()


def test_a_worker_of_this_process_uses_its_store(callers):
    frames = [sw.measure([MATRIX], ["alpha"], executor=one) for one in (Synchronous(), None)]
    assert frames[0].to_csv() == frames[1].to_csv()
    assert callers.n_records > 0
