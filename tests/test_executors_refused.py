"""What is no executor, or takes no task any more, is refused in one sentence before anything is computed."""

from __future__ import annotations

from concurrent.futures import Executor, ThreadPoolExecutor

import numpy as np
import pytest
import spectral_widgets as sw
from spectral_widgets.jobs import n_workers


def shut_down() -> Executor:
    executor = ThreadPoolExecutor(1)
    executor.shutdown()
    return executor


def measured(given):
    return sw.measure([np.eye(30)], ["alpha"], executor=given, cache=False)


def shuffled(given):
    return sw.find_traps(np.eye(30), executor=given)


def scanned(given):
    return sw.find_traps_in_model([np.eye(30)], executor=given)


def ablated(given):
    model = sw.digits_mlp()
    return sw.ablate(model, sw.SubtractMean(model.layers[0].ref), n_probes=4, n_controls=1, executor=given)


def reported(given):
    return sw.report([np.eye(30)], metrics=["alpha"], executor=given, cache=False)


class Client:
    """As a cluster's own: it makes executors and is none."""

    def get_executor(self) -> Executor:
        raise AssertionError


@pytest.mark.parametrize("ask", [measured, shuffled, scanned, ablated, reported])
@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("processes", r"executor='processes' is no executor: give one .* or a function that makes one\.$"),
        (4, "executor=4 is no executor"),
        (Client(), r"is no executor: give what its \.get_executor\(\) makes\.$"),
        (lambda: None, "<lambda> made None and no executor: give one"),
        (int, "int made 0 and no executor"),
        (shut_down(), r"takes no task \(RuntimeError: .*shutdown\): give one that is open\.$"),
        (shut_down, "takes no task"),
    ],
    ids=["text", "number", "client", "none", "type", "shut down", "made shut down"],
)
def test_what_is_no_executor_is_refused_in_a_sentence(ask, given, words):
    with pytest.raises(sw.Complaint, match=words):
        ask(given)


def test_a_client_that_was_closed_does_not_say_how_many_workers_it_has():
    class Closed(ThreadPoolExecutor):
        @property
        def _client(self):
            return self

        def ncores(self):
            raise AttributeError("closed")

    executor = Closed(1)
    executor._max_workers = 0
    assert n_workers(executor) is None
