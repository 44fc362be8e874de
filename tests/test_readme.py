"""What the README promises: its two commands exist, its lines run, its map shows the house as it is."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def test_two_commands_stand_at_the_top_and_no_others():
    top = README.split("\n## ")[0]
    commands = re.findall(r"^ {4}(\S.*?)(?: {2,}.*)?$", top, re.MULTILINE)
    assert commands == ["make demo", "make test"]


def test_every_verb_is_a_target_of_the_makefile():
    verbs = set(re.findall(r"(?:`| {4})make ([a-z]+)", f"{README}{CONTRIBUTING}"))
    assert verbs
    assert verbs <= set(re.findall(r"^([a-z]+):", MAKEFILE, re.MULTILINE))


def test_the_lines_run_one_block_after_the_other(capsys):
    first, *others = blocks("python")
    lines = [line for line in first.splitlines() if line.strip()]
    assert len(lines) == 6
    names: dict = {}
    exec(first, names)
    names["bench"].wait()
    names["bench"].close()
    assert "the edit changes the outputs by" in capsys.readouterr().out
    for block in others:
        exec(block, names)
    assert len(names["table"]) == 3
    assert names["changes"].attrs["sentence"]
    assert sum(len(group["params"]) for group in names["rates"].groups) == len(list(names["model"].module.parameters()))


def test_the_map_shows_every_room_and_no_other():
    shown = set(re.findall(r"^\| `(\w+)` \|", README, re.MULTILINE))
    rooms = {path.parent.name for path in (ROOT / "spectral_widgets").glob("*/__init__.py")}
    assert shown == rooms | {"static"}
    assert all((ROOT / "spectral_widgets" / name).is_dir() for name in shown)


def test_links_lead_to_files_of_this_repository():
    targets = re.findall(r"\]\((?!https?:)([^)#]+)\)", README + CONTRIBUTING)
    assert targets
    assert [target for target in targets if not (ROOT / target).exists()] == []
