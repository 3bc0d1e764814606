"""What may be written when: every state and every kind of frame, and that nothing goes out twice."""

from __future__ import annotations

import asyncio
import itertools

import pytest

from devices.terminals.errors import Broken, LinkDown
from devices.terminals.neo2 import packets
from devices.terminals.neo2.errors import Refused, Tampered
from devices.terminals.neo2.framing import Frame, command, response
from devices.terminals.neo2.session import Session, State, Timers, state_after
from tests.devices.terminals.neo2.cards import tapped
from tests.devices.terminals.neo2.virtual import FakeLink, Peer, Script, serving, silence, until
from tests.virtual_time import now, run

STOPS = [command(5, 1), command(5, 2)]
PLAIN = [packets.ping(), packets.firmware(), packets.power_off(), packets.last_result(), command(5, 9)]
TRANSACTIONS = [packets.activate(1, 840, 60, 60), packets.authenticate(), packets.complete(b"")]
ANSWER = response(0x61, 0)


@pytest.mark.parametrize("state", State)
def test_what_may_be_written(state: State) -> None:
    allowed = {
        State.QUIET: {State.ASKED: [*PLAIN, *STOPS], State.RUNNING: TRANSACTIONS},
        State.RUNNING: {State.STOPPING: STOPS},
        State.ASKING: {State.RUNNING: [ANSWER]},
    }.get(state, {})
    for frame in [*STOPS, *PLAIN, *TRANSACTIONS, ANSWER, response(0x18, 0), response(5, 1)]:
        wanted = next((after for after, frames in allowed.items() if frame in frames), None)
        assert state_after(state, frame) is wanted, (state, frame)


def test_after_any_frame_but_an_answer_the_same_one_may_not_follow() -> None:
    """Nothing is ever written twice: whatever was written, what is on the line then forbids it until an answer has come."""
    for state, frame in itertools.product(State, [*STOPS, *PLAIN, *TRANSACTIONS, ANSWER]):
        after = state_after(state, frame)
        assert after is None or state_after(after, frame) is None


def converse(script: Script, *talk: object, timers: Timers | None = None) -> list[object]:
    """What each of `talk(session)` came to, an exception included."""

    async def main() -> list[object]:
        session = Session(FakeLink(script), timers or Timers())
        await session.open()
        said: list[object] = []
        for each in talk:
            try:
                said.append(await each(session))  # type: ignore[operator]
            except (Broken, LinkDown, Refused, Tampered, AssertionError) as error:
                said.append(f"{type(error).__name__} {error}")
        return [*said, session.quiet]

    return run(main)


async def pings(session: Session) -> Frame:
    return await session.ask(packets.ping())


async def activates(session: Session) -> Frame | None:
    return await session.run(TRANSACTIONS[0], 105, lambda frame: None)


def test_an_answer_that_does_not_come_ends_the_conversation() -> None:
    said = converse(deaf_after_open, pings, pings, activates)
    assert said[0] == "Broken silence"
    assert said[1:] == [
        "AssertionError ping may not be written while the line is LOST",
        "AssertionError activate may not be written while the line is LOST",
        False,
    ]


async def deaf_after_open(peer: Peer) -> None:
    await until(peer, (0x18, 1), (2, 0x40))
    await asyncio.Event().wait()


def test_a_reader_that_is_silent_from_the_start() -> None:
    async def main() -> bool:
        session = Session(FakeLink(silence), Timers())
        with pytest.raises(Broken, match="silence"):
            await session.open()
        return session.quiet

    assert run(main) is False


def test_other_frames_than_the_awaited_one_are_dropped() -> None:
    async def chats(peer: Peer) -> None:
        await until(peer, (0x18, 1))
        for frame in (tapped(), command(0x18, 0), response(0x29, 0), response(0x18, 0)):
            peer.say(frame)
        await until(peer, (0x18, 1))
        peer.say(response(0x18, 2))
        await until(peer, (0x18, 1))
        peer.say(response(0x18, 0x1D))
        await asyncio.Event().wait()

    assert converse(chats, pings, pings, pings) == [response(0x18, 0), "Refused status 02", "Tampered ", True]


def test_strays_within_a_transaction() -> None:
    async def chats(peer: Peer) -> None:
        await until(peer, (2, 0x40))
        for frame in (response(0x18, 0), command(2, 0x40), response(2, 0x63), response(2, 0x0E, b"\1"), response(2, 0x08)):
            peer.say(frame)
        await asyncio.Event().wait()

    assert converse(chats, activates) == [response(2, 8), True]


def test_a_line_that_is_lost() -> None:
    async def cuts(peer: Peer) -> None:
        await until(peer, (0x18, 1))
        peer.cut()

    assert converse(cuts, pings) == ["LinkDown lost", False]


def test_a_line_that_is_lost_on_writing() -> None:
    async def gone() -> None:
        link = FakeLink(serving())
        session = Session(link, Timers())
        await session.open()
        link.peer.cut()
        with pytest.raises(LinkDown, match="lost"):
            await session.ask(packets.ping())
        assert not session.quiet

    run(gone)


@pytest.mark.parametrize(("says", "end"), [((response(5, 0x1D),), "Tampered"), ((response(2, 0x1D), response(5, 0)), "Tampered")])
def test_a_reader_that_was_opened_says_so_when_it_is_stopped(says: tuple[Frame, ...], end: str) -> None:
    async def script(peer: Peer) -> None:
        await until(peer, (2, 0x40))
        await until(peer, (5, 1))
        for frame in says:
            peer.say(frame)
        await asyncio.Event().wait()

    async def stopped(session: Session) -> Frame | None:
        stop = asyncio.Event()
        stop.set()
        return await session.run(TRANSACTIONS[0], 105, lambda frame: None, stop)

    assert str(converse(script, stopped)[0]).startswith(end)


def test_a_stop_waits_its_own_time_and_no_longer() -> None:
    async def stopped(session: Session) -> Frame | None:
        stop = asyncio.Event()
        stop.set()
        return await session.run(TRANSACTIONS[0], 105, lambda frame: None, stop)

    async def main() -> float:
        session = Session(FakeLink(deaf_after_open), Timers())
        await session.open()
        began = now()
        with pytest.raises(Broken, match="stop-unanswered"):
            await stopped(session)
        return now() - began

    assert run(main) == 5


def test_a_stop_that_a_restart_answers() -> None:
    async def script(peer: Peer) -> None:
        await until(peer, (2, 0x40))
        await until(peer, (5, 1))
        peer.say(command(0x14, 1))
        await asyncio.Event().wait()

    async def stopped(session: Session) -> Frame | None:
        stop = asyncio.Event()
        stop.set()
        return await session.run(TRANSACTIONS[0], 105, lambda frame: None, stop)

    assert converse(script, stopped) == ["Broken restarted", False]
