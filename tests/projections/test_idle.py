"""What a store is asked in a second in which nothing happens: as much as ever, however long it has lived."""

import contextlib
from collections.abc import Iterator

import pytest

from domain.store import open_event_store
from tests.projections.filming import Filming
from tests.statements import Statements, counted

pytestmark = [pytest.mark.slow, pytest.mark.parametrize("store_kind", ["sqlite", "postgresql"])]

LOOKS = 5
"""A follower looks by itself four times a second, lest a signal be lost; and at the beginning."""


@pytest.fixture
def statements() -> Iterator[Statements]:
    with counted() as statements:
        yield statements


def test_a_follower_that_nothing_happens_to_asks_for_nothing_else(
    statements: Statements, store_url: str
) -> None:
    store = open_event_store(store_url)
    filming = Filming(store)
    filming.finish(filming.submit())
    with contextlib.closing(store.follower(filming.head())) as follower:
        follower.next_batch(0)  # which connects
        statements.forget()
        assert follower.next_batch(1.0) == []
    assert len(statements.asked) <= LOOKS
    assert statements.sessions == 0
    filming.studio.close()
    store.close()
