"""Make a golden journal: a made-up day of a made-up area, one row body a line. Run once for a release.

python -m tests.golden.make_journal tests/golden/journal-v1.jsonl
"""

from __future__ import annotations

import sys
from pathlib import Path

from tests.rules.core.simulator import run

SEED, STEPS = 20260302, 700


def main(path: str) -> None:
    """Write the day."""
    day = run(SEED, STEPS, carers=8, recipients=16)
    Path(path).write_bytes(b"".join(row.body() + b"\n" for row in day.town.rows))


if __name__ == "__main__":
    main(sys.argv[1])
