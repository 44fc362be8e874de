"""The page's code: a tiny loader in every widget, the heavy parts sent once a page on request."""

from __future__ import annotations

import functools
import hashlib
import os
import tempfile
import threading
from importlib.metadata import version
from pathlib import Path

import vl_convert

from ..charts.theme import vegalite_version

STATIC = Path(__file__).parent.parent / "static"
CHUNKS = ("vendor", "view")


@functools.cache
def chunk(name: str) -> bytes:
    """Source text of an ES module: ``vendor`` is Vega as vl-convert bundles it, ``view`` is our own page."""
    return _vendor() if name == "vendor" else (STATIC / "view.js").read_bytes()


@functools.cache
def chunk_hashes() -> dict[str, str]:
    """What the page asks for, by content, so that a new version is never mistaken for a cached one.

    The vendor's hash is that of its versions: known at once, while the bundle itself takes a second.
    """
    view = hashlib.sha256(chunk("view")).hexdigest()[:16]
    return {"vendor": hashlib.sha256(_vendor_key().encode()).hexdigest()[:16], "view": view}


def warm() -> None:
    """Bundle Vega in the background, so that the first screen does not wait for it."""
    threading.Thread(target=chunk, args=("vendor",), daemon=True, name="spectral-assets").start()


def _vendor() -> bytes:
    kept = _cache_folder() / f"vendor-{_vendor_key()}.js"
    if kept.exists():
        return kept.read_bytes()
    source = vl_convert.javascript_bundle("export { vegaEmbed };", vl_version=vegalite_version()).encode()
    _keep(kept, source)
    return source


def _vendor_key() -> str:
    return f"{version('vl-convert-python')}-{vegalite_version()}"


def _cache_folder() -> Path:
    root = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(root) / "spectral_widgets"


def _keep(path: Path, source: bytes) -> None:
    """Written aside and moved in place; a cache that cannot be written is no reason to fail."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
            file.write(source)
        Path(file.name).replace(path)
    except OSError:
        return
