"""Places where a widget is seen, other than JupyterLab: pages that may reach loopback and nothing else."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, Page, Route

from .browsers import PATIENCE_MS

VIEWPORT = {"width": 1280, "height": 1600}
STATIC = Path(str(files("spectral_widgets"))) / "static"
#: What VS Code sets for notebook outputs where ``notebook.experimental.enableCsp`` is on, with our origin for its own.
VSCODE_POLICY = (
    "default-src 'none'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' https: http: data:; font-src 'self' https:; connect-src https:; child-src https: data:;"
)
EXPLORER = "sw.explore(sw.digits_mlp(), layer='2.weight').wait(60)"
LAB = "sw.lab('spike', n_draws=10).wait(60)"


def open_page(chrome: Browser, scheme: str = "light", **options: Any) -> tuple[BrowserContext, Page, list[str]]:
    """A fresh page; the list fills with all addresses beyond loopback that it asked for, and it gets none of them."""
    context = chrome.new_context(viewport=VIEWPORT, color_scheme=scheme, **options)
    context.set_default_timeout(PATIENCE_MS)
    refused: list[str] = []

    def refuse(route: Route) -> None:
        refused.append(route.request.url)
        route.abort()

    context.route(_is_strange, refuse)
    return context, context.new_page(), refused


def _is_strange(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme in ("http", "https", "ws", "wss") and parts.hostname != "127.0.0.1"


def webview(page: Page, states: list[dict[str, Any]], policy: str, chunks: dict[str, bytes] | None = None) -> None:
    """A host page that loads the widgets' own modules with a model of its own, as an output of VS Code does.

    Without ``chunks`` the host carries no custom messages: they are lost without a word.
    """
    origin = "http://127.0.0.1:9"
    css = (STATIC / "explorer.css").read_text(encoding="utf-8")
    served: dict[str, tuple[str, str | bytes]] = {
        "/": ("text/html", _WEBVIEW.replace("POLICY", policy).replace("CSS", css)),
        "/loader.js": ("text/javascript", (STATIC / "loader.js").read_bytes()),
        "/states.js": ("text/javascript", f"export default {json.dumps(states)}"),
    }
    served |= {f"/{name}.chunk": ("text/javascript", content) for name, content in (chunks or {}).items()}

    def answer(route: Route) -> None:
        kind, body = served.get(urlsplit(route.request.url).path, ("text/plain", ""))
        route.fulfill(status=200, content_type=f"{kind}; charset=utf-8", body=body)

    page.route(f"{origin}/**", answer)
    page.goto(f"{origin}/{'?live' if chunks else ''}")


def state_of(widget: Any) -> dict[str, Any]:
    """What a host has of a saved widget, bytes as lists."""
    names = ("state", "_screen", "_chunks", "_png", "_alt", "_frozen")
    return {name: list(value) if isinstance(value := getattr(widget, name), bytes) else value for name in names}


_WEBVIEW = """<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="POLICY"><style>CSS</style>
<style>:root { --vscode-editor-background: #1e1e1e; --vscode-editor-foreground: #cccccc; }
body.vscode-dark { background: #1e1e1e; color: #cccccc; font-family: sans-serif; }</style></head>
<body class="vscode-dark" data-vscode-theme-kind="vscode-dark"><script type="module">
import loader from "/loader.js";
import states from "/states.js";
const live = location.search === "?live";
for (const state of states) {
  const heard = new Map();
  const bytes = new Uint8Array(state._png);
  const model = {
    get: key => (key === "_png" ? new DataView(bytes.buffer) : state[key]),
    set() {}, save_changes() {},
    on: (event, listener) => heard.set(listener, event),
    off: (event, listener) => heard.delete(listener),
    send: async ({ kind, name, hash }) => {
      if (!live || kind !== "chunk") return;
      const buffer = await (await fetch(`/${name}.chunk`)).arrayBuffer();
      const listeners = [...heard].filter(([, event]) => event === "msg:custom");
      for (const [listener] of listeners) listener({ v: 1, kind, name, hash }, [new DataView(buffer)]);
    },
  };
  const place = document.createElement("div");
  document.body.append(place);
  loader.render({ model, el: place });
}
</script></body></html>"""
