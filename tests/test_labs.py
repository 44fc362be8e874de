"""One suite over all labs: corners of the dials, theory against simulation, seeds, code, and the cost of a redraw."""

from __future__ import annotations

import json
from dataclasses import replace
from math import isfinite, isnan

import pytest
import vl_convert
from spectral_widgets.charts.plot_range import datasets_of
from spectral_widgets.charts.plot_spec import figure
from spectral_widgets.charts.theme import unvalidated, vegalite_version
from spectral_widgets.labs import LABS, Lab, lab_named
from spectral_widgets.records import Complaint

from .labbing import corners, counted_work
from .studying import same

ALL = pytest.mark.parametrize("lab", LABS.values(), ids=list(LABS))
#: Multiplications: of the first picture, which must come within a tenth of a second, and of any single step.
FIRST_PICTURE, ANY_STEP = 60_000_000, 3_000_000_000
MOST_DEVIATIONS, WRONG_BY = 4.0, 0.2
RESERVED = {"seed", "theory"}
_drawn: dict[str, object] = {}


def drawn(lab: Lab, **values):
    """The complete record at these places, drawn once."""
    key = f"{lab.name} {values}"
    if key not in _drawn:
        _drawn[key] = lab.draw(**values)
    return _drawn[key]


def check_shown(lab: Lab, record) -> None:
    """Everything that a page shows of a record is there and can be drawn."""
    words = lab.sentence(record)
    assert words[0].isupper() or words[0].isdigit()
    assert words.endswith(".")
    assert "nan" not in words.split()
    facts = lab.numbers(record)
    assert facts[0].value == record.n_draws >= 1
    assert len(facts) > 1
    if any(isnan(fact.value) for fact in facts):
        assert lab.caveat(record).endswith("."), "a missing value has a sentence"
    for theory in (False, True):
        panels = lab.panels(record, theory)
        assert 1 <= len(panels) <= 4
        with unvalidated():  # one picture of each lab is held against the schema below
            json.dumps(figure(panels), allow_nan=False)
        for panel in panels:
            assert panel.words
            assert any(len(column) for columns in datasets_of(panel).values() for column in columns.values())
            assert all(len({len(c) for c in columns.values()}) == 1 for columns in datasets_of(panel).values())


@ALL
def test_every_pair_of_ends_of_the_dials_draws_and_is_shown(lab):
    for corner in corners(lab):
        values = lab.values(**corner)
        with counted_work() as work:
            steps = lab.draw_steps(values, 0)
            record = next(steps)
        steps.close()
        assert sum(work) <= ANY_STEP, corner
        check_shown(lab, record)


@ALL
def test_the_records_grow_to_the_number_of_draws_and_each_can_be_shown(lab):
    counts = []
    for record in lab.draw_steps(lab.defaults, 0):
        counts.append(record.n_draws)
        if len(counts) < 3:
            check_shown(lab, record)
    check_shown(lab, record)
    assert counts == sorted(set(counts))
    assert counts[-1] == lab.n_draws(lab.defaults)


@ALL
def test_the_first_picture_is_cheap_and_no_step_is_dear(lab):
    with counted_work() as work:
        steps = lab.draw_steps(lab.defaults, 0)
        record = next(steps)
        lab.panels(record, True)
        assert sum(work) <= FIRST_PICTURE
        for _ in steps:
            pass
    assert max(work, default=0) <= FIRST_PICTURE


@ALL
def test_the_same_seed_gives_the_same_record_and_another_seed_another(lab):
    record = drawn(lab)
    same(lab.draw(seed=0), record)
    with pytest.raises(AssertionError):
        same(lab.draw(seed=1), record)


def agreeing(lab: Lab):
    """Every checked fact at the default dials and at the examples."""
    for values in ({}, *lab.examples):
        for fact in lab.checks(drawn(lab, **values)):
            yield values, fact


@ALL
def test_simulation_agrees_with_theory_in_standard_errors(lab):
    found = list(agreeing(lab))
    assert found
    wrong = [(values, fact) for values, fact in found if not abs(fact.value - fact.theory) <= allowed(fact)]
    assert wrong == []


@ALL
def test_a_wrong_theory_is_noticed(lab):
    for values, fact in agreeing(lab):
        size = fact.scale if isfinite(fact.scale) else abs(fact.theory)
        assert size > 0, f"{fact.label} at {values} needs a scale"
        for sign in (-1, 1):
            planted = replace(fact, theory=fact.theory + sign * WRONG_BY * size)
            assert abs(planted.value - planted.theory) > allowed(planted), f"{fact.label} at {values} tells nothing"


def allowed(fact) -> float:
    """Rounding is allowed where an identity leaves no spread at all."""
    return MOST_DEVIATIONS * fact.error + 1e-9 * abs(fact.theory)


@ALL
def test_the_code_of_a_view_gives_its_record(lab):
    values = lab.values(**(lab.examples[0] if lab.examples else {}))
    space: dict[str, object] = {}
    with unvalidated():
        exec(compile(lab.code(values, seed=0, theory=False), f"code of {lab.name}", "exec"), space)
    same(space["result"], drawn(lab, **{key: value for key, value in values.items() if value != lab.defaults[key]}))
    assert space["chart"].to_dict(validate=False)["datasets"] == figure(lab.panels(space["result"], False))["datasets"]


@ALL
def test_the_picture_is_valid_and_compiles(lab):
    picture = lab.chart(drawn(lab)).to_dict()
    assert vl_convert.vegalite_to_vega(picture, vl_version=vegalite_version())["marks"]


@ALL
def test_the_lesson_is_complete(lab):
    assert lab_named(lab.name) is lab
    for words in (lab.text, lab.look_for, lab.question, lab.answer):
        assert len(words) > 40
        assert words[-1] in ".?!"
    keys = [dial.key for dial in lab.dials]
    assert len(set(keys)) == len(keys)
    assert not RESERVED & set(keys)
    assert lab.animation in {"", *keys}
    for dial in lab.dials:
        assert dial.label
        assert dial.help.endswith(".")
        assert dial.checked(dial.default) == dial.default
        if dial.look == "dial":
            assert 2 <= len(dial.stops) <= 250
            assert [dial.checked(stop) for stop in dial.stops] == list(dial.stops)


def test_labs_are_numbered_and_an_unknown_one_is_refused():
    orders = [lab.order for lab in LABS.values()]
    assert orders == sorted(set(orders))
    with pytest.raises(Complaint, match="did you mean 'spike'"):
        lab_named("spikes")
    with pytest.raises(Complaint, match=r"no dial 'rows'; did you mean 'n_rows'"):
        lab_named("spike").values(rows=3)
