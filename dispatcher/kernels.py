"""The compiled code of desk and planners, made once per checkout: over a minute of one core."""

from __future__ import annotations

import fcntl
import os
import sys
from multiprocessing import get_context
from multiprocessing.process import BaseProcess

from dispatcher.child import NICENESS, end_with_parent
from dispatcher.compiled import FOLDER, mark

STAMP = FOLDER / f"{mark()}.all"


def are_compiled() -> bool:
    """Whether the code as it stands was compiled in this checkout, all of it."""
    return STAMP.exists()


def compile_command() -> list[str]:
    """The command line of a process that compiles, at low priority, and ends."""
    return [sys.executable, "-m", "dispatcher.kernels"]


def compile_beside() -> BaseProcess:
    """Compile in a process that ends when this one does."""
    child = get_context("spawn").Process(target=_beside, daemon=True)
    child.start()
    return child


def _beside() -> None:
    end_with_parent()
    compile_all()


def compile_all() -> None:
    """Compile what is not compiled, at low priority, and remember that it is; others wait their turn."""
    from dispatcher.core.insertion import warm_up as warm_up_desk
    from dispatcher.planning.plan_day import warm_up

    os.nice(NICENESS)
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (FOLDER / "compiling").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        warm_up_desk()
        warm_up()
        STAMP.touch()


if __name__ == "__main__":
    compile_all()
