"""The seat that the console's tests share."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.contracts.console_seat import Seat


@pytest.fixture(scope="module")
def seat(postgres_server: str, _migrated_template: str) -> "Iterator[Seat]":
    """A browser before the console of a small town."""
    from tests.contracts.console_seat import console_seat

    with console_seat(postgres_server, _migrated_template) as at:
        yield at
