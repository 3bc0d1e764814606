"""The shipped printer driver against a simulated printer over loopback: every byte goes through python-escpos and a socket."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import zxingcpp
from PIL import Image, ImageChops

from devices.health import Condition, DeviceError, Health
from devices.printers.escpos import EscposPrinter
from devices.printers.links import TcpLink
from devices.printers.port import Printer
from devices.printers.rendering import Renderer
from devices.printers.simulator.parser import Parser
from domain.receipt import Receipt, Style, Text
from tests.devices.printers.receipts import LINK, receipt
from tests.devices.simulator_process import LIMIT_S, SimulatorProcess, simulator, until


class Bench:
    """A printer on its wire and the simulated one at the far end."""

    def __init__(self, printer: Printer, far: SimulatorProcess) -> None:
        self.printer = printer
        self.far = far

    async def paper(self, what: str = "printed") -> dict[str, Any]:
        """The next piece of paper that leaves the printer."""
        while what not in (report := await self.far.report()):
            assert "unknown" not in report
        piece: dict[str, Any] = report[what]
        return piece

    async def picture(self) -> Image.Image:
        """The next receipt as it looks."""
        return drawn(Path((await self.paper())["png"]))

    async def refused(self) -> str:
        with pytest.raises(DeviceError) as refusal:
            await self.printer.print(receipt())
        return refusal.value.fault


def drawn(path: Path) -> Image.Image:
    with Image.open(path) as picture:
        return picture.convert("L")


@contextlib.asynccontextmanager
async def bench(folder: Path) -> AsyncIterator[Bench]:
    async with simulator("devices.printers.simulator", "--out", str(folder)) as far:
        port = int(far.ready["uri"].rpartition(":")[2])
        printer = EscposPrinter(TcpLink("127.0.0.1", port), Renderer(48, "default"), poll_s=0.05)
        await printer.open()
        try:
            await until(lambda: printer.health().usable)
            yield Bench(printer, far)
        finally:
            await printer.close()


async def test_a_receipt_comes_out_whole(tmp_path: Path) -> None:
    async with bench(tmp_path) as on:
        await on.printer.print(receipt())
        piece = await on.paper()
        picture = drawn(Path(piece["png"]))
        assert [symbol.text for symbol in zxingcpp.read_barcodes(picture)] == [LINK]
        raw = Path(piece["raw"]).read_bytes()
        assert raw.startswith(b"\x1b@")
        assert raw.count(b"\x1dV") == 1
        assert on.printer.health() == Health(Condition.READY)


async def test_spanish_goes_as_text_in_code_pages_that_spell_it(tmp_path: Path) -> None:
    async with bench(tmp_path) as on:
        await on.printer.print(receipt())
        raw = Path((await on.paper())["raw"]).read_bytes()
        page, spelt = "cp437", ""
        for command in Parser().feed(raw):
            match command.name:
                case "ESC t":
                    page = PAGES[command.arguments[0]]
                case "text":
                    spelt += command.arguments.decode(page)
        for words in ("¡Gracias! Año, niño, corazón.", "ÁÉÍÓÚ", "áéíóú ñÑ ü", "¿?", "€", "Visa terminada en 4242"):
            assert words in spelt


PAGES = {0: "cp437", 2: "cp850", 16: "cp1252", 19: "cp858"}
"""ESC t n, as Epson numbers the Western code pages."""


async def test_other_scripts_go_as_pictures_and_not_as_question_marks(tmp_path: Path) -> None:
    async with bench(tmp_path) as on:
        pictures = []
        for name in ("王小明", "أمينة", "Иван", "???"):
            await on.printer.print(Receipt("X", (Text(name, Style.CENTRED),)))
            pictures.append(await on.picture())
        marks = pictures[-1]
        for picture in pictures[:-1]:
            assert min(picture.tobytes()) < 60, "something is printed"
            assert ImageChops.difference(picture.resize(marks.size), marks).getbbox() is not None


async def test_low_paper_is_said_and_printed_on(tmp_path: Path) -> None:
    async with bench(tmp_path) as on:
        await on.far.tell({"paper": "low"})
        await until(lambda: on.printer.health() == Health(Condition.LOW, "printer-paper-low"))
        await on.printer.print(receipt())
        await on.paper()


async def test_without_paper_nothing_is_sent(tmp_path: Path) -> None:
    async with bench(tmp_path) as on:
        await on.far.tell({"paper": "out"})
        assert await on.refused() == "printer-no-paper"
        assert on.printer.health() == Health(Condition.OUT, "printer-no-paper")
        await on.far.tell({"paper": "ok"})
        await until(lambda: on.printer.health().usable)
        assert list(tmp_path.iterdir()) == [], "no half receipt waits for the next patient"
        await on.printer.print(receipt())
        await on.paper()


async def test_paper_that_ends_in_the_middle_is_noticed_and_the_rest_never_comes_out(tmp_path: Path) -> None:
    async with bench(tmp_path) as on:
        await on.printer.print(receipt())
        whole = (await on.picture()).size
        await on.far.tell({"paper_mm": 20})
        assert await on.refused() == "printer-no-paper"
        # asked once more on the same wire, it has heard that it shall forget; new paper comes another way and could overtake that
        assert await on.refused() == "printer-no-paper"
        await on.far.tell({"paper": "ok"})
        await until(lambda: on.printer.health().usable)
        await on.printer.print(receipt())
        assert (await on.picture()).size == whole
        torn = drawn(tmp_path / "receipt-002.png")
        assert torn.height < whole[1]
        assert len(list(tmp_path.glob("*.png"))) == 3


async def test_paper_that_ends_at_the_last_line_is_noticed(tmp_path: Path) -> None:
    async with bench(tmp_path) as on:
        await on.printer.print(receipt())
        length_mm = (await on.picture()).height // 8
        await on.far.tell({"paper_mm": length_mm - 12})
        assert await on.refused() == "printer-no-paper"


async def test_an_open_cover(tmp_path: Path) -> None:
    async with bench(tmp_path) as on:
        await on.far.tell({"cover": "open"})
        assert await on.refused() == "printer-cover"
        await until(lambda: on.printer.health() == Health(Condition.OUT, "printer-cover"))
        await on.far.tell({"cover": "closed"})
        await until(lambda: on.printer.health().usable)


async def test_a_printer_that_goes_and_comes_back(tmp_path: Path) -> None:
    async with bench(tmp_path) as on:
        await on.far.tell({"power": False})
        assert await on.refused() == "printer-away"
        assert on.printer.health().condition is Condition.AWAY
        await on.far.tell({"power": True})
        await on.printer.print(receipt())
        await on.paper()


async def test_a_printer_that_cannot_be_asked_is_unknown_and_prints(tmp_path: Path) -> None:
    async with bench(tmp_path) as on:
        await on.far.tell({"answers": False})
        await until(lambda: on.printer.health() == Health(Condition.UNKNOWN, "printer-status-unknown"))
        await on.printer.print(receipt())
        picture = await on.picture()
        assert [symbol.text for symbol in zxingcpp.read_barcodes(picture)] == [LINK]


async def test_no_printer_at_all() -> None:
    printer = EscposPrinter(TcpLink("127.0.0.1", 9), Renderer(48, "default"))
    await printer.open()
    with pytest.raises(DeviceError, match="printer-away"):
        await printer.print(receipt())
    await printer.close()


async def test_the_loop_is_not_blocked_while_it_prints(tmp_path: Path) -> None:
    async with bench(tmp_path) as on:
        await on.far.tell({"answers": False})
        ticks = 0
        async with asyncio.timeout(LIMIT_S):
            printing = asyncio.create_task(on.printer.print(receipt()))
            while not printing.done():
                ticks += 1
                await asyncio.wait([printing], timeout=0.005)
        assert ticks > 20, "the driver waits 0.8 s for an answer meanwhile"


async def test_commands_that_make_no_sense_are_reported(tmp_path: Path) -> None:
    async with simulator("devices.printers.simulator", "--out", str(tmp_path)) as far:
        for command in ({"paper": "blue"}, {"paper_mm": "x"}, {"cover": 1}, {}):
            assert "error" in await far.tell(command)
        port = int(far.ready["uri"].rpartition(":")[2])
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"\x1b\x7f")
        assert await far.report() == {"unknown": "1b 7f"}
        writer.close()


async def test_a_bug_in_the_keeper_is_told_at_once() -> None:
    class Buggy(TcpLink):
        def open(self, raise_not_found: bool = True) -> None:
            raise ZeroDivisionError

    told: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: told.set_result(context))
    printer = EscposPrinter(Buggy("127.0.0.1", 9), Renderer(48, "default"))
    await printer.open()
    async with asyncio.timeout(LIMIT_S):
        context = await told
    await printer.close()
    assert (context["message"], type(context["exception"])) == ("the printer's keeper failed", ZeroDivisionError)
