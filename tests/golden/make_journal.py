"""Make a golden journal: made-up days of a made-up area, one row body a line. Run once for a release.

python -m tests.golden.make_journal tests/golden/journal-v1.jsonl              # a day of everything
python -m tests.golden.make_journal tests/golden/journal-v2.jsonl --punctual   # days that teach punctuality
"""

from __future__ import annotations

import argparse
from pathlib import Path

from schemas.rows import Row
from tests.rules.core.noisy_world import World
from tests.rules.core.simulator import run

SEED, STEPS = 20260302, 700


def main() -> None:
    """Write the days."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("path", type=Path)
    parser.add_argument("--punctual", action="store_true")
    asked = parser.parse_args()
    asked.path.write_bytes(b"".join(row.body() + b"\n" for row in rows(punctual=asked.punctual)))


def rows(*, punctual: bool) -> list[Row]:
    """The rows of one seeded area."""
    if punctual:
        return World(SEED, days=2, carers=3, visits_a_day=52).live().town.rows
    return run(SEED, STEPS, carers=8, recipients=16).town.rows


if __name__ == "__main__":
    main()
