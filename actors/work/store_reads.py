"""What a stage reads of the event store while it makes something."""

import logging
from collections.abc import Callable
from typing import TypeVar

from actors.work import workshop
from actors.work.stage import Task
from actors.work.transient_errors import TRANSIENT_ERRORS

log = logging.getLogger("reelog.worker")

T = TypeVar("T")


def read_when_there(task: Task, read: Callable[[], T]) -> T:
    """In a thread: as soon as the store can be read, as a store that is away is no reason to give up.

    RenderCancelled where the attempt ends meanwhile.
    """
    while True:
        try:
            return read()
        except TRANSIENT_ERRORS as error:
            log.warning("%s waits for the store: %s", task.order.name, error)
        task.pause(workshop.APPEND_RETRY_S)
