"""The arguments that say who computes: this process, processes of this machine, or a cluster."""

from __future__ import annotations

import argparse
import multiprocessing
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from functools import partial
from importlib import import_module
from typing import Any

from ..jobs import Executors
from ..records import Complaint


def add_workers(parser: argparse.ArgumentParser) -> None:
    """``--workers``, ``--dask`` and ``--ipyparallel``, at most one of them."""
    who = parser.add_mutually_exclusive_group()
    who.add_argument("--workers", type=positive, metavar="N", help="processes of this machine that share the work")
    who.add_argument("--dask", metavar="ADDRESS", help="scheduler of a Dask cluster, such as tcp://host:8786")
    who.add_argument("--ipyparallel", metavar="PROFILE", help="profile of a running ipyparallel cluster")


def positive(text: str) -> int:
    """A whole number from one on."""
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError("give a whole number from 1 on")
    return value


@contextmanager
def workers_of(parsed: argparse.Namespace) -> Iterator[Executors | None]:
    """Who computes; a connection to a cluster is closed afterwards. Raises ``Complaint`` where there is none."""
    if parsed.workers is not None:
        yield partial(ProcessPoolExecutor, parsed.workers, mp_context=multiprocessing.get_context("spawn"))
    elif parsed.dask is not None:
        client = _connected("dask", "Dask", lambda: _module("distributed", "dask").Client(parsed.dask, timeout=10))
        yield from _closing(client, client.get_executor())
    elif parsed.ipyparallel is not None:
        client = _connected(
            "ipyparallel",
            "ipyparallel",
            lambda: _module("ipyparallel", "ipyparallel").Client(profile=parsed.ipyparallel, timeout=10),
        )
        yield from _closing(client, client.executor())
    else:
        yield None


def _closing(client: Any, executor: Executor) -> Iterator[Executor]:
    try:
        yield executor
    finally:
        client.close()


def _module(name: str, extra: str) -> Any:
    try:
        return import_module(name)
    except ImportError as error:
        raise Complaint(f"This needs {name}: pip install 'spectral_widgets[{extra}]'.") from error


def _connected(option: str, title: str, connect: Callable[[], Any]) -> Any:
    try:
        return connect()
    except Complaint:
        raise
    except Exception as error:  # both libraries raise many types
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")
        raise Complaint(f"No {title} cluster answers ({reason}): start one, and check --{option}.") from error
