"""Fixtures of the tests on real services."""

import gc
import warnings
from collections.abc import Iterator

import pytest


@pytest.fixture
def refused_sockets() -> Iterator[None]:
    """The Kafka library leaves the sockets of refused connections to the collector: let it take them here."""
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()
