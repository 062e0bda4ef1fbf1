"""One typed door to the compiler, so that compiled functions keep their types."""

from collections.abc import Callable
from typing import TypeVar, cast

from numba import njit

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
