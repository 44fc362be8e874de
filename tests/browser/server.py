"""Servers of our own: own folders, loopback only, the Python of the tests as their kernel.

One Jupyter server has JupyterLab, Notebook 7 and Voilà; marimo has its own.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

START_S = 60.0
#: JupyterLab asks whether it may fetch news, in a box over the page; say no beforehand.
_SETTINGS = {"@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False}}
_ARGUMENTS = (
    "--no-browser",
    "--allow-root",
    "--ip=127.0.0.1",
    "--ServerApp.port_retries=0",
    "--IdentityProvider.token=",
    "--LabApp.expose_app_in_browser=True",
    "--JupyterNotebookApp.expose_app_in_browser=True",
    "--LabApp.news_url=",
    "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    "--LabApp.extension_manager=readonly",
)


@dataclass(frozen=True)
class Server:
    """A running server: its address, the folder it serves, and where it writes what it has to say."""

    url: str
    folder: Path
    log: Path


@contextmanager
def jupyterlab(own: Path) -> Iterator[Server]:
    """Start JupyterLab with everything it writes under ``own``; it ends with the block."""
    folder, log, port = own / "notebooks", own / "server.log", free_port()
    folder.mkdir(parents=True, exist_ok=True)
    overrides = own / "config" / "labconfig" / "default_setting_overrides.json"
    overrides.parent.mkdir(parents=True)
    overrides.write_text(json.dumps(_SETTINGS))
    command = [sys.executable, "-m", "jupyterlab", *_ARGUMENTS, f"--port={port}", f"--ServerApp.root_dir={folder}"]
    with _running(command, Server(f"http://127.0.0.1:{port}", folder, log), _environment(own), "api/status") as server:
        yield server


@contextmanager
def marimo(own: Path, app: Path, *arguments: str) -> Iterator[Server]:
    """Serve a marimo app, with everything it writes under ``own``; it ends with the block."""
    port = free_port()
    server = Server(f"http://127.0.0.1:{port}", app.parent, own / "marimo.log")
    flags = ("--headless", "--no-token", "--host=127.0.0.1", f"--port={port}")
    command = [sys.executable, "-m", "marimo", "run", str(app), *flags, *arguments]
    places = {name: str(own / name.lower()) for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME")}
    with _running(command, server, {**_environment(own), **places}, "health") as running:
        yield running


@contextmanager
def _running(command: list[str], server: Server, environment: dict[str, str], status: str) -> Iterator[Server]:
    with server.log.open("wb") as out:
        process = subprocess.Popen(command, env=environment, stdout=out, stderr=subprocess.STDOUT)
    try:
        _await_start(server, process, status)
        yield server
    finally:
        _stop(process)


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _environment(own: Path) -> dict[str, str]:
    """No settings, kernels or caches of the user's; the kernelspec of this environment comes first."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("JUPYTER", "IPYTHON"))}
    places = {
        "JUPYTER_CONFIG_DIR": "config",
        "JUPYTER_DATA_DIR": "data",
        "JUPYTER_RUNTIME_DIR": "runtime",
        "JUPYTERLAB_SETTINGS_DIR": "settings",
        "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
        "IPYTHONDIR": "ipython",
        "XDG_CACHE_HOME": "cache",
    }
    own_places = {name: str(own / place) for name, place in places.items()}
    return {**kept, **own_places, "JUPYTER_PREFER_ENV_PATH": "1", "HF_HUB_OFFLINE": "1"}


def _await_start(server: Server, process: subprocess.Popen[bytes], status: str) -> None:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{server.url}/{status}", timeout=2):
                return
        except (urllib.error.URLError, TimeoutError, ConnectionError):
            time.sleep(0.1)
    raise RuntimeError(f"The server did not start:\n{server.log.read_text(errors='replace')[-3000:]}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    """A polite end lets the server shut its kernels down."""
    process.terminate()
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(5)
