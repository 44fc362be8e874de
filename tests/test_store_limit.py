"""The store stays within its limit, and the right results go first."""

from __future__ import annotations

import pytest
from spectral_widgets.records import Complaint
from spectral_widgets.store.database import FILE_NAME

from .storing import cache_in, has, keep


def test_it_stays_within_its_limit_and_lets_the_longest_unused_go(tmp_path):
    now = [0.0]
    cache = cache_in(tmp_path, limit_bytes=1_000_000, clock=lambda: now[0], touch_s=0.0)
    for k in range(60):
        now[0] += 1
        keep(cache, size=4000, digest=str(k))
        assert has(cache, "0")  # used again and again
        assert (tmp_path / FILE_NAME).stat().st_size < 1_150_000
    assert has(cache, "59")
    assert not has(cache, "1")
    assert 20 < cache.n_records < 32


def test_results_of_other_code_go_first(tmp_path):
    now = [0.0]
    settings = {"limit_bytes": 1_000_000, "clock": lambda: now[0]}
    current = cache_in(tmp_path, **settings)
    keep(current, size=4000, digest="oldest, but of this code")
    for k in range(20):
        now[0] += 1
        keep(cache_in(tmp_path, "older code", **settings), size=4000, digest=str(k))
    for k in range(12):
        now[0] += 1
        keep(current, size=4000, digest=f"new {k}")
    assert has(current, "oldest, but of this code")
    assert not has(cache_in(tmp_path, "older code", **settings), "0")


def test_a_record_that_would_push_out_all_others_is_not_kept(tmp_path):
    cache = cache_in(tmp_path, limit_bytes=200_000)
    keep(cache)
    keep(cache, size=10_000, digest="large")
    assert has(cache)
    assert not has(cache, "large")


def test_clear_gives_the_space_back_and_a_smaller_limit_shrinks_it(tmp_path):
    cache = cache_in(tmp_path)
    for k in range(20):
        keep(cache, size=20_000, digest=str(k))
    before = cache.size_bytes
    assert before > 3_000_000
    cache.limit_bytes = 1_000_000
    assert 0 < cache.n_records < 7
    assert has(cache, "19")
    cache.clear()
    assert cache.n_records == 0
    assert cache.size_bytes < 100_000
    keep(cache)
    assert has(cache)


@pytest.mark.parametrize("wrong", [-5, 0, True, "1 GiB", None, float("nan"), float("inf")])
def test_a_limit_is_a_positive_number_of_bytes(tmp_path, wrong):
    cache = cache_in(tmp_path, limit_bytes=2e6)
    assert cache.limit_bytes == 2_000_000
    for refused in (lambda: setattr(cache, "limit_bytes", wrong), lambda: cache_in(tmp_path, limit_bytes=wrong)):
        with pytest.raises(Complaint, match="positive number of bytes"):
            refused()
    assert cache.limit_bytes == 2_000_000
