"""Compile the improver before any test's clock runs: the first time takes a minute or two."""

import subprocess

import pytest

from dispatcher.kernels import are_compiled, compile_command
from dispatcher.planning.plan_day import warm_up


def pytest_collection_finish(session: pytest.Session) -> None:
    """Compile all that planners in processes of their own look for, unless tests are only listed."""
    if session.config.option.collectonly:
        return
    if not are_compiled():
        subprocess.run(compile_command(), check=True)
    warm_up()
