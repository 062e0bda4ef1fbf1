"""The compiled code of desk and planners, made once per checkout: over a minute of one core."""

import os
import sys
from pathlib import Path

from dispatcher.compiled import mark
from infra.settings import REPOSITORY

STAMP = REPOSITORY / ".liuzhu" / "kernels.stamp"
NICENESS = 10


def are_compiled(stamp: Path = STAMP) -> bool:
    """Whether the code as it stands was compiled in this checkout."""
    return stamp.exists() and stamp.read_text() == mark()


def compile_command() -> list[str]:
    """The command line of a process that compiles, at low priority, and ends."""
    return [sys.executable, "-m", "infra.kernels"]


def compile_all() -> None:
    """Compile what is not compiled, and remember that it is."""
    from dispatcher.core.insertion import warm_up as warm_up_desk
    from dispatcher.planning.plan_day import warm_up

    made = mark()
    warm_up_desk()
    warm_up()
    STAMP.parent.mkdir(parents=True, exist_ok=True)
    STAMP.write_text(made)


if __name__ == "__main__":
    os.nice(NICENESS)
    compile_all()
