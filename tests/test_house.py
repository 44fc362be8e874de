"""House rules that a machine can read: small files, small functions, a quiet package, no skipped test."""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).parents[1]
MOST_LINES_OF_A_FILE = 250
MOST_LINES_OF_A_FUNCTION = 40

PYTHON = sorted([*ROOT.glob("spectral_widgets/**/*.py"), *ROOT.glob("tests/**/*.py")])
PAGE = sorted(
    path
    for folder in ("js/src", "js/test")
    for path in (ROOT / folder).rglob("*")
    if path.suffix in {".js", ".ts", ".css"}
)
TREES = {path: ast.parse(path.read_text(encoding="utf-8")) for path in PYTHON}
PACKAGE = [path for path in PYTHON if path.is_relative_to(ROOT / "spectral_widgets")]
TESTS = [path for path in PYTHON if path.is_relative_to(ROOT / "tests")]


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def functions_of(tree: ast.AST) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    assert node.end_lineno is not None
    return node.end_lineno - node.lineno + 1


def test_a_file_fits_in_the_head():
    lengths = {named(path): len(path.read_text(encoding="utf-8").splitlines()) for path in [*PYTHON, *PAGE]}
    assert {name: lines for name, lines in lengths.items() if lines > MOST_LINES_OF_A_FILE} == {}


def test_a_function_fits_on_a_page():
    long = {
        f"{named(path)}: {node.name}": length(node)
        for path, tree in TREES.items()
        for node in functions_of(tree)
        if length(node) > MOST_LINES_OF_A_FUNCTION
    }
    assert long == {}


def test_the_package_prints_nothing():
    calls = [
        f"{named(path)}:{node.lineno}"
        for path in PACKAGE
        for node in ast.walk(TREES[path])
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    ]
    assert calls == []


def test_no_test_is_skipped_or_expected_to_fail():
    words = {"skip", "skipif", "xfail", "importorskip"}
    uses = [
        f"{named(path)}:{node.lineno}"
        for path in TESTS
        for node in ast.walk(TREES[path])
        if isinstance(node, ast.Attribute) and node.attr in words
    ]
    assert uses == []


def test_the_page_skips_no_test():
    calls = [
        named(path)
        for path in PAGE
        if any(word in path.read_text(encoding="utf-8") for word in ("it.skip", "test.skip", ".todo(", ".only("))
    ]
    assert calls == []


def test_every_place_is_looked_at():
    assert len(PACKAGE) > 60
    assert len(TESTS) > 10
    assert len(PAGE) > 20
