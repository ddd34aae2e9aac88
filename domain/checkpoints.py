"""Named moments in the life of a job, for tests that kill a process at exactly one of them.

Whatever can be lost, done twice or left half done lies between two of these moments: every event stands
between ``before:TOPIC`` and ``after:TOPIC``, every side effect between a pair of its own. ``reached`` does
nothing unless somebody watches, and nothing in the product does: ``actors/work/crash.py`` watches when
``REELOG_CRASH_AT`` asks for it.

Rejected: killing at random times. It finds what happens often, and cannot say what it has covered.
"""

from collections.abc import Callable

Watcher = Callable[[str, str], None]

SIDE_EFFECTS = (
    "before:dispatch",  # the Director hands an order to the queue; about: the asset's name
    "after:dispatch",
    "before:making",  # the worker makes the asset, by a provider call or here; about: the asset's name
    "after:making",
    "before:asking",  # a call that is answered later is made; about: the asset's name
    "after:asking",  # the provider has answered, and nothing is on record yet
    "before:polling",  # its receipt is on record, and nobody has asked for it
    "after:polling",  # it is done
    "after:downloading",  # what came of it is here, and not stored
    "before:blob_write",  # about: the digest
    "during:blob_write",  # some bytes are in a file that has not its name yet
    "after:blob_write",  # the name is there, and may not have reached the disk
    "before:blob_remove",  # about: the digest
    "after:blob_remove",
    "before:commit",  # appends are written and not durable; about: how many share the transaction
    "after:commit",  # durable, and nobody has been told
    "before:projection",  # about: the position of the batch's last event
    "after:projection",  # committed, and nobody has been told
)
"""Besides these there are ``before:`` and ``after:`` every event's topic; about: the id of its aggregate."""

_watchers: list[Watcher] = []


def reached(point: str, about: object = "") -> None:
    """Tell that this moment has come."""
    for watcher in _watchers:
        watcher(point, str(about))


def watch(watcher: Watcher) -> Callable[[], None]:
    """Have every moment told to ``watcher(point, about)``, in the thread that reaches it; call to end it."""
    _watchers.append(watcher)
    return lambda: _watchers.remove(watcher)
