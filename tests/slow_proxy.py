"""A proxy on loopback before a server: it delays what is asked, and can be killed, frozen and brought back."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit


class Proxy:
    """A proxy under way; `url` is the server's as seen through it."""

    def __init__(self, url: str, seconds: float) -> None:
        self._seconds, self._behind = seconds, urlsplit(url)
        self._loop = asyncio.new_event_loop()
        self._writers: set[asyncio.StreamWriter] = set()
        self._flowing = asyncio.Event()
        self._server: asyncio.Server | None = None
        self._port = 0
        threading.Thread(target=self._loop.run_forever, daemon=True).start()
        self._run(self._listen())
        self.address = f"127.0.0.1:{self._port}"
        self.url = f"http://{self.address}{self._behind.path}"

    def kill(self) -> None:
        """Reset all connections and take no more."""
        self._run(self._end())

    def close(self) -> None:
        """Be gone for good."""
        self.kill()
        self._run(self._leave_nothing())
        self._loop.call_soon_threadsafe(self._loop.stop)

    def come_back(self) -> None:
        """Listen at the same port again."""
        self._run(self._listen())

    def lead_to(self, url: str) -> None:
        """Stand before another server from now on."""
        self._behind = urlsplit(url)

    def freeze(self) -> None:
        """Take whatever comes and say nothing."""
        self._loop.call_soon_threadsafe(self._flowing.clear)

    def thaw(self) -> None:
        """Let flow what was held back."""
        self._loop.call_soon_threadsafe(self._flowing.set)

    def _run(self, work) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(5)

    async def _listen(self) -> None:
        self._flowing.set()
        self._server = await asyncio.start_server(self._pass_on, "127.0.0.1", self._port)
        self._port = self._server.sockets[0].getsockname()[1]

    async def _end(self) -> None:
        self._server.close()
        for writer in self._writers:
            writer.transport.abort()
        self._writers.clear()

    async def _leave_nothing(self) -> None:
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            there, back = await asyncio.open_connection(self._behind.hostname, self._behind.port)
            self._writers |= {writer, back}
            await asyncio.gather(self._pump(reader, back, self._seconds), self._pump(there, writer, 0.0))
        writer.transport.abort()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seconds: float) -> None:
        with suppress(OSError):
            while piece := await reader.read(1 << 16):
                await asyncio.sleep(seconds)
                await self._flowing.wait()
                writer.write(piece)
                await writer.drain()
        writer.close()


@contextmanager
def slow_proxy(url: str, seconds: float = 0.0) -> Iterator[Proxy]:
    """A proxy before the server at `url` while the block runs; every piece of a request is so many seconds late."""
    proxy = Proxy(url, seconds)
    try:
        yield proxy
    finally:
        proxy.close()
