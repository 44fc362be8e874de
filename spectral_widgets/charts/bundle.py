"""Vega, Vega-Lite and their embedding as one script, made by ``vl_convert`` without a network and kept on disk."""

from __future__ import annotations

import functools
import os
import tempfile
from importlib.metadata import version
from pathlib import Path

import vl_convert

from .theme import vegalite_version

#: How the bundle hands out what is in it: to who imports it, or to the other scripts of a page that has no modules.
EXITS = {"module": "export { vegaEmbed };", "page": "globalThis.spectralEmbed = vegaEmbed;"}
_FILES = {"module": "vendor", "page": "vendor-page"}


@functools.cache
def vega_bundle(exit_for: str = "module") -> bytes:
    """Source text, about 0.9 MB: an ES module, or a script that leaves ``spectralEmbed`` for a single-file page."""
    kept = cache_folder() / f"{_FILES[exit_for]}-{bundle_key()}.js"
    if kept.exists():
        return kept.read_bytes()
    source = vl_convert.javascript_bundle(EXITS[exit_for], vl_version=vegalite_version()).encode()
    _keep(kept, source)
    return source


def bundle_key() -> str:
    """The versions of which the bundle is made."""
    return f"{version('vl-convert-python')}-{vegalite_version()}"


def cache_folder() -> Path:
    """Where the bundles are kept."""
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
