"""Compile the improver before any test's clock runs: the first time takes a minute or two."""

import pytest

from dispatcher.planning.plan_day import warm_up


def pytest_collection_finish(session: pytest.Session) -> None:
    """Compile, unless tests are only listed."""
    if not session.config.option.collectonly:
        warm_up()
