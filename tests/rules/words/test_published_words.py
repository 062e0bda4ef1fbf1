"""The published schemas: readers elsewhere rely on them."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from schemas.compat import breaks
from schemas.export import FOLDER, schema_text, words

RELEASED = Path(__file__).parents[2] / "golden" / "words"
WORDS = {name: kind for name, kind in words().items() if name != "Row"}


@pytest.mark.parametrize("name", sorted(WORDS))
def test_the_published_schema_of_each_word_is_the_one_in_the_code(name: str) -> None:
    """Else a partner validates against a shape we no longer speak. Run `python -m schemas.export`."""
    assert (FOLDER / f"{name}.json").read_text(encoding="utf-8") == schema_text(WORDS[name])


def test_no_schema_is_published_for_a_word_that_is_gone() -> None:
    assert {path.stem for path in FOLDER.glob("*.json")} == set(WORDS)


def released_schemas() -> list[tuple[str, str, dict[str, Any]]]:
    found = []
    for file in sorted(RELEASED.glob("*.schemas.json")):
        for name, schema in json.loads(file.read_text(encoding="utf-8")).items():
            found.append((file.name.split(".")[0], name, schema))
    return found


def test_every_word_of_every_release_may_still_be_spoken() -> None:
    """A phone or planner of the former version keeps talking while the city upgrades."""
    released = released_schemas()
    assert released
    broken = []
    for version, name, schema in released:
        if name not in WORDS:
            broken.append(f"{version} {name}: word is gone")
            continue
        broken += [f"{version} {name}{line}" for line in breaks(schema, json.loads(schema_text(WORDS[name])))]
    assert broken == []


BASE: dict[str, Any] = {
    "type": "object",
    "required": ["a"],
    "properties": {
        "a": {"type": "integer", "minimum": 0},
        "b": {"$ref": "#/$defs/B"},
        "c": {"anyOf": [{"type": "string", "maxLength": 9}, {"type": "null"}]},
        "d": {"type": "array", "items": {"type": "string", "pattern": "^x"}},
    },
    "$defs": {"B": {"type": "string", "enum": ["ONE", "TWO"]}},
}


def changed(path: str, value: Any) -> dict[str, Any]:
    schema = copy.deepcopy(BASE)
    node: Any = schema
    *steps, last = path.split("/")
    for step in steps:
        node = node[int(step)] if step.isdigit() else node[step]
    if value is None:
        del node[int(last) if last.isdigit() else last]
    else:
        node[last] = value
    return schema


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("required", ["a", "b"]),
        ("properties/a/type", "string"),
        ("properties/a/minimum", 1),
        ("properties/b", None),
        ("$defs/B/enum", ["ONE"]),
        ("properties/c/anyOf/0/maxLength", 8),
        ("properties/c/anyOf/1", None),
        ("properties/d/items/pattern", "^y"),
    ],
)
def test_a_narrower_shape_is_called_a_break(path: str, value: Any) -> None:
    assert breaks(BASE, changed(path, value)) != []


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("required", []),
        ("properties/a/minimum", -1),
        ("properties/e", {"type": "string"}),
        ("$defs/B/enum", ["ONE", "TWO", "THREE"]),
        ("properties/c/anyOf/0/maxLength", 10),
    ],
)
def test_a_wider_shape_is_no_break(path: str, value: Any) -> None:
    assert breaks(BASE, changed(path, value)) == []
