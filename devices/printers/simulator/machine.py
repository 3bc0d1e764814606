"""The printer's works: takes bytes, answers questions, moves paper. It answers real-time requests even while it stands still."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from PIL import Image

from devices.printers.simulator.paper import DOTS, Letters, Paper
from devices.printers.simulator.parser import Command, Parser

PAGES = {
    0: "cp437", 2: "cp850", 3: "cp860", 4: "cp863", 5: "cp865", 16: "cp1252", 17: "cp866", 18: "cp852", 19: "cp858",
    13: "cp857", 14: "cp737", 15: "iso8859-7", 21: "cp874",
}  # fmt: skip
"""Epson's numbering of code pages (ESC t n)."""
_SPACING = 30


class Supply(StrEnum):
    OK = "ok"
    LOW = "low"
    OUT = "out"


@dataclass
class Style:
    """What ESC ! and its kin have set; `across` and `down` magnify."""

    across: int = 1
    down: int = 1
    bold: bool = False
    underline: bool = False
    align: int = 0
    page: str = "cp437"
    spacing: int = _SPACING


@dataclass
class Machine:
    """`report` hears of every piece of paper and every command not understood; files go to `folder`."""

    folder: Path
    report: Callable[[dict[str, object]], None]
    supply: Supply = Supply.OK
    cover_open: bool = False
    left_dots: int | None = None
    """Dots of paper left on the roll; None is plenty."""
    _parser: Parser = field(default_factory=Parser)
    _queue: deque[Command] = field(default_factory=deque)
    _style: Style = field(default_factory=Style)
    _letters: Letters = field(default_factory=Letters)
    _paper: Paper = field(default_factory=Paper)
    _row: list[Image.Image] = field(default_factory=list)
    _raw: bytearray = field(default_factory=bytearray)
    _pieces: int = 0

    def receive(self, data: bytes) -> bytes:
        """Takes what came in; returns what goes back."""
        answers = bytearray()
        for command in self._parser.feed(data):
            match command.name:
                case "DLE EOT":
                    answers.append(self._status(command.arguments[0]))
                case "DLE DC4" if command.arguments[0] == 8:
                    self._queue.clear()
                    self._row.clear()
                case _:
                    self._queue.append(command)
            answers += self.work()
        return bytes(answers)

    def work(self) -> bytes:
        """Carries out what has queued up, until the paper ends; returns what goes back."""
        answers = bytearray()
        while self._queue and self.supply is not Supply.OUT and not self.cover_open:
            command = self._queue.popleft()
            self._raw += command.raw
            if command.name == "GS r":
                answers.append({Supply.LOW: 0x03}.get(self.supply, 0x00))
            else:
                self._carry_out(command)
        return bytes(answers)

    def load(self, supply: Supply) -> None:
        """Puts paper in or takes it out. What hung half printed from an empty printer is torn off."""
        if self.supply is Supply.OUT and supply is not Supply.OUT:
            self.left_dots = None
            if self._paper.length:
                self._finish("torn")
        self.supply = supply

    def _status(self, number: int) -> int:
        out = self.supply is Supply.OUT
        match number:
            case 1:
                return 0x12 | (0x08 if out or self.cover_open else 0)
            case 2:
                return 0x12 | (0x04 if self.cover_open else 0) | (0x20 if out else 0)
            case 4:
                return 0x12 | (0x6C if out else 0x0C if self.supply is Supply.LOW else 0)
            case _:
                return 0x12

    def _carry_out(self, command: Command) -> None:
        style, value = self._style, command.arguments[0] if command.arguments else 0
        match command.name:
            case "text":
                for char in command.arguments.decode(style.page, errors="replace"):
                    self._row.append(self._letters.cell(char, style.across, style.down, style.bold))
            case "LF":
                self._print_row()
            case "ESC @":
                self._style = Style()
                self._row.clear()
            case "ESC !":
                style.bold, style.underline = bool(value & 0x08), bool(value & 0x80)
                style.down, style.across = 2 if value & 0x10 else 1, 2 if value & 0x20 else 1
            case "GS !":
                style.across, style.down = (value >> 4 & 7) + 1, (value & 7) + 1
            case "ESC E" | "ESC G":
                style.bold = bool(value & 1)
            case "ESC a":
                style.align = value % 48
            case "ESC t" if value in PAGES:
                style.page = PAGES[value]
            case "ESC 2":
                style.spacing = _SPACING
            case "ESC 3":
                style.spacing = value
            case "ESC d":
                self._print_row()
                self._feed(style.spacing * max(0, value - 1))
            case "ESC J":
                self._feed(value)
            case "GS v 0":
                self._burn_raster(command.arguments)
            case "ESC *":
                self._burn_columns(command.arguments)
            case "GS V":
                self._finish("printed")
            case name if name in _NO_MARK and not (name in _MUST_BE_ZERO and value):
                pass
            case _:
                self.report({"unknown": command.raw[:16].hex(" ")})

    def _print_row(self) -> None:
        x = self._indent(sum(cell.width for cell in self._row))
        tallest = max((cell.height for cell in self._row), default=0)
        for cell in self._row:
            base = Image.new("L", (cell.width, tallest))
            base.paste(cell, (0, tallest - cell.height))
            self._paper.burn(base, x)
            x += cell.width
        self._row.clear()
        self._feed(max(self._style.spacing, tallest))

    def _indent(self, width: int) -> int:
        return max(0, DOTS - width) * self._style.align // 2

    def _feed(self, dots: int) -> None:
        self._paper.feed(dots)
        if self.left_dots is not None:
            self.left_dots -= dots
            if self.left_dots <= 0:
                self.supply = Supply.OUT

    def _burn_raster(self, arguments: bytes) -> None:
        mode, size, dots = arguments[0] % 48, arguments[1:5], arguments[5:]
        width, height = (size[0] + 256 * size[1]) * 8, size[2] + 256 * size[3]
        mask = Image.frombytes("1", (width, height), dots).convert("L")
        self._burn(mask.resize((width * (1 + (mode & 1)), height * (1 + (mode >> 1)))))

    def _burn_columns(self, arguments: bytes) -> None:
        deep = 3 if arguments[0] >= 32 else 1
        columns = arguments[1] + 256 * arguments[2]
        mask = Image.frombytes("1", (deep * 8, columns), arguments[3:]).convert("L").transpose(Image.Transpose.TRANSPOSE)
        across = 1 if arguments[0] & 1 else 2
        self._row.append(mask.resize((columns * across, 24)))

    def _burn(self, mask: Image.Image) -> None:
        if mask.width > DOTS:
            self.report({"unknown": f"an image of {mask.width} dots on paper of {DOTS}"})
        self._paper.burn(mask, self._indent(mask.width))
        self._feed(mask.height)

    def _finish(self, what: str) -> None:
        """The paper leaves the printer: files are written and reported."""
        self._pieces += 1
        raw = self.folder / f"receipt-{self._pieces:03d}.bin"
        png = raw.with_suffix(".png")
        raw.write_bytes(self._raw)
        self._paper.save(png)
        self._raw.clear()
        self._paper = Paper()
        self.report({what: {"raw": str(raw), "png": str(png)}})


_NO_MARK = frozenset(
    {"CR", "NUL", "CAN", "ESC M", "ESC {", "ESC -", "GS b", "GS B", "DLE DC4", "DLE ENQ", "ESC =", "GS L", "GS W", "FS ."}
)
"""Understood, and leaving no mark on this paper."""
_MUST_BE_ZERO = frozenset({"ESC M", "ESC {", "ESC -", "GS B"})
"""Other fonts, upside down, underlined, inverted: this printer draws none of these."""
