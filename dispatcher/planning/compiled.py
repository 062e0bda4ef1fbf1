"""One typed door to the compiler, so that compiled functions keep their types."""

from collections.abc import Callable
from typing import TypeVar, cast

from numba import njit

Function = TypeVar("Function", bound=Callable[..., object])


def compiled(function: Function) -> Function:
    """Compile a function of numbers and arrays on first use, and keep the machine code on disk."""
    return cast(Function, njit(cache=True)(function))
