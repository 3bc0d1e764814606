"""Receipts besides paper, through the real face, engine, hub and a real mail server: by e-mail; as a code after a jam; and again
for who comes back."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import zxingcpp
from PySide6.QtGui import QGuiApplication, QImage
from pytestqt.qtbot import QtBot

from demo.bills import Paper, birth_digits
from domain.payment import receipt_code
from hub.bills import Bill
from hub.folder import write_private
from kiosk.visit.screens import Keypad, Letters
from tests.hub.receipts.servers import PASSWORD, USER, Authority, mail_server
from tests.journeys.face_at import face_at
from tests.journeys.hall import Hall
from tests.journeys.keypad import PATIENCE_MS
from tests.journeys.visitor import Visitor
from tests.waiting import until
from ui.app import Face
from ui.hands import touch
from ui.store import KEY_REST_S

pytestmark = pytest.mark.xdist_group("journeys")

ADDRESS = "ada.byrne2@example.org"

SETTINGS = f"""
[email]
server = "127.0.0.1"
port = {{port}}
security = "starttls"
sender = "Riverside <receipts@riverside.example>"
user = "{USER}"
password_file = "smtp-password"
ca_file = "{{ca}}"
"""


@contextmanager
def hub_with_mail(kiosk: Hall, port: int, ca: Path) -> Iterator[None]:
    """The hospital's computer started again with its mail server settled, and without it afterwards."""
    folder = kiosk.world.hub_folder
    (folder / "receipts.toml").write_text(SETTINGS.format(port=port, ca=ca), encoding="utf-8")
    write_private(folder / "smtp-password", f"{PASSWORD}\n".encode())
    kiosk.world.cut_hub()
    kiosk.world.restore_hub()
    try:
        yield
    finally:
        (folder / "receipts.toml").unlink()
        kiosk.world.cut_hub()
        kiosk.world.restore_hub()


def logs(kiosk: Hall) -> str:
    return "".join(path.read_text(encoding="utf-8") for path in kiosk.world.folder.glob("*.log"))


class Finger:
    """Touches what the face shows, by the names of its items."""

    def __init__(self, face: Face, qtbot: QtBot) -> None:
        self._face = face
        self._qtbot = qtbot

    def waits(self, screen: str) -> None:
        self._qtbot.waitUntil(lambda: self._face.store.snapshot.screen == screen, timeout=PATIENCE_MS)

    def touch(self, name: str) -> None:
        """As soon as the screen hears it."""
        self._qtbot.waitUntil(lambda: touch(self._face.window, name), timeout=PATIENCE_MS)

    def types(self, text: str) -> None:
        """One key after the other, each seen on the screen before the next."""
        for letter in text:
            before = self._typed()
            self._qtbot.wait(round(KEY_REST_S * 1000) + 20)
            self.touch("key:space" if letter == "@" else f"key:{letter}")
            self._qtbot.waitUntil(partial(self._differs, before), timeout=PATIENCE_MS)

    def _typed(self) -> str:
        middle = self._face.store.snapshot.middle
        return middle.shown.text if isinstance(middle, Keypad | Letters) else ""

    def _differs(self, before: str) -> bool:
        return self._typed() != before

    def pays(self, kiosk: Hall, bill: Bill) -> None:
        """From the attract screen to what the kiosk says of the payment."""
        self.finds(kiosk, bill)
        self.waits("statement")
        self.touch("primary")
        self.waits("card")
        kiosk.taps()
        self.waits("approved")

    def finds(self, kiosk: Hall, bill: Bill) -> None:
        self.waits("attract")
        self.touch("choice:en")
        self.waits("scan")
        kiosk.world.camera.tell(show=Paper(bill).shown("qr"))
        self.waits("birth-date")
        kiosk.world.camera.tell(show=None)
        self.types(birth_digits(bill.birth_date, "en"))
        self.touch("primary")


def test_a_receipt_by_email_arrives_and_nobody_keeps_the_address(
    kiosk: Hall, bill: Bill, qapp: QGuiApplication, qtbot: QtBot, tmp_path: Path
) -> None:
    authority = Authority(tmp_path)
    with mail_server(authority.server) as box, hub_with_mail(kiosk, box.port, authority.ca_file):
        with face_at(kiosk.world, qtbot) as face:
            finger = Finger(face, qtbot)
            finger.pays(kiosk, bill)
            finger.touch("choice:other-receipt")
            finger.waits("receipt-ways")
            finger.touch("choice:email")
            finger.waits("receipt-email")
            finger.types("ada.byrne")
            finger.touch("key:1#")
            finger.types("2@")
            finger.touch("key:ab")
            finger.types("example.org")
            finger.touch("primary")
            finger.waits("thank-you")
            assert "e-mail" in str(face.store.snapshot.lines)
            finger.touch("primary")
            finger.waits("attract")
        until(lambda: "hub.receipt" in logs(kiosk), 60)
    ((_, recipients, raw),) = box.letters
    assert recipients == [ADDRESS]
    text = email.message_from_bytes(raw, policy=email.policy.default).get_content()
    assert f"/R1/{receipt_code(kiosk.last().id)}" in text
    assert bill.statement.guarantor_name not in text
    assert bill.statement.number not in text
    assert "byrne2" not in logs(kiosk)


def test_after_a_jam_the_code_is_on_the_screen(kiosk: Hall, bill: Bill, qapp: QGuiApplication, qtbot: QtBot) -> None:
    with face_at(kiosk.world, qtbot) as face:
        finger = Finger(face, qtbot)
        finger.pays(kiosk, bill)
        kiosk.world.printer.tell(paper="out")
        finger.touch("primary")  # prints, or says by now that it cannot: either leads to the ways
        finger.waits("receipt-ways")
        finger.touch("choice:show-code")
        finger.waits("receipt-code")
        glass = face.window.grabWindow().convertToFormat(QImage.Format.Format_Grayscale8)
        rows = np.frombuffer(glass.constBits(), np.uint8).reshape(glass.height(), glass.bytesPerLine())[:, : glass.width()]
        (found,) = zxingcpp.read_barcodes(rows)
        assert found.text.endswith(f"/R1/{receipt_code(kiosk.last().id)}")
        finger.touch("primary")
        finger.waits("thank-you")
        finger.touch("primary")
        finger.waits("attract")


def test_who_comes_back_has_the_receipt_again_and_is_not_charged_again(
    kiosk: Hall, bill: Bill, qapp: QGuiApplication, qtbot: QtBot
) -> None:
    with Visitor(kiosk.world.socket) as visitor:
        visitor.leave()
        paid = kiosk.pays(visitor, bill)
    charged = kiosk.charged()
    with face_at(kiosk.world, qtbot) as face:
        finger = Finger(face, qtbot)
        finger.finds(kiosk, bill)
        finger.waits("paid-before")
        assert "already paid" in face.store.snapshot.title.text
        finger.touch("choice:print")
        finger.waits("thank-you")
        paper = kiosk.world.printer.wait_report("printed", 30)
        assert Path(paper["png"]).stat().st_size > 0
        finger.touch("primary")
        finger.waits("attract")
    assert kiosk.charged() == charged
    assert kiosk.last().id == paid.id
