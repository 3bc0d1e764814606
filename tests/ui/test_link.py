"""The link to the engine: framing, a line that is no snapshot, an engine that comes and goes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtNetwork import QLocalServer, QLocalSocket
from pytestqt.qtbot import QtBot

from kiosk.visit.screens import Snapshot, intent_from_json
from tests.log_watch import LogWatch
from tests.ui.samples import sample
from ui.link import LONGEST_LINE, ROOM, Link

ATTRACT = sample("attract").to_json().encode() + b"\n"
BILL = sample("statement long").to_json().encode() + b"\n"


class Engine:
    """The other side of the socket."""

    def __init__(self, path: Path) -> None:
        self.server = QLocalServer()
        self.path = str(path)
        assert self.server.listen(self.path)

    def accept(self, qtbot: QtBot) -> QLocalSocket:
        qtbot.waitUntil(self.server.hasPendingConnections)
        return self.server.nextPendingConnection()


@pytest.fixture
def engine(qtbot: QtBot, tmp_path: Path) -> Iterator[Engine]:
    engine = Engine(tmp_path / "ui.sock")
    yield engine
    engine.server.close()


@pytest.fixture
def link(engine: Engine) -> Iterator[Link]:
    link = Link(engine.path)
    link.open()
    yield link
    link.close()


def heard(link: Link, qtbot: QtBot, socket: QLocalSocket, data: bytes) -> Snapshot:
    with qtbot.waitSignal(link.received) as signal:
        socket.write(data)
    assert signal.args is not None
    return signal.args[0]  # type: ignore[no-any-return]


def test_a_snapshot_arrives(link: Link, engine: Engine, qtbot: QtBot) -> None:
    assert heard(link, qtbot, engine.accept(qtbot), ATTRACT) == sample("attract")


def test_a_line_in_halves_is_one_line(link: Link, engine: Engine, qtbot: QtBot) -> None:
    socket = engine.accept(qtbot)
    with qtbot.assertNotEmitted(link.received):
        socket.write(BILL[:900])
        qtbot.waitUntil(lambda: socket.bytesToWrite() == 0)
    assert heard(link, qtbot, socket, BILL[900:]) == sample("statement long")


def test_of_two_lines_at_once_the_newest_stays(link: Link, engine: Engine, qtbot: QtBot) -> None:
    socket, told = engine.accept(qtbot), list[Snapshot]()
    link.received.connect(told.append)
    socket.write(ATTRACT + BILL)
    qtbot.waitUntil(lambda: told[-1:] == [sample("statement long")])


def test_the_first_screen_is_longer_than_what_the_link_reads_ahead() -> None:
    """Whatever a bill left in that room is overwritten by it, in a kiosk of one language too."""
    assert len(sample("attract alone").to_json().encode()) > ROOM


@pytest.mark.parametrize("garbage", [b"garbage\n", b"\xff\xfe\n", b"{}\n", b"x" * (10 << 20), b"x" * (LONGEST_LINE + 1) + b"\n"])
def test_what_is_no_snapshot_ends_the_connection_and_the_next_one_works(
    link: Link, engine: Engine, qtbot: QtBot, log_watch: LogWatch, garbage: bytes
) -> None:
    log_watch.expect("ui.refused")
    first = engine.accept(qtbot)
    with qtbot.waitSignal(link.lost):
        first.write(garbage)
    assert heard(link, qtbot, engine.accept(qtbot), ATTRACT) == sample("attract")


def test_an_engine_that_hangs_up_is_told_and_found_again(link: Link, engine: Engine, qtbot: QtBot) -> None:
    first = engine.accept(qtbot)
    heard(link, qtbot, first, ATTRACT)
    with qtbot.waitSignal(link.lost):
        first.disconnectFromServer()
    assert heard(link, qtbot, engine.accept(qtbot), BILL) == sample("statement long")


def test_an_engine_that_hangs_up_in_the_middle_of_a_line_leaves_no_half(link: Link, engine: Engine, qtbot: QtBot) -> None:
    first = engine.accept(qtbot)
    with qtbot.waitSignal(link.lost):
        first.write(BILL[:900])
        first.flush()
        first.disconnectFromServer()
    assert heard(link, qtbot, engine.accept(qtbot), ATTRACT) == sample("attract")


def test_an_engine_that_is_not_there_yet_is_awaited(qtbot: QtBot, tmp_path: Path) -> None:
    link = Link(str(tmp_path / "ui.sock"))
    with qtbot.waitSignal(link.lost):
        link.open()
    engine = Engine(tmp_path / "ui.sock")
    assert heard(link, qtbot, engine.accept(qtbot), ATTRACT) == sample("attract")
    link.close()


def test_intents_go_out_a_line_each(link: Link, engine: Engine, qtbot: QtBot) -> None:
    socket = engine.accept(qtbot)
    link.send("key", "7")
    link.send("language", "es")
    qtbot.waitUntil(lambda: socket.bytesAvailable() > 0 and bytes(socket.peek(500).data()).count(b"\n") == 2)
    intents = [intent_from_json(line.decode()) for line in bytes(socket.readAll().data()).splitlines()]
    assert [(intent.name, intent.value) for intent in intents] == [("key", "7"), ("language", "es")]
