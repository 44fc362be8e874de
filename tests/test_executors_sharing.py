"""Workers of one machine share its cores: none of them takes all threads of BLAS."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import pytest
from spectral_widgets.api_work import spread_steps
from spectral_widgets.spectra.threads import free_threads, n_cores

from .executor_tasks import threads_used
from .test_executing import SPAWN, Synchronous


@pytest.mark.parametrize("n_workers", [1, 2, 64])
@pytest.mark.parametrize("make", [lambda n: ThreadPoolExecutor(n), lambda n: lambda: ThreadPoolExecutor(n)])
def test_workers_of_this_machine_share_its_cores(make, n_workers):
    steps = spread_steps(threads_used, range(3), [1.0] * 3, int, "Counting", make(n_workers), progress=False)
    before = free_threads()
    assert dict(steps) == dict.fromkeys(range(3), min(before, max(1, n_cores() // n_workers)))
    assert free_threads() == before


def test_processes_share_the_cores_and_a_cluster_is_left_as_it_is():
    with ProcessPoolExecutor(n_cores(), mp_context=SPAWN) as pool:
        assert dict(spread_steps(threads_used, [0], [1.0], int, "Counting", pool, progress=False)) == {0: 1}
    cluster = Synchronous()
    assert dict(spread_steps(threads_used, [0], [1.0], int, "Counting", cluster, progress=False)) == {0: free_threads()}
