"""Who may import whom. The table is the plan of the house; the syntax tree of every module is held against it.

An import under ``TYPE_CHECKING`` counts like any other: a room that needs another one's types knows that room.
``api*.py`` and ``__init__.py`` are the door: they open on every room, and no room goes through them.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "spectral_widgets"
DOOR = {
    "__init__",
    "api",
    "api_ablating",
    "api_measuring",
    "api_prescribe",
    "api_progress",
    "api_report",
    "api_report_ablating",
    "api_reporting",
    "api_scanning",
    "api_sources",
    "api_work",
    "__main__",
    "api_ablation",
    "api_align",
    "api_compare",
    "api_attention",
    "api_entries",
    "api_kept",
    "api_labs",
    "api_large",
    "api_metrics",
    "api_tables",
    "api_traps",
}

# room: (rooms it may import, outside packages it may import); the standard library is free to all
ROOMS: dict[str, tuple[set[str], set[str]]] = {
    "records": (set(), {"numpy"}),
    "rmt": ({"records"}, {"numpy", "scipy"}),
    "weights": ({"records"}, {"numpy", "safetensors", "torch", "transformers"}),
    # The compiler makes the shuffle; it is loaded at the first one. The thread counts of BLAS are set in one file.
    "spectra": ({"records", "rmt"}, {"numba", "numpy", "scipy", "threadpoolctl", "torch"}),
    "metrics": ({"records", "rmt", "spectra"}, {"numpy", "pandas", "scipy", "torch"}),
    "training": ({"records", "rmt", "spectra", "metrics", "weights"}, {"numpy", "torch"}),
    # Two rows of logits are compared in one compiled pass over them.
    "probing": ({"records", "rmt", "spectra", "weights"}, {"numba", "numpy", "scipy", "torch"}),
    # The room of kept results: it knows records, their bytes and the user's cache folder, and none of their makers.
    "store": ({"records"}, {"numpy", "platformdirs"}),
    # A report draws what it tells; a table in the Parquet format is written where its library is installed.
    "findings": ({"records", "charts"}, {"numpy", "pandas", "pyarrow"}),
    # Notebook files in, notebook files out: it knows their format and no widget.
    "freezing": ({"records", "findings"}, {"nbconvert", "nbformat"}),
    "charts": ({"records", "rmt"}, {"altair", "numpy", "vl_convert"}),
    # One lesson looks at the checkpoints that are shipped, and they come in by the room of weights.
    "labs": ({"records", "rmt", "spectra", "charts", "weights"}, {"altair", "numpy", "scipy"}),
    "jobs": (set(), {"tqdm"}),
    # The command line types what users type, so it stands outside of the door.
    "commands": (
        {"api", "api_report", "api_tables", "api_traps", "findings", "freezing", "jobs", "records", "store", "weights"},
        set(),
    ),
    "data": (set(), {"numpy", "safetensors", "sklearn", "torch"}),
    "widgets": (
        {"records", "rmt", "weights", "spectra", "metrics", "training", "probing", "findings", "charts", "labs", "jobs"}
        | {"store"},
        {"IPython", "anywidget", "numpy", "pandas", "scipy", "torch", "traitlets", "vl_convert"},
    ),
}


def imports_in(source: str, package: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Absolute names of all that a module of ``package`` imports, wherever in the module the import stands."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (tuple(alias.name.split(".")) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            module = base + tuple((node.module or "").split(".")) if node.module else base
            yield from ((*module, alias.name) for alias in node.names)
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("import_module"):
            named = node.args[0]
            if isinstance(named, ast.Constant):
                yield tuple(str(named.value).split("."))


def room_of(path: Path) -> str:
    parts = path.relative_to(PACKAGE).parts
    return parts[0] if len(parts) > 1 else path.stem


def all_imports() -> list[tuple[Path, tuple[str, ...]]]:
    return [
        (path, name)
        for path in sorted(PACKAGE.rglob("*.py"))
        for name in imports_in(path.read_text(encoding="utf-8"), (PACKAGE.name, *path.relative_to(PACKAGE).parts[:-1]))
    ]


def ours(name: tuple[str, ...]) -> str | None:
    """The room that an absolute name lies in; ``None`` for a package that is not ours."""
    if name[0] != PACKAGE.name:
        return None
    return name[1] if len(name) > 1 else "__init__"


IMPORTS = all_imports()


def test_the_table_names_every_room():
    folders = {path.name for path in PACKAGE.iterdir() if (path / "__init__.py").is_file()}
    assert folders == set(ROOMS)
    assert {path.stem for path in PACKAGE.glob("*.py")} == DOOR


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_no_room_but_those_of_the_table(room):
    allowed = ROOMS[room][0] | {room}
    wrong = [
        f"{path.relative_to(PACKAGE)} imports {'.'.join(name)}"
        for path, name in IMPORTS
        if room_of(path) == room and (target := ours(name)) and target not in allowed
    ]
    assert wrong == []


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_nothing_from_outside_but_what_the_table_names(room):
    allowed = ROOMS[room][1] | sys.stdlib_module_names
    wrong = [
        f"{path.relative_to(PACKAGE)} imports {name[0]}"
        for path, name in IMPORTS
        if room_of(path) == room and ours(name) is None and name[0] not in allowed
    ]
    assert wrong == []


def test_there_is_no_cycle_between_rooms():
    graph: dict[str, set[str]] = {room: set() for room in ROOMS}
    for path, name in IMPORTS:
        room, target = room_of(path), ours(name)
        if target and not {room, target} & DOOR and target != room:
            graph[room].add(target)
    assert set(TopologicalSorter(graph).static_order()) == set(ROOMS)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("from ..widgets.state import BenchState", ("spectral_widgets", "widgets", "state", "BenchState")),
        ("from .. import api", ("spectral_widgets", "api")),
        ("from . import theme", ("spectral_widgets", "charts", "theme")),
        ("def late():\n    import torch.nn", ("torch", "nn")),
        ("if TYPE_CHECKING:\n    from ..jobs import Job", ("spectral_widgets", "jobs", "Job")),
        ("import_module('transformers')", ("transformers",)),
    ],
)
def test_the_reader_sees_every_form_of_import(source, expected):
    assert list(imports_in(source, ("spectral_widgets", "charts"))) == [expected]


def test_a_planted_cycle_is_noticed():
    with pytest.raises(CycleError):
        TopologicalSorter({"jobs": {"charts"}, "charts": {"jobs"}}).prepare()


def test_the_laws_load_neither_torch_nor_a_browser_toolkit():
    code = (
        "import sys, spectral_widgets.rmt; print(sorted({'torch', 'altair', 'anywidget', 'pandas'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_what_takes_seconds_to_load_waits_for_its_first_use():
    code = (
        "import sys, spectral_widgets.widgets.explorer as _; print({'altair', 'numba', 'matplotlib'} & {*sys.modules})"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
