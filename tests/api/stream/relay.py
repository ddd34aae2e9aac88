"""A port before the server that cuts streams as a bad line does: in the middle of an event, a word, the head.

The server behind it may be another one each time, so clients live through restarts.
"""

import asyncio
import re
import threading
from collections.abc import Callable
from typing import Self

STREAMS = re.compile(rb"^GET [^ ]*/events[? ]", re.MULTILINE)
LAST_ID = re.compile(rb"^last-event-id: *(\d+)", re.MULTILINE | re.IGNORECASE)
PAUSE = re.compile(rb"retry: \d{4}\n")
HURRY = b"retry: 0020\n"
"""A client's pause before it comes back, shortened so that hundreds of cuts take seconds."""


class Relay:
    """``with Relay(server_url, cut_after) as relay``: ``cut_after()`` says how many bytes of an answer to a
    request for events get through; None is all.
    """

    def __init__(self, server: str, cut_after: Callable[[], int | None]) -> None:
        self.server = server
        self.cuts = 0
        self.opened: list[int] = []
        """The Last-Event-ID of each stream that was asked for; 0 where there was none."""
        self._cut_after = cut_after
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._ready.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._ending.set)
        self._thread.join(10)
        assert not self._thread.is_alive()

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._ending = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        self._ready.set()
        await self._ending.wait()
        server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _accept(self, client: asyncio.StreamReader, answer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        host, _, port = self.server.removeprefix("http://").rpartition(":")
        writers = [answer]
        try:
            server, ask = await asyncio.open_connection(host, int(port))
            writers.append(ask)
            await self._pass_on(client, ask, server, answer)
        except OSError:
            pass  # the server is away: the client finds a closed connection
        finally:
            for writer in writers:
                writer.close()

    async def _pass_on(
        self,
        client: asyncio.StreamReader,
        ask: asyncio.StreamWriter,
        server: asyncio.StreamReader,
        answer: asyncio.StreamWriter,
    ) -> None:
        """Until one side ends, or as many bytes went back as may."""
        left: int | None = None

        async def there() -> None:
            nonlocal left
            while data := await client.read(65536):
                if STREAMS.search(data):
                    last = LAST_ID.search(data)
                    self.opened.append(int(last[1]) if last else 0)
                    left = self._cut_after()
                ask.write(data)

        async def back() -> None:
            nonlocal left
            while data := await server.read(65536):
                data = PAUSE.sub(HURRY, data)
                answer.write(data if left is None else data[:left])
                await answer.drain()
                if left is not None and (left := left - len(data)) <= 0:
                    self.cuts += 1
                    return

        ways = [asyncio.create_task(there()), asyncio.create_task(back())]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
