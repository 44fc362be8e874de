"""What every live view is: one loader for the page, a still picture for readers without a kernel, one wire."""

from __future__ import annotations

import base64
import html
import logging
from collections.abc import Mapping
from typing import Any

import anywidget
import traitlets

from ..jobs import Bridge
from ..records import Complaint
from . import assets
from .shells import hear_while_busy

_log = logging.getLogger(__name__)


class LiveWidget(anywidget.AnyWidget):
    """A view with a synced ``state`` that can be frozen. ``_screen`` says to the page which view it is.

    A view answers :meth:`_handle`, and tells its still form by :meth:`_snapshot` and :meth:`_still_html`.
    """

    _esm = assets.STATIC / "loader.js"
    _css = assets.STATIC / "explorer.css"
    state = traitlets.Dict().tag(sync=True)
    _screen = traitlets.Unicode("explorer").tag(sync=True)
    _chunks = traitlets.Dict().tag(sync=True)
    _png = traitlets.Bytes(b"").tag(sync=True)
    _alt = traitlets.Unicode("").tag(sync=True)
    _frozen = traitlets.Bool(False).tag(sync=True)

    def __init__(self, **traits: Any) -> None:
        super().__init__(_chunks=assets.chunk_hashes(), **traits)
        assets.warm()
        self._bridge = Bridge()
        hear_while_busy(self.comm)
        self.on_msg(self._receive)

    # ---- static picture

    def freeze(self) -> None:
        """Replace the live view in the notebook by a picture and a table that need no kernel.

        JupyterLab forgets at a reload of the page which output a display id meant. After one, only the page shows the
        picture, and says so: the output that is saved stays live until the cell is run again.
        """
        from IPython.display import update_display

        self._snapshot()
        self._frozen = True
        update_display(self._static(), display_id=self.model_id, raw=True)

    def _snapshot(self) -> None:
        """Set ``_png`` and ``_alt`` to what is on the screen."""

    def _still_html(self) -> str:
        """What stands under the picture, as HTML."""
        return ""

    def _repr_mimebundle_(self, **options: Any) -> Any:
        bundle = super()._repr_mimebundle_(**options)
        if bundle is None:
            return self._static(), {}
        data, metadata = bundle
        return {**data, **self._static()}, metadata

    def _ipython_display_(self) -> None:
        from IPython.display import display

        self._frozen = False
        self._prepare_still()
        data, metadata = self._repr_mimebundle_()
        display(data, metadata=metadata, raw=True, display_id=self.model_id)

    def _prepare_still(self) -> None:
        """A saved notebook speaks without a kernel, so the picture goes along from the start, if there is one soon."""
        self._await_first()
        try:
            self._snapshot()
        except (Complaint, ValueError):
            _log.exception("no picture goes with this view")

    def _await_first(self) -> None:
        """Give the first result a moment to come."""

    def _still(self) -> tuple[str, bytes]:
        """Words and picture of the still form."""
        return self._alt, self._png

    def _static(self) -> dict[str, str]:
        text, png = self._still()
        words, image = html.escape(text), base64.b64encode(png).decode()
        lines = words.replace("\n", "<br>")
        figure = f'<img alt="{words}" src="data:image/png;base64,{image}">' if image else ""
        return {
            "text/plain": text,
            "text/html": f"<figure>{figure}<figcaption>{lines}</figcaption></figure>" + self._still_html(),
            **({"image/png": image} if image else {}),
        }

    # ---- the wire

    def _handle(self, request: dict[str, Any]) -> None:
        """Answer one request of the page."""

    def _receive(self, widget: Any, content: Any, buffers: Any) -> None:
        if isinstance(content, Mapping) and content.get("kind") == "chunk":
            self._send_chunk(str(content.get("name")))
            return
        self._handle(dict(content))

    def _send_chunk(self, name: str) -> None:
        if name in assets.CHUNKS:
            self.send({"kind": "chunk", "name": name, "hash": self._chunks[name]}, [assets.chunk(name)])

    def _post(self, content: dict[str, Any], buffers: list[bytes] | None = None) -> None:
        self.send(content, buffers)

    def _publish(self, state: dict[str, Any]) -> None:
        self.state = state
