"""`python -m tests.services.counting_desk`: a desk worker with the counting rules, for tests of the shell.

COUNTING_FAIL names a file; while it is there, deciding runs out of memory, which is a failure of the shell.
"""

import logging
import os
import sys
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from sqlalchemy import create_engine

from dispatcher.desk_app import run
from schemas.decisions import Decision
from schemas.facts import Fact, TimePassed
from tests.services.counting import Counting, counting_rules


def main() -> int:
    """Run until stopped."""
    logging.basicConfig(level="INFO", format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    rules = counting_rules()
    plain = rules.decide

    def decide(desk: Counting, fact: Fact, now: datetime) -> tuple[Decision, ...]:
        mark = os.environ.get("COUNTING_FAIL")
        if mark and Path(mark).exists() and not isinstance(fact, TimePassed):
            raise MemoryError
        return plain(desk, fact, now)

    return run(
        engine=create_engine(os.environ["DATABASE_URL"], pool_pre_ping=True),
        rules=replace(rules, decide=decide),
        bootstrap_servers=os.environ["KAFKA_BOOTSTRAP_SERVERS"],
        topic_prefix=os.environ["LIUZHU_TOPIC_PREFIX"],
        desk_id=int(os.environ.get("LIUZHU_DESK_ID", "1")),
        data_dir=Path(os.environ["LIUZHU_DATA_DIR"]),
    )


if __name__ == "__main__":
    sys.exit(main())
