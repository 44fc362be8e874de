"""A page that writes down everything it gets, for driving the explorer without a browser."""

from __future__ import annotations

import json
import threading
import time

import torch
from spectral_widgets.widgets.actions import handle
from spectral_widgets.widgets.bench import Bench
from spectral_widgets.widgets.protocol import VERSION
from spectral_widgets.widgets.screen import Screen
from spectral_widgets.widgets.state import BenchState
from torch import nn

SMALL = {"n_shuffles": 2, "n_probes": 16, "n_controls": 2}
WAIT_S = 60


class Page:
    """Messages as the browser would get them: strict JSON, in order, with their time."""

    def __init__(self, model, probe=None, on_message=None, other=None, **settings):
        self.messages, self.buffers, self.states, self.times = [], {}, [], []
        self._lock, self._on_message, self._count = threading.Lock(), on_message, 0
        state = BenchState().changed({**SMALL, **settings}, model.layers.names)
        self.bench = Bench(model, state, Screen(self.send, self.states.append), probe, other)

    def send(self, message, buffers=None):
        wire = json.loads(json.dumps(message, allow_nan=False))
        with self._lock:
            self.messages.append(wire)
            self.times.append(time.monotonic())
            if wire["kind"] == "answer":
                self.buffers[json.dumps(wire["id"])] = buffers
        if self._on_message is not None:
            self._on_message(self, wire)

    def start(self):
        self.bench.measure()
        self.bench.scan_layer()
        return self.wait()

    def wait(self):
        self.bench.wait(WAIT_S)
        return self

    def ask(self, kind, **fields):
        """The one answer to a request, once everything that it set off has ended."""
        self._count += 1
        request = {"v": VERSION, "id": self._count, "kind": kind, **fields}
        return self.raw(json.loads(json.dumps(request)), self._count)

    def raw(self, request, identity):
        before = len(self.of("answer"))
        handle(self.bench, self.send, request, lambda: None)
        self.wait()
        answers = self.of("answer")[before:]
        assert len(answers) == 1
        assert answers[0]["id"] == identity
        assert answers[0]["ok"] or isinstance(answers[0]["error"], str)
        return answers[0]

    def of(self, kind):
        with self._lock:
            return [message for message in self.messages if message["kind"] == kind]

    def panel(self, name):
        return [message["data"] for message in self.of("panel") if message["panel"] == name][-1]

    def clear(self):
        with self._lock:
            self.messages.clear()
            self.times.clear()

    def rows(self):
        """The table as the page has it: rows replaced by name."""
        known = {}
        for message in self.messages:
            found = message["rows"] if message["kind"] == "rows" else []
            if message["kind"] == "panel" and message["panel"] == "layers":
                found = message["data"]["rows"]
            known |= {row["name"]: row for row in found}
        return known


def trapped_module() -> nn.Module:
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(30, 40), nn.ReLU(), nn.Linear(40, 30), nn.ReLU(), nn.Linear(30, 4))
    with torch.no_grad():
        net[0].weight[7, 5] = 6.0
    return net


def choose_trap(page):
    assert page.ask("set", changes={"trap": {"seed": 0, "index": 0}})["ok"]
    return page
