"""An ESC/POS receipt printer: python-escpos writes, we ask for status ourselves. One thread per printer does the talking.

Faults: "printer-away", "printer-no-paper", "printer-cover", "printer-fault", "printer-paper-low", "printer-status-unknown".
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import structlog

from devices.health import Condition, DeviceError, Health
from devices.keeper import Keeper
from devices.printers import status
from devices.printers.library import DeviceNotFoundError
from devices.printers.links import Link
from devices.printers.rendering import Renderer
from domain.receipt import Receipt

ANSWER_S = 0.8
"""A printer answers a real-time status request within some 100 ms; later than this is no answer."""
PRINTED_S = 8.0
"""The longest receipt is out by then; a printer that keeps no order of answers is believed without."""
POLL_S = 4.0
BACKOFF_S = (0.5, 1.0, 2.0, 4.0)
_LEFTOVER_S = 0.005
_ASK_EVERY_BYTES = 2048

log = structlog.get_logger()


class EscposPrinter:
    """A printer (devices.printers.port). `poll_s`: seconds between two looks at its health."""

    def __init__(
        self, link: Link, renderer: Renderer, *, poll_s: float = POLL_S, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._link = link
        self._renderer = renderer
        self._poll_s = poll_s
        self._clock = clock
        self._health = status.AWAY
        self._connected = False
        self._printed = False
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="printer")
        self._keeper = Keeper("the printer", self._keep_looking)

    async def open(self) -> None:
        self._keeper.start()

    async def close(self) -> None:
        await self._keeper.stop()
        await asyncio.get_running_loop().run_in_executor(self._thread, self._hang_up)
        self._thread.shutdown(wait=False)

    def health(self) -> Health:
        return self._health

    async def print(self, receipt: Receipt) -> None:
        """See the port. Once begun it runs to its end, though the caller may no longer wait for it."""
        await asyncio.get_running_loop().run_in_executor(self._thread, self._print, receipt)
        log.info("printer.printed", receipt=receipt.name)

    async def _keep_looking(self) -> None:
        loop = asyncio.get_running_loop()
        failures = 0
        while True:
            await loop.run_in_executor(self._thread, self._look)
            away = self._health.condition is Condition.AWAY
            failures = failures + 1 if away else 0
            await asyncio.sleep(BACKOFF_S[min(failures, len(BACKOFF_S)) - 1] if away else self._poll_s)

    # everything below runs in the printer's thread

    def _look(self) -> None:
        try:
            self._connect()
            self._report(self._ask())
        except (OSError, DeviceNotFoundError) as error:
            self._lose(error)

    def _print(self, receipt: Receipt) -> None:
        pieces = self._renderer.render(receipt)
        try:
            answers = self._reach()
            self._send(pieces, answers)
            if answers:
                self._wait_until_printed()
        except (OSError, DeviceNotFoundError) as error:
            self._lose(error)
            raise DeviceError("printer-away", type(error).__name__) from error

    def _reach(self) -> bool:
        """`_check` on a connection that works: one that broke while nothing was printed is made anew, once."""
        if self._connected:
            try:
                return self._check()
            except OSError as error:
                self._lose(error)
        self._connect()
        return self._check()

    def _send(self, pieces: list[bytes], answers: bool) -> None:
        unasked = 0
        for piece in pieces:
            if answers and unasked >= _ASK_EVERY_BYTES:
                self._check()
                unasked = 0
            self._link.write(piece)
            unasked += len(piece)

    def _check(self) -> bool:
        """Asks for the health; returns whether the printer answers at all. Raises DeviceError when it cannot print."""
        health = self._ask()
        self._report(health)
        if health.condition is Condition.OUT:
            self._link.write(status.CLEAR_BUFFERS)
            raise DeviceError(health.fault)
        return health.condition is not Condition.UNKNOWN

    def _wait_until_printed(self) -> None:
        self._printed = False
        self._link.write(status.ASK_WHEN_PRINTED)
        give_up = self._clock() + PRINTED_S
        while not self._printed and self._clock() < give_up:
            self._read(ANSWER_S)
            self._check()

    def _ask(self) -> Health:
        while self._read(_LEFTOVER_S) is not None:
            pass  # an answer that came too late would be taken for that to another question
        cause = self._answer_to(status.ASK_OFFLINE_CAUSE)
        if cause is None:
            return status.UNKNOWN
        paper = self._answer_to(status.ASK_PAPER)
        if paper is None:
            return status.UNKNOWN
        return status.health_of(cause, paper)

    def _answer_to(self, question: bytes) -> int | None:
        self._link.write(question)
        give_up = self._clock() + ANSWER_S
        while (left := give_up - self._clock()) > 0:
            answer = self._read(left)
            if answer is not None and status.is_status(answer):
                return answer
        return None

    def _read(self, timeout: float) -> int | None:
        """The next byte. The answer to ASK_WHEN_PRINTED may come at any time and is noted whoever reads it."""
        answer = self._link.read(timeout)
        if answer is not None and status.is_printed(answer):
            self._printed = True
        return answer

    def _connect(self) -> None:
        if not self._connected:
            self._link.open()
            self._connected = True

    def _hang_up(self) -> None:
        if self._connected:
            self._connected = False
            self._link.close()

    def _lose(self, error: Exception) -> None:
        self._hang_up()
        self._report(Health(Condition.AWAY, "printer-away", type(error).__name__))

    def _report(self, health: Health) -> None:
        if health != self._health:
            self._health = health
            log.info("printer.health", condition=health.condition, fault=health.fault, detail=health.detail)
