"""The notebooks are saved clean and run from top to bottom in a kernel of this environment."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from ipykernel.kernelspec import write_kernel_spec
from nbclient import NotebookClient

FOLDER = Path(__file__).parents[1] / "notebooks"
NOTEBOOKS = sorted([*FOLDER.glob("*.ipynb"), *FOLDER.glob("labs/*.ipynb")])
LONGEST_CELL_S = 600

each_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


@pytest.fixture
def kernel_name(tmp_path, monkeypatch) -> str:
    """The kernel of this very interpreter, whatever else is installed for the user."""
    write_kernel_spec(tmp_path / "kernels" / "this_environment")
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    return "this_environment"


def read(path: Path) -> nbformat.NotebookNode:
    return nbformat.read(path, as_version=4)


def code_cells(notebook: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def test_the_notebooks_are_there():
    assert {path.name for path in NOTEBOOKS} >= {
        "01_first_look.ipynb",
        "02_transformer.ipynb",
        "03_share_what_you_found.ipynb",
        "04_published_numbers.ipynb",
        "05_layer_metrics.ipynb",
        "06_reproduction.ipynb",
    }


@each_notebook
def test_a_notebook_is_valid_and_saved_without_outputs(path):
    notebook = read(path)
    nbformat.validate(notebook)
    assert [cell.id for cell in code_cells(notebook) if cell.outputs or cell.execution_count] == []
    assert "widgets" not in notebook.metadata


@pytest.mark.notebook
@each_notebook
def test_a_notebook_runs_from_top_to_bottom(path, kernel_name):
    notebook = read(path)
    client = NotebookClient(
        notebook,
        kernel_name=kernel_name,
        timeout=LONGEST_CELL_S,
        resources={"metadata": {"path": str(path.parent)}},
    )
    client.execute()
    cells = code_cells(notebook)
    assert all(cell.execution_count for cell in cells)
    complaints = [
        (cell.id, output.get("text", output.get("evalue")))
        for cell in cells
        for output in cell.outputs
        if output.output_type == "error" or output.get("name") == "stderr"
    ]
    assert complaints == []
