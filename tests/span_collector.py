"""A collector of spans on this machine: it reads what comes as OTLP has it, and answers as a test wants."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)

from projections.span import Span, nanoseconds

WAIT_S = 20.0


class SpanCollector:
    """``answer`` gives the status for what came; it may wait as long as it likes."""

    def __init__(self, port: int = 0) -> None:
        self.answer: Callable[[int], int] = lambda _: 200
        """Gets the number of the request, from 1."""
        self.rejected = 0
        """How many spans of each request it says it did not take."""
        self.requests = 0
        self.headers: dict[str, str] = {}
        self.paths: set[str] = set()
        self.resource: dict[str, str] = {}
        self.spans: list[Any] = []
        """Those that it said it took, repeated ones too."""
        self._changed = threading.Condition()
        collector = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                request = ExportTraceServiceRequest.FromString(body)
                with collector._changed:
                    collector.requests += 1
                    number = collector.requests
                    collector.headers = {k.lower(): v for k, v in self.headers.items()}
                    collector.paths.add(self.path)
                    collector._changed.notify_all()
                status = collector.answer(number)
                if status == 200:
                    collector._take(request)
                said = ExportTraceServiceResponse()
                said.partial_success.rejected_spans = collector.rejected
                content = said.SerializeToString() if collector.rejected else b""
                self.send_response(status)
                self.send_header("Content-Type", "application/x-protobuf")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: Any) -> None:
                """Tests read what came."""

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_: Any) -> None:
                """Whoever asked has gone: tests let it."""

        self._server = Server(("127.0.0.1", port), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def _take(self, request: ExportTraceServiceRequest) -> None:
        with self._changed:
            for of_resource in request.resource_spans:
                self.resource = {a.key: a.value.string_value for a in of_resource.resource.attributes}
                for scope in of_resource.scope_spans:
                    self.spans += scope.spans
            self._changed.notify_all()

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def ids(self) -> list[str]:
        with self._changed:
            return [span.span_id.hex() for span in self.spans]

    def until(self, is_so: Callable[[], bool]) -> None:
        with self._changed:
            assert self._changed.wait_for(is_so, WAIT_S), f"{self.requests} requests, {len(self.spans)} spans"

    def has(self, spans: list[Span]) -> None:
        """Wait until all of these have come, and nothing else; each as often as it came was the same."""
        wanted = {span.span_id: span for span in spans}
        self.until(lambda: wanted.keys() <= {span.span_id.hex() for span in self.spans})
        for came in self.spans:
            span = wanted[came.span_id.hex()]
            assert came.trace_id.hex() == span.trace_id
            assert came.parent_span_id.hex() == (span.parent_span_id or "")
            assert came.name == span.name
            times = (came.start_time_unix_nano, came.end_time_unix_nano)
            assert times == (nanoseconds(span.started_at), nanoseconds(span.ended_at))
            assert {a.key for a in came.attributes} == span.attributes.keys()
            assert [event.name for event in came.events] == [one.name for one in span.moments]
            assert came.status.message == (span.error or "")

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@contextmanager
def collecting(port: int = 0) -> Iterator[SpanCollector]:
    collector = SpanCollector(port)
    try:
        yield collector
    finally:
        collector.close()
