"""From the append of an event to its receipt by every client, beside a bare broadcast of the same bytes.

Ours: another process appends to the event store, as actors do; the projector folds it, the server streams it.
The floor: an sse-starlette server that sends the same number of bytes to every client from its own loop,
without a store or a projection. The reference, where it is installed: nginx with nchan, published to over
HTTP. Clients are plain sockets in this process, so all sides share its costs; rounds of the sides alternate.
``CLOCK_MONOTONIC`` is one clock for all processes of a machine, so stamps can be compared.
"""

import contextlib
import resource
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.bench.report import Bench, Row
from tests.bench.sse_clients import readers
from tests.bench.sse_servers import RATE, Process, nchan_modules, nginx, role

ROUNDS = 3
ROUND_S = 5.0
WARM_UP_S = 1.0
PATIENCE_S = 30.0
FIRST_BYTES = 1000
"""What others send until it is known what ours sends."""


@dataclass
class Side:
    """One server, whoever sends to it, and what was measured of both."""

    server: Process
    source: Process
    path: str
    marker: bytes
    late_ms: list[float] = field(default_factory=list)
    expected: int = 0
    cpu_s: float = 0.0
    elapsed_s: float = 0.0
    rss_mb: float = 0.0
    frame_bytes: int = 0

    def measure(self, clients: int, seconds: float, frame_bytes: int) -> None:
        """One round: open so many streams, have events sent, wait until every client has every one."""
        with readers(self.server.first_line, self.path, self.marker, clients) as reading:
            self.source.ask(f"GO {int(WARM_UP_S * RATE)} {frame_bytes}")
            cpu_s, begun = self.server.cpu_s(), time.monotonic()
            stamps = self.source.ask(f"GO {int(seconds * RATE)} {frame_bytes}")
            reading.wait_for(max(stamps), PATIENCE_S)
            self.cpu_s += self.server.cpu_s() - cpu_s
            self.elapsed_s += time.monotonic() - begun
            self.rss_mb = max(self.rss_mb, self.server.rss_mb())
        self.expected += clients * len(stamps)
        self.frame_bytes = reading.frame_bytes
        self.late_ms += [
            (received[key] - stamp) / 1e6
            for received in reading.received
            for key, stamp in stamps.items()
            if key in received
        ]
        self.late_ms.sort()

    def at(self, share: float) -> float:
        return self.late_ms[min(len(self.late_ms) - 1, int(len(self.late_ms) * share))]

    @property
    def cpu(self) -> float:
        """Of the server, in % of a core."""
        return 100 * self.cpu_s / self.elapsed_s

    @property
    def received(self) -> str:
        return f"{len(self.late_ms) / self.expected:.1%}"


def measure(quick: bool) -> Sequence[Row]:
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    rows: list[Row] = []
    for clients in (1, 100) if quick else (1, 100, 500, 1000):
        rows += _measure(clients, 1 if quick else ROUNDS, 2.0 if quick else ROUND_S)
    return rows


def _measure(clients: int, rounds: int, seconds: float) -> Sequence[Row]:
    # Fresh processes for each size: nobody starts with what another size left behind.
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        server, writer = (stack.enter_context(role(name, folder)) for name in ("ours", "writer"))
        ours = Side(server, writer, "/v1/events?stream=1", b"retry: ")
        broadcast = stack.enter_context(role("floor"))
        floor = Side(broadcast, broadcast, "/events", b"retry: ")
        sides = [ours, floor]
        if modules := nchan_modules():
            web = stack.enter_context(nginx(stack.enter_context(tempfile.TemporaryDirectory()), modules))
            publisher = stack.enter_context(role("publisher", web.first_line))
            sides.append(Side(web, publisher, "/events", b": hi"))
        for _ in range(rounds):
            for side in sides:
                side.measure(clients, seconds, ours.frame_bytes or FIRST_BYTES)
    return [
        _row(f"{clients} clients, p50", "ms", [side.at(0.5) for side in sides], ""),
        _row(f"{clients} clients, p99", "ms", [side.at(0.99) for side in sides], ""),
        _row(f"{clients} clients, CPU", "% of a core", [side.cpu for side in sides], ""),
        _row(
            f"{clients} clients, memory",
            "MB",
            [side.rss_mb for side in sides],
            f"received {', '.join(side.received for side in sides)}; {ours.frame_bytes} bytes an event",
        ),
    ]


def _row(what: str, unit: str, values: Sequence[float], note: str) -> Row:
    ours, floor, *nchan = values
    reference = [f"nginx+nchan {value:,.3g}" for value in nchan]
    return Row(what, ours, floor, unit, "; ".join(filter(None, (*reference, note))))


BENCH = Bench(
    "sse",
    f"from the append of an event to its receipt by every client, {RATE} events a second",
    ("Reelog", "bare broadcast"),
    measure,
)
