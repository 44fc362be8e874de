"""Freezing a view tells its page too, which alone can show the picture once a notebook was loaded anew."""

from __future__ import annotations

import spectral_widgets as sw


def test_a_frozen_view_is_a_picture_on_its_page_until_it_is_shown_again():
    bench = sw.lab("spike", n_draws=2, n_rows=40)
    bench.wait()
    assert not bench._frozen
    bench.freeze()
    assert bench._frozen
    assert bench._png.startswith(b"\x89PNG")
    assert "Spike" in bench._alt
    assert "_frozen" in bench.keys  # the page is told
    bench._ipython_display_()
    assert not bench._frozen
    bench.close()
