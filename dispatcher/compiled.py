"""One typed door to the compiler, so that compiled functions keep their types.

The compiler asks only whether a function's own file has changed, not those of what was put bodily into it. So
machine code is kept in a folder of the sources' own mark, and code of other sources is never found.
"""

import os
import re
import sys
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar, cast

from numba import __version__, config, njit

HERE = Path(__file__).parent
IMPORTED = re.compile(r"^from dispatcher\.(core|planning)\.(\w+) import", re.MULTILINE)


def mark() -> str:
    """Changes with the compiler, with every source of compiled code, and with what those import from."""
    told = sha256(f"{sys.version}/{__version__}".encode())
    sources = {Path(__file__)}
    for source in (*HERE.glob("core/*.py"), *HERE.glob("planning/*.py")):
        text = source.read_text(encoding="utf-8")
        if "from dispatcher.compiled import" in text:
            sources.add(source)
            sources.update(HERE / folder / f"{name}.py" for folder, name in IMPORTED.findall(text))
    for source in sorted(sources):
        told.update(source.read_bytes())
    return told.hexdigest()


_settings: Any = config
if not _settings.CACHE_DIR:
    kept = HERE if os.access(HERE, os.W_OK) else Path.home() / ".cache" / "liuzhu"
    _settings.CACHE_DIR = str(kept / "__pycache__" / mark()[:16])
FOLDER = Path(_settings.CACHE_DIR)
"""Where machine code is kept."""

Function = TypeVar("Function", bound=Callable[..., object])


def compiled(function: Function) -> Function:
    """Compile a function of numbers and arrays on first use, and keep the machine code on disk.

    Without the compiler's own memory counting (`_nrt`), which made the improver eight times slower: compiled
    functions here read and write arrays they are given, and make none.
    """
    compiler = cast(Callable[..., Function], njit)
    return compiler(function, cache=True, nogil=True, _nrt=False, no_cfunc_wrapper=True)


def inner(function: Function) -> Function:
    """The same for what only compiled code calls: a door from Python takes as long to make as itself."""
    compiler = cast(Callable[..., Function], njit)
    return compiler(
        function, cache=True, nogil=True, _nrt=False, no_cfunc_wrapper=True, no_cpython_wrapper=True
    )


def inlined(function: Function) -> Function:
    """The same, put bodily into its callers: handing many arrays on would cost more than the work."""
    compiler = cast(Callable[..., Function], njit)
    return compiler(function, cache=True, nogil=True, _nrt=False, inline="always")
