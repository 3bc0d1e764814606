"""The headphones' plug, below the driver: events as the kernel writes them, through a pipe."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from ui.speech.jack import EV_SW, EVENT, SW_HEADPHONE_INSERT, Jack
from ui.speech.reader import Plug


def event(value: int, kind: int = EV_SW, code: int = SW_HEADPHONE_INSERT) -> bytes:
    return EVENT.pack(1, 2, kind, code, value)


class Socket:
    """A jack and the kernel's end of it."""

    def __init__(self, path: Path) -> None:
        os.mkfifo(path)
        self.jack = Jack(str(path))
        self.told: list[str] = []
        self.jack.changed.connect(self.told.append)
        self.jack.open()
        self.kernel = os.open(path, os.O_WRONLY)

    def says(self, data: bytes) -> None:
        os.write(self.kernel, data)


@pytest.fixture
def socket(qapp: QGuiApplication, tmp_path: Path) -> Iterator[Socket]:
    made = Socket(tmp_path / "event0")
    yield made
    made.jack.close()


def test_in_and_out(socket: Socket, qtbot: QtBot) -> None:
    assert socket.jack.plug is Plug.OUT
    socket.says(event(1) + EVENT.pack(1, 2, 0, 0, 0))
    qtbot.waitUntil(lambda: socket.told == ["in"])
    socket.says(event(1) + event(1, code=4) + event(0))
    qtbot.waitUntil(lambda: socket.told == ["in", "out"])


def test_half_an_event_waits_for_its_other_half(socket: Socket, qtbot: QtBot) -> None:
    socket.says(event(1)[:7])
    socket.says(event(1)[7:])
    qtbot.waitUntil(lambda: socket.told == ["in"])


def test_a_keypad_that_is_pulled_out_takes_the_headphones_with_it(socket: Socket, qtbot: QtBot) -> None:
    socket.says(event(1))
    qtbot.waitUntil(lambda: socket.told == ["in"])
    os.close(socket.kernel)
    qtbot.waitUntil(lambda: socket.told == ["in", "out"])


def test_a_device_that_comes_later_is_found(qapp: QGuiApplication, qtbot: QtBot, tmp_path: Path) -> None:
    jack = Jack(str(tmp_path / "later"))
    jack.open()
    assert jack.plug is Plug.OUT
    os.mkfifo(tmp_path / "later")
    jack._again.timeout.emit()
    assert jack._notifier is not None
    jack.close()


def test_where_nothing_tells_nobody_knows(qapp: QGuiApplication) -> None:
    jack = Jack("")
    jack.open()
    assert jack.plug is Plug.UNKNOWN
    jack.close()
