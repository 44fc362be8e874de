"""The page's code: a tiny loader in every widget, the heavy parts sent once a page on request."""

from __future__ import annotations

import functools
import hashlib
import threading
from pathlib import Path

from ..charts.bundle import bundle_key, vega_bundle

STATIC = Path(__file__).parent.parent / "static"
CHUNKS = ("vendor", "view")


@functools.cache
def chunk(name: str) -> bytes:
    """Source text of an ES module: ``vendor`` is Vega as vl-convert bundles it, ``view`` is our own page."""
    return vega_bundle() if name == "vendor" else (STATIC / "view.js").read_bytes()


@functools.cache
def chunk_hashes() -> dict[str, str]:
    """What the page asks for, by content, so that a new version is never mistaken for a cached one.

    The vendor's hash is that of its versions: known at once, while the bundle itself takes a second.
    """
    view = hashlib.sha256(chunk("view")).hexdigest()[:16]
    return {"vendor": hashlib.sha256(bundle_key().encode()).hexdigest()[:16], "view": view}


def warm() -> None:
    """Bundle Vega in the background, so that the first screen does not wait for it."""
    threading.Thread(target=chunk, args=("vendor",), daemon=True, name="spectral-assets").start()
