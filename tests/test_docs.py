"""The README is held to the tree: a newcomer who follows it must not be sent astray."""

import re
from pathlib import Path

from typer.main import get_command

from infra.cli import app
from infra.settings import settings_markdown

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
ROOMS = ("dispatcher", "producers", "consumers", "schemas", "infra", "tests")


def rows_of(heading: str) -> list[list[str]]:
    """The cells of the table under a heading of the README."""
    section = README.split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    lines = [line for line in section.splitlines() if line.startswith("|")][2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def folders() -> set[str]:
    """Each room and each folder inside one that holds Python, without data and migrations."""
    found = set()
    for room in ROOMS:
        found.add(room)
        for path in (ROOT / room).iterdir():
            if path.is_dir() and any(path.glob("*.py")) and room != "tests":
                found.add(f"{room}/{path.name}")
    return found


def test_the_map_names_every_folder_and_no_other() -> None:
    named = {
        name.strip("/") for row in rows_of("Where things are") for name in re.findall(r"`([^`]+)`", row[0])
    }
    assert named == folders()


def test_every_command_of_liuzhu_is_described_and_no_other() -> None:
    named = {re.findall(r"`liuzhu ([a-z-]+)", row[0])[0] for row in rows_of("Commands")}
    assert named == set(get_command(app).commands)  # type: ignore[attr-defined]


def test_the_settings_table_is_the_one_in_the_code() -> None:
    assert settings_markdown() in README


def test_the_two_commands_stand_in_the_first_screen() -> None:
    first_screen = "\n".join(README.splitlines()[:30])
    assert "make run" in first_screen
    assert "make test" in first_screen


def test_every_link_and_picture_of_a_readme_leads_somewhere() -> None:
    lost = []
    for readme in ROOT.rglob("README.md"):
        if {"node_modules", ".venv", ".liuzhu"} & set(readme.parts):
            continue
        for target in re.findall(r"\]\(([^)#]+)", readme.read_text(encoding="utf-8")):
            if "://" not in target and not (readme.parent / target).exists():
                lost.append(f"{readme.relative_to(ROOT)}: {target}")
    assert lost == []


def test_every_decision_record_is_one_page_and_listed() -> None:
    """A decision nobody can find is taken again."""
    index = (ROOT / "infra" / "adr" / "README.md").read_text(encoding="utf-8")
    records = sorted((ROOT / "infra" / "adr").glob("[0-9]*.md"))
    assert records
    for record in records:
        assert record.name in index
        assert len(record.read_text(encoding="utf-8").splitlines()) <= 60
