"""The seat that the console's tests share."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.contracts.console_seat import Seat


@pytest.fixture(scope="module")
def seat(postgres_server: str, _migrated_template: str) -> "Iterator[Seat]":
    """A browser before the console of a small town."""
    from infra.parts.postgres import drop_database, make_database, random_name
    from tests.contracts.console_seat import console_seat

    name = random_name("console")
    with console_seat(make_database(postgres_server, name, template=_migrated_template)) as at:
        yield at
    drop_database(postgres_server, name)
