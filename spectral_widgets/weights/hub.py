"""Hugging Face ids and folders through transformers, which is imported here and only on call."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType
from typing import Any

from torch import nn

from ..records import Complaint

INSTALL = "pip install 'spectral_widgets[transformers]'"


def transformers_or_none() -> ModuleType | None:
    """The library, or ``None`` where the extra is not installed."""
    try:
        return import_module("transformers")
    except ImportError:
        return None


@contextmanager
def _quiet(transformers: Any) -> Iterator[None]:
    """No bars and reports while loading; what the user had set comes back."""
    logging = transformers.utils.logging
    level, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(level)
        if bars:
            logging.enable_progress_bar()


def _class_for(transformers: Any, config: Any) -> Any:
    for name in getattr(config, "architectures", None) or ():
        if hasattr(transformers, name):
            return getattr(transformers, name)
    return transformers.AutoModel


def load_pretrained(source: str, *, local: bool) -> nn.Module:
    """The model in evaluation mode, as the class its config names. Raises Complaint when that fails."""
    transformers: Any = transformers_or_none()
    if transformers is None:
        raise Complaint(f"Opening {source!r} as a Hugging Face model needs the extra: {INSTALL}.")
    try:
        with _quiet(transformers):
            options = {"local_files_only": local, "trust_remote_code": False}
            config = transformers.AutoConfig.from_pretrained(source, **options)
            model = _class_for(transformers, config).from_pretrained(source, config=config, **options)
    except Exception as error:  # the library raises many types, and any of them ends here
        raise Complaint(
            f"transformers could not open {source!r} ({_first_line(error)}); check the name, and for an id the network."
        ) from error
    return model.eval()


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")
