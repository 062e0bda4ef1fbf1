"""The ledger consumer: `liuzhu consume ledger`."""

from functools import partial

from consumers.follow import Consumer, follow
from consumers.ledger.post import post_row
from schemas.tables import claims, entries, postings, purses

CONSUMER = Consumer("ledger", post_row, (claims, postings, entries, purses))

run = partial(follow, consumer=CONSUMER)
"""Follow the line until stopped: `consumers.follow.follow` for this consumer."""
