"""A tally kept outside the system: one JSON line for every fact that was acknowledged to whoever spoke it."""

import json
from datetime import UTC, datetime
from pathlib import Path

NAME = "acknowledged.jsonl"


class Tally:
    """Appends to a file and flushes each line, so that a killed town loses none it was told."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("a", encoding="utf-8")

    def note(self, fact_id: str, word: str, area: str) -> None:
        """A fact was acknowledged."""
        at = datetime.now(UTC).isoformat(timespec="milliseconds")
        self._file.write(json.dumps({"fact_id": fact_id, "word": word, "area": area, "at": at}) + "\n")
        self._file.flush()

    def close(self) -> None:
        """Close the file."""
        self._file.close()
