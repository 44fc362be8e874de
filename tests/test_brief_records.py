"""What a notebook shows of a record on the last line of a cell: one line, however much the record holds."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import spectral_widgets as sw
import torch
from hypothesis import given
from hypothesis import strategies as st
from spectral_widgets.records import LayerRef, Probe, Spectrum
from spectral_widgets.records.brief import MOST, brief, one_line
from spectral_widgets.store.encoding import RECORDS

BRIEF = [kind for kind in RECORDS.values() if kind.__repr__ is one_line]
LAYER = LayerRef("layer", "other", None, (9, 4), 9, 4, "float32")
VALUES = st.one_of(
    st.none(),
    st.text(max_size=300),
    st.floats(),
    st.integers(),
    st.lists(st.floats(), max_size=300).map(tuple),
    st.lists(st.integers(0, 9), min_size=1, max_size=3).map(lambda shape: np.zeros(shape)),
    st.just(LAYER),
    st.just((LAYER,) * 50),
    st.dictionaries(st.text(), st.integers()),
    st.just(torch.zeros(3, 4)),
)


@given(st.data())
def test_a_record_is_one_line_whatever_stands_in_it(data):
    kind = data.draw(st.sampled_from(BRIEF))
    values = [data.draw(VALUES) for _ in fields(kind)]
    line = repr(kind(*values))
    assert line.startswith(f"{kind.__name__}(")
    assert line.endswith(")")
    assert len(line) <= MOST
    assert line.isprintable()


def test_every_record_that_holds_an_array_or_many_records_is_brief():
    """Told by the annotations: arrays, mappings, data of users, and tuples of records of ours."""
    names = {f"tuple[{name}" for name in RECORDS}
    for kind in RECORDS.values():
        said = [str(field.type) for field in fields(kind) if field.repr]
        holds = any("ndarray" in one or one.startswith(("object", "Mapping", *names)) for one in said)
        assert not holds or kind in BRIEF, kind


def test_it_says_what_matters():
    @brief
    @dataclass(frozen=True, slots=True)
    class Made:
        layer: LayerRef
        values: np.ndarray
        counts: tuple[int, ...]
        many: tuple[Spectrum, ...]
        level: float
        caveat: str = ""

    spectrum = Spectrum(np.arange(4.0), 9, 4, 1.0)
    made = Made(LAYER, np.zeros((3, 4)), (2, 3), (spectrum,) * 12, 0.01)
    said = "layer='layer', values=float64[3, 4], counts=[2, 3], many=<12 Spectrum>, level=0.01"
    assert repr(made).endswith(f"Made({said})")
    assert repr(spectrum) == "Spectrum(eigenvalues=float64[4], n_rows=9, n_cols=4, element_variance=1)"
    assert "data=torch.float32[5, 2]" in repr(Probe("data", 5, (2,), data=torch.zeros(5, 2)))


def test_what_advertised_calls_give_is_one_line():
    values = np.random.default_rng(0).standard_normal((60, 40))
    scan = sw.find_traps(values, range(3), progress=False)
    assert repr(scan).startswith(
        "TrapScan(layer='matrix', engine='calibrated', level=0.01, seeds=[0, 1, 2], threshold="
    )
    assert f"counts=[{', '.join(map(str, scan.counts))}]" in repr(scan)
    for one in (scan, sw.estimate_spectrum(values), sw.spectrum(values), sw.predict_traps(values)):
        assert len(repr(one).splitlines()) == 1
        assert len(repr(one)) <= MOST
