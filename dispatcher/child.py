"""What a child process of ours owes: to give way to others, and to end with whoever waits for it."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from multiprocessing import parent_process

NICENESS = 10
PR_SET_PDEATHSIG = 1


def end_with_parent() -> None:
    """Ask the system to kill this process when its parent ends. Linux only.

    OR-Tools and the compiler hold the interpreter, so nothing here could notice by itself.
    """
    parent = parent_process()
    if not sys.platform.startswith("linux") or parent is None:
        return
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent.pid:  # it ended before we asked
        os._exit(1)
