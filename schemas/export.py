"""Write the JSON Schema of every word.

`python -m schemas.export` writes `schemas/json/`; `python -m schemas.export VERSION` also keeps them as
those of a release, in `tests/golden/words/VERSION.schemas.json`, against which later changes are tested.
"""

import json
import sys
from pathlib import Path
from typing import Any, get_args

from schemas.base import Word
from schemas.decisions import Decision
from schemas.facts import Fact
from schemas.rows import Row

FOLDER = Path(__file__).parent / "json"
RELEASES = Path(__file__).parent.parent / "tests" / "golden" / "words"


def words() -> dict[str, type[Word]]:
    """Every fact, decision and the row, by name."""
    union_members = (*get_args(get_args(Fact)[0]), *get_args(get_args(Decision)[0]))
    return {kind.__name__: kind for kind in union_members} | {"Row": Row}


def schema_text(kind: type[Word]) -> str:
    """The JSON Schema of a word as stored: sorted, two spaces, a final newline."""
    schema: dict[str, Any] = kind.model_json_schema(mode="validation")
    properties = schema.get("properties", {})
    properties.pop("opened", None)
    return json.dumps(schema, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def main() -> None:
    """Write all files and remove those of words that are gone; keep a release when its version is given."""
    FOLDER.mkdir(exist_ok=True)
    texts = {f"{name}.json": schema_text(kind) for name, kind in words().items() if name != "Row"}
    for old in FOLDER.glob("*.json"):
        if old.name not in texts:
            old.unlink()
    for name, body in texts.items():
        (FOLDER / name).write_text(body, encoding="utf-8")
    for version in sys.argv[1:]:
        kept = {name.removesuffix(".json"): json.loads(body) for name, body in texts.items()}
        release = json.dumps(kept, sort_keys=True, ensure_ascii=False, indent=0) + "\n"
        (RELEASES / f"{version}.schemas.json").write_text(release, encoding="utf-8")


if __name__ == "__main__":
    main()
