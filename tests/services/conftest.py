"""Fixtures of the tests on real services."""

import gc
import warnings
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def refused_sockets(request: pytest.FixtureRequest) -> Iterator[None]:
    """The Kafka library leaves the sockets of refused connections to the collector: let it take them here."""
    yield
    if "kafka" not in request.fixturenames:
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()
