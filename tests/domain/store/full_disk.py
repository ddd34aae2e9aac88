"""Run on a tmpfs that is nearly full, in a mount namespace of its own: what an append does.

``full_disk.py FOLDER`` fills the store until the disk is full, makes room, and appends again.
"""

import subprocess
import sys
from uuid import uuid4

from eventsourcing.persistence import InfrastructureFactory, StoredEvent
from eventsourcing.utils import Environment

from domain.store import AppendFailedError, open_event_store

folder = sys.argv[1]
store = open_event_store(f"sqlite:///{folder}/events.db")
factory: InfrastructureFactory = InfrastructureFactory.construct(Environment(env=store.environment()))
recorder = factory.application_recorder()
follower = store.follower()
stream = uuid4()


def append(version: int) -> None:
    recorder.insert_events([StoredEvent(stream, version, "topic", b"x" * 2000)])


acknowledged = 0
reasons: set[str] = set()
while len(reasons) < 1 or acknowledged < 1:
    try:
        append(acknowledged + 1)
        acknowledged += 1
    except AppendFailedError as error:
        reasons.add(error.reason)
# Full is full: again and again, and reading goes on.
for _ in range(3):
    try:
        append(acknowledged + 1)
        acknowledged += 1
    except AppendFailedError as error:
        reasons.add(error.reason)
print(*reasons)  # noqa: T201 - read by the test
assert recorder.max_notification_id() == acknowledged

subprocess.run(["mount", "-o", "remount,size=16m", folder], check=True)
append(acknowledged + 1)

versions = [event.originator_version for event in recorder.select_events(stream)]
assert versions == list(range(1, acknowledged + 2)), versions
seen = [notification.originator_version for notification in follower.next_batch(10)]
assert seen == versions, seen
print("recovered")  # noqa: T201 - read by the test
