"""Tasks on executors of the standard library: every one comes back once, the largest first, whatever happens."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from functools import partial
from threading import Event

import pytest
from hypothesis import given
from hypothesis import strategies as st
from spectral_widgets.jobs import Lost, n_workers, run_steps
from spectral_widgets.jobs.executing import MOST_ATTEMPTS, MOST_BYTES

from .executor_tasks import deadly, doubled, refused, runs

SPAWN = multiprocessing.get_context("spawn")


class Synchronous(Executor):
    """Runs a task when it is submitted: the smallest executor that there can be."""

    def __init__(self) -> None:
        self.taken: list[int] = []

    def submit(self, fn, /, *args, **kwargs):
        self.taken.append(args[-1])
        future: Future = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future


class Unreliable(Synchronous):
    """Loses each task so many times as a cluster would, by an error that is not the task's."""

    def __init__(self, losses: dict[int, int], error: type[Exception] = ConnectionError) -> None:
        super().__init__()
        self.losses, self.error = dict(losses), error

    def submit(self, fn, /, *args, **kwargs):
        number = args[-1]
        if self.losses.get(number, 0) == 0:
            return super().submit(fn, *args, **kwargs)
        self.losses[number] -= 1
        self.taken.append(number)
        future: Future = Future()
        future.set_exception(self.error("gone"))
        return future


def results(function, costs, executor, **settings):
    return list(run_steps(function, lambda k: k, costs, executor, **settings))


@given(st.lists(st.integers(0, 9), max_size=30))
def test_every_task_comes_back_once_and_the_largest_first(costs):
    executor = Synchronous()
    found = results(doubled, costs, executor)
    assert found == [(k, 2 * k) for k in executor.taken]
    assert sorted(executor.taken) == list(range(len(costs)))
    assert [costs[k] for k in executor.taken] == sorted(costs, reverse=True)


@given(st.lists(st.integers(0, 4), min_size=1, max_size=8))
def test_a_lost_task_is_given_out_at_most_three_times_and_no_other_is_repeated(losses):
    executor = Unreliable(dict(enumerate(losses)))
    found = dict(results(doubled, [1.0] * len(losses), executor))
    for k, n_losses in enumerate(losses):
        assert executor.taken.count(k) == min(n_losses + 1, MOST_ATTEMPTS)
        assert isinstance(found[k], Lost) == (n_losses >= MOST_ATTEMPTS)
        if isinstance(found[k], Lost):
            assert "3 times" in found[k].sentence
            assert "ConnectionError: gone" in found[k].sentence


def test_what_a_cluster_has_tried_again_by_itself_is_not_given_out_again():
    class KilledWorker(Exception):
        pass

    executor = Unreliable({1: 1}, KilledWorker)
    found = dict(results(doubled, [1.0, 1.0], executor))
    assert executor.taken.count(1) == 1
    assert "several times" in found[1].sentence


@pytest.mark.parametrize("make", [Synchronous, partial(ThreadPoolExecutor, 2)])
def test_an_error_of_the_task_itself_is_raised_here_with_its_origin(make):
    with pytest.raises(ValueError, match="is refused") as caught:
        results(refused, [1.0] * 3, make)
    assert "executor_tasks.py" in "".join(caught.value.__notes__)


class Unportable(Exception):
    """Takes two words, and pickle would give it one; Dask teaches pickle better, so it holds what cannot be read."""

    def __init__(self, first: str, second: str) -> None:
        super().__init__(f"{first} {second}")
        self.held = Unreadable()


class Unreadable:
    def __reduce__(self):
        return int, ("no number",)


def unportable(number: int) -> int:
    raise Unportable("not", "portable")


def test_an_error_that_cannot_travel_comes_as_its_words_and_from_where():
    with pytest.raises(RuntimeError, match="Unportable: not portable") as caught:
        results(unportable, [1.0], Synchronous())
    assert "in unportable" in "".join(caught.value.__notes__)


def test_payloads_on_their_way_are_bounded_by_their_size():
    held: list[int] = []
    most = 0

    class Slow(ThreadPoolExecutor):
        def submit(self, fn, /, *args, **kwargs):
            nonlocal most
            held.append(args[-1])
            most = max(most, len(held))
            return super().submit(fn, *args, **kwargs)

    with Slow(8) as executor:
        for _ in run_steps(doubled, lambda k: k, [1.0] * 12, executor, sizes=[MOST_BYTES / 2.5] * 12):
            held.pop()
    assert most == 2


def test_closing_and_stopping_cancel_what_waits():
    release, started = Event(), []

    def slow(number):
        started.append(number)
        release.wait(10)
        return number

    with ThreadPoolExecutor(1) as executor:
        blocker = executor.submit(release.wait, 10)
        steps = run_steps(slow, lambda k: k, [1.0] * 5, executor, stop=lambda: True)
        assert list(steps) == []
        release.set()
        blocker.result()
    assert started == []


@pytest.fixture(scope="module")
def pool() -> Iterator[ProcessPoolExecutor]:
    with ProcessPoolExecutor(2, mp_context=SPAWN) as executor:
        yield executor


def test_processes(pool):
    assert sorted(results(doubled, [1.0] * 20, pool)) == [(k, 2 * k) for k in range(20)]
    assert n_workers(pool) == 2


def test_a_task_that_kills_every_worker_is_lost_alone(tmp_path):
    """A pool that lost a worker takes nothing more; new ones finish the rest, and the given one stays broken."""
    folder = tmp_path / "runs"
    folder.mkdir()
    with ProcessPoolExecutor(2, mp_context=SPAWN) as executor:
        steps = run_steps(deadly, lambda k: (str(folder), k), [9.0, 8, 7, 6, 5, 4, 3, 2], executor)
        found = dict(steps)
        with pytest.raises(BrokenExecutor):
            executor.submit(doubled, 1)
    assert isinstance(found.pop(0), Lost)
    assert found == {k: k for k in range(1, 8)}
    counted = runs(folder)
    assert counted["0"] == MOST_ATTEMPTS
    # Two tasks a worker are on their way: those beside the deadly one may have to be repeated, once.
    again = [counted[str(k)] - 1 for k in range(1, 8)]
    assert set(again) <= {0, 1}
    assert sum(again) <= 3


def test_a_factory_makes_the_executor_and_its_successors_and_they_are_closed():
    made: list[ThreadPoolExecutor] = []

    def make() -> ThreadPoolExecutor:
        made.append(ThreadPoolExecutor(2))
        return made[-1]

    assert sorted(results(doubled, [1.0] * 5, make)) == [(k, 2 * k) for k in range(5)]
    assert len(made) == 1
    with pytest.raises(RuntimeError, match="shutdown"):
        made[0].submit(doubled, 1)
