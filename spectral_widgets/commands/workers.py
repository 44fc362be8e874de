"""The arguments that say who computes: this process, processes of this machine, a cluster, any executor."""

from __future__ import annotations

import argparse
import multiprocessing
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from functools import partial
from importlib import import_module
from operator import attrgetter
from pathlib import Path
from typing import Any

from ..jobs import Executors
from ..records import Complaint


def add_workers(parser: argparse.ArgumentParser) -> None:
    """``--workers``, ``--dask``, ``--ipyparallel`` and ``--executor``, at most one of them."""
    who = parser.add_mutually_exclusive_group()
    who.add_argument("--workers", type=positive, metavar="N", help="processes of this machine that share the work")
    who.add_argument("--dask", metavar="ADDRESS", help="scheduler of a Dask cluster, such as tcp://host:8786")
    who.add_argument("--ipyparallel", metavar="PROFILE", help="profile of a running ipyparallel cluster")
    who.add_argument("--executor", metavar="MODULE:FACTORY", help="any other executor: what makes one, in a module "
                     "that is installed or lies here, such as mpi4py.futures:MPIPoolExecutor")  # fmt: skip


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
    elif parsed.executor is not None:
        yield from _named(parsed.executor)
    else:
        yield None


def _closing(client: Any, executor: Executor) -> Iterator[Executor]:
    try:
        yield executor
    finally:
        client.close()


def _named(text: str) -> Iterator[Executors]:
    """What stands under this name in a module, which may lie in the folder of the call; installed ones go first."""
    module, _, name = text.partition(":")
    if not module or not name:
        raise Complaint(f"--executor {text}: write module:factory, such as mpi4py.futures:MPIPoolExecutor.")
    before = list(sys.path)
    sys.path.append(str(Path.cwd()))
    try:
        found = _made(text, lambda: attrgetter(name)(import_module(module)))
        is_factory = callable(found) and (isinstance(found, type) or not hasattr(found, "submit"))
        yield _factory(text, found) if is_factory else found
    finally:
        sys.path[:] = before


def _factory(text: str, make: Callable[[], Executor]) -> Callable[[], Executor]:
    def factory() -> Executor:
        return _made(text, make)

    factory.__name__ = text
    return factory


def _made(text: str, make: Callable[[], Any]) -> Any:
    try:
        return make()
    except Complaint:
        raise
    except Exception as error:  # the user's own code raises what it likes to
        raise Complaint(f"--executor {text} gives no executor ({_reason(error)}): check module and name.") from error


def _reason(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")


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
        raise Complaint(f"No {title} cluster answers ({_reason(error)}): start one, and check --{option}.") from error
