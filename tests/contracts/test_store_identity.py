"""A store has an id from its first opening on; another store has another.

Seen to fail with an id that is made anew at each opening, and with one that is remembered when the file under
the name has changed.
"""

import sqlite3
from pathlib import Path

import psycopg

from domain.store import EventStore, open_event_store


def test_the_id_stays_whoever_opens_the_store(store: EventStore) -> None:
    again = open_event_store(store.url)
    try:
        assert again.id == store.id
    finally:
        again.close()


def test_a_store_of_the_first_edition_gets_one_when_it_is_opened(store: EventStore) -> None:
    before = store.id
    if store.url.startswith("sqlite:///"):
        with sqlite3.connect(store.url.removeprefix("sqlite:///")) as connection:
            connection.execute("DROP TABLE store_identity")
        connection.close()
    else:
        with psycopg.connect(store.url) as session:
            session.execute("DROP TABLE public.store_identity")
    first, second = open_event_store(store.url), open_event_store(store.url)
    try:
        assert first.id == second.id != before
    finally:
        first.close()
        second.close()


def test_a_folder_that_is_reset_under_a_running_server_is_another_store(tmp_path: Path) -> None:
    running = open_event_store(f"sqlite:///{tmp_path}/events.db")
    before = running.id
    for file in tmp_path.glob("events.db*"):
        if file.is_file():
            file.unlink()
    again = open_event_store(running.url)
    assert again.id == running.id != before
    again.close()
    running.close()
