"""The panel of simulated devices beside the demo's kiosk: hold up a bill, tap a card, run out of paper, cut the hub off."""

from __future__ import annotations

import queue
import sys
import threading
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import Property, QObject, QTimer, QUrl, Signal, Slot
from PySide6.QtQml import QQmlComponent
from PySide6.QtQuick import QQuickWindow

from demo.bills import Paper
from demo.signals import quitting_on_signals
from demo.world import World
from domain.money import format_money
from hub.bills import Bill
from hub.demo_data import demo_bills
from ui.app import Face
from ui.early import application

REPORTS_MS = 200

OTHER_CODES = {
    "another host's link": {"symbology": "QRCode", "text": "HTTPS://EVIL.EXAMPLE/S1/AAAAAAAAAAAAAAAAAAAAAAAAAAAAA"},
    "wrong check digits": {"symbology": "Code128", "text": "LP000000012399"},
    "binary": {"symbology": "QRCode", "base64": "AAEC//79"},
}


LINE_FAULTS = ("drop", "duplicate", "flip", "delay")
"""What the next frame from the terminal may meet."""


@dataclass(frozen=True, slots=True)
class Group:
    """One row of buttons: what each says, and the command that it stands for."""

    title: str
    buttons: tuple[tuple[str, str], ...]


GROUPS = (
    Group("Camera", (("Take the bill away", "show:"), *((f"Show {name}", f"code:{name}") for name in OTHER_CODES))),
    Group("Card", (("Tap", "card:tap"), ("Insert", "card:insert"), ("Remove", "card:remove"), ("Decline", "card:decline"))),
    Group(
        "The terminal's next sale",
        tuple(
            (name, f"behave:{name}")
            for name in ("approve", "slow", "silent-after-approve", "cable-out", "garbage", "other-amount", "power-off")
        ),
    ),
    Group(
        "The terminal's line",
        (("Plug in", "cable:in"), ("Pull out", "cable:out"), *((f"Next: {name}", f"fault:{name}") for name in LINE_FAULTS)),
    ),
    Group("The terminal's power", (("On", "power:on"), ("Off", "power:off"))),
    Group("Paper", (("Enough", "paper:ok"), ("Low", "paper:low"), ("Out", "paper:out"))),
    Group("Hub", (("Up", "hub:up"), ("Down", "hub:down"))),
)


class Panel(QObject):
    """What the panel's QML reads and calls."""

    changed = Signal()

    def __init__(self, world: World, bills: tuple[Bill, ...]) -> None:
        super().__init__()
        self._world = world
        self._bills = bills
        self._receipt = ""
        self._said = ""
        self._hub_turning: threading.Thread | None = None
        self._printer = threading.Lock()
        self._timer = QTimer(self, interval=REPORTS_MS)
        self._timer.timeout.connect(self._read_reports)
        self._timer.start()

    def _read_reports(self) -> None:
        for child in (self._world.printer, self._world.terminal):
            try:
                while True:
                    report = child.reports.get_nowait()
                    if "printed" in report:
                        self._receipt = QUrl.fromLocalFile(report["printed"]["png"]).toString()
                    elif "sale" in report:
                        self._said = f"Terminal: {report['sale'].get('state', '')}"
            except queue.Empty:
                self.changed.emit()

    def _bill_texts(self) -> list[str]:
        return [_describe(bill) for bill in self._bills]

    def _group_list(self) -> list[dict[str, object]]:
        return [{"title": g.title, "buttons": [{"text": text, "command": c} for text, c in g.buttons]} for g in GROUPS]

    def _get_receipt(self) -> str:
        return self._receipt

    def _get_said(self) -> str:
        return self._said

    def _get_still(self) -> str:
        return self._world.still_url

    bills = Property(list, _bill_texts, constant=True)
    groups = Property(list, _group_list, constant=True)
    still = Property(str, _get_still, constant=True)
    receipt = Property(str, _get_receipt, notify=changed)
    said = Property(str, _get_said, notify=changed)

    @Slot(int, bool)
    def hold_up(self, index: int, bars: bool) -> None:
        """Shows a bill to the camera, with its QR code or with its bar code alone. Off the GUI thread: it is printed first."""
        threading.Thread(target=self._print, args=(self._bills[index], bars), name="paper", daemon=True).start()

    def _print(self, bill: Bill, bars: bool) -> None:
        with self._printer:
            self._world.camera.tell(show=Paper(bill).shown("code128" if bars else "qr"))

    @Slot(str)
    def command(self, text: str) -> None:
        """One of GROUPS."""
        what, value = text.split(":", 1)
        match what:
            case "show":
                self._world.camera.tell(show=None)
            case "code":
                self._world.camera.tell(show_code=OTHER_CODES[value])
            case "hub":
                self._turn_hub(value == "up")
            case "paper":
                self._world.printer.tell(paper=value)
            case _:
                self._world.terminal.tell(**{what: value})

    def _turn_hub(self, up: bool) -> None:
        """Off the GUI thread: a hub takes a second or two to start."""
        if self._hub_turning is not None and self._hub_turning.is_alive():
            return
        if up == self._world.hub.alive:
            return
        turn = self._world.restore_hub if up else self._world.cut_hub
        self._hub_turning = threading.Thread(target=turn, name="hub", daemon=True)
        self._hub_turning.start()


def _describe(bill: Bill) -> str:
    statement = bill.statement
    number = bill.numbered_text.removeprefix("LP")
    born = bill.birth_date.strftime("%m/%d/%Y")
    return f"{statement.guarantor_name}, {format_money(statement.due, 'en_US')}, born {born}, number {number}, PIN {bill.pin}"


def show_kiosk(world: World, windowed: bool) -> None:
    """The kiosk and its panel, until both windows are closed."""
    app = application(sys.argv[:1])
    face = Face(str(world.socket), windowed=windowed)
    face.show()
    panel = Panel(world, demo_bills(world.hub_folder))
    component = QQmlComponent(face.engine, QUrl.fromLocalFile(str(Path(__file__).parent / "Panel.qml")))
    window = component.createWithInitialProperties({"panel": panel})
    if not isinstance(window, QQuickWindow):
        raise RuntimeError(component.errorString())
    window.show()
    with quitting_on_signals(app):
        app.exec()
    window.close()
    face.close()
