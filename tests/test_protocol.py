"""Page and kernel speak the same protocol."""

import json
import re
from dataclasses import fields
from pathlib import Path

import pytest
from spectral_widgets.widgets import protocol
from spectral_widgets.widgets.actions import _QUICK, _SLOW
from spectral_widgets.widgets.state import BenchState

PAGE = Path(__file__).parent.parent / "js" / "src" / "protocol.js"
NAMES = ("VERSION", "ACTIONS", "EVENTS", "JOBS", "PANELS", "STATE_KEYS")


def exported() -> dict[str, object]:
    lines = re.findall(r"^export const (\w+) = (.*);$", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {name: json.loads(value) for name, value in lines}


@pytest.mark.parametrize("name", NAMES)
def test_page_and_kernel_say_the_same(name):
    own = getattr(protocol, name)
    assert exported()[name] == (own if isinstance(own, int) else list(own))


def test_the_page_exports_nothing_else():
    assert set(exported()) == set(NAMES)


def test_every_action_has_one_handler_and_every_state_key_a_field():
    assert sorted([*_QUICK, *_SLOW, "freeze"]) == sorted(protocol.ACTIONS)
    assert tuple(field.name for field in fields(BenchState)) == protocol.STATE_KEYS
    assert set(BenchState().to_json()) == set(protocol.STATE_KEYS)


def test_every_message_carries_the_version():
    assert protocol.message("notice", text="x") == {"v": protocol.VERSION, "kind": "notice", "text": "x"}
