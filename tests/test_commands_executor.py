"""``--executor module:factory``: any executor from the command line, and one sentence for what is none."""

from __future__ import annotations

import sys

import pytest
import spectral_widgets as sw
import torch
from safetensors.torch import save_file
from spectral_widgets.commands import USAGE_ERROR, main

POOLS = """
from concurrent.futures import ThreadPoolExecutor

TAKEN = []

class Noting(ThreadPoolExecutor):
    def submit(self, fn, /, *args, **kwargs):
        TAKEN.append(self)
        return super().submit(fn, *args, **kwargs)

def pool():
    return Noting(2)

open_one = Noting(1)

class Group:
    pool = Noting

def nothing():
    return None

def failing():
    raise OSError("no port is free.\\nat all")

number = 4
"""


@pytest.fixture
def path(tmp_path):
    generator = torch.Generator().manual_seed(0)
    file = tmp_path / "weights.safetensors"
    save_file({f"layers.{k}.weight": torch.randn(40 + k, 30, generator=generator) for k in range(3)}, file)
    return str(file)


@pytest.fixture
def pools(tmp_path, monkeypatch) -> str:
    """A module in the folder of the call."""
    (tmp_path / "their_pools.py").write_text(POOLS)
    monkeypatch.chdir(tmp_path)
    yield "their_pools"
    module = sys.modules.pop("their_pools", None)
    if module is not None:
        module.open_one.shutdown()


@pytest.mark.parametrize("name", ["pool", "Noting", "open_one", "Group.pool"])
def test_every_command_runs_on_a_named_executor_as_here(path, pools, tmp_path, capsys, name):
    before = list(sys.path)
    out = tmp_path / "report.json"
    for command in (
        ["measure", path, "--metrics", "alpha", "--no-cache"],
        ["traps", path, "--seeds", "2"],
        ["report", path, "--metrics", "alpha", "--seeds", "2", "--no-cache", "--out", str(out)],
    ):
        assert main(command) == 0
        here = capsys.readouterr().out
        assert main([*command, "--executor", f"{pools}:{name}"]) == 0
        assert capsys.readouterr().out == here
        taken = sys.modules[pools].TAKEN
        assert len(taken) == 3
        assert len(set(taken)) == 1
        taken.clear()
    assert sys.path == before
    assert len(sw.load_report(out).report.layers) == 3


@pytest.mark.parametrize(
    ("named", "words"),
    [
        ("their_pools", "write module:factory, such as"),
        (":pool", "write module:factory, such as"),
        ("no_such_module:pool", "gives no executor (No module named 'no_such_module')"),
        ("their_pools:missing", "has no attribute 'missing'"),
        ("their_pools:failing", "their_pools:failing gives no executor (no port is free)"),
        ("their_pools:nothing", "their_pools:nothing made None and no executor"),
        ("their_pools:number", "executor=4 is no executor"),
    ],
)
def test_what_makes_no_executor_is_one_sentence_and_exit_code_2(path, pools, capsys, named, words):
    assert main(["measure", path, "--metrics", "alpha", "--no-cache", "--executor", named]) == USAGE_ERROR
    error = capsys.readouterr().err
    assert words in error
    assert error.count("\n") == 1


@pytest.mark.parametrize("other", [["--workers", "2"], ["--dask", "tcp://a:1"], ["--ipyparallel", "a"]])
def test_one_executor_at_a_time(path, other):
    with pytest.raises(SystemExit) as caught:
        main(["measure", path, "--executor", "a:b", *other])
    assert caught.value.code == USAGE_ERROR
