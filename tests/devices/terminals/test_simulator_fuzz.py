"""Whatever a till sends, the simulated terminals live on: they answer the next good command. In virtual time."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from devices.terminals.simulator.neo2.frames import command
from devices.terminals.simulator.zvt.codec import apdu
from devices.terminals.simulator.zvt.line import framed
from tests.devices.terminals.benched import REGISTER, Bench, benched
from tests.devices.terminals.benched_reader import benched_reader
from tests.virtual_time import passes, run

COMMANDS = st.sampled_from(
    [
        0x0600,
        0x0601,
        0x0610,
        0x0620,
        0x0622,
        0x0623,
        0x0624,
        0x0625,
        0x0630,
        0x0631,
        0x0650,
        0x0651,
        0x0670,
        0x0691,
        0x0501,
        0x8400,
    ]
)
FIELDS = st.sampled_from([b"\x04", b"\x49", b"\x87", b"\x01", b"\x02", b"\x06", b"\x12\x34\x56", b"\x00", b"\xff", b"\x10"])
PASSWORD = st.sampled_from([b"", b"\x12\x34\x56"])
DATA = st.tuples(PASSWORD, st.lists(st.one_of(FIELDS, st.binary(max_size=6)), max_size=8).map(b"".join)).map(b"".join)
NUMBERS = st.sampled_from([0x01, 0x02, 0x03, 0x04, 0x05, 0x12, 0x18, 0x2C, 0x60, 0x61])
SUBS = st.sampled_from([0x00, 0x01, 0x02, 0x10, 0x11, 0x12, 0x18, 0x40])
AMOUNT = bytes.fromhex("9F0206000000001250")
ORDERS = st.tuples(NUMBERS, SUBS, st.one_of(st.binary(max_size=20), st.binary(max_size=5).map(lambda head: head + AMOUNT)))


async def lives(till: Bench) -> None:
    await passes(600)
    assert not till.machine.failed.done()
    await till.do(cable="out")
    await till.do(cable="in")
    while not till.wire.out.empty():
        till.wire.out.get_nowait()


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(COMMANDS, DATA), max_size=5))
def test_any_commands(said: list[tuple[int, bytes]]) -> None:
    async def test(till: Bench) -> None:
        await till.ready()
        for control, data in said:
            till.write(apdu(control, data).hex())
            await passes(0.5)
        await lives(till)
        await till.ready()

    benched(test)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.one_of(st.binary(max_size=40), st.tuples(COMMANDS, DATA).map(lambda said: framed(apdu(*said)))), max_size=8))
def test_any_bytes_on_a_line(said: list[bytes]) -> None:
    async def test(till: Bench) -> None:
        for data in said:
            till.write(data.hex())
            await passes(0.1)
        await lives(till)
        till.write(framed(bytes.fromhex(REGISTER)).hex())
        assert await till.hear() == "06"

    benched(test, ack_s=0.5)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.one_of(st.binary(max_size=40), ORDERS.map(lambda said: command(*said))), max_size=8))
def test_any_bytes_to_a_reader(said: list[bytes]) -> None:
    async def main() -> None:
        async with benched_reader() as (bench, host):
            for data in said:
                host.write(data)
                await passes(0.05)
            await passes(600)
            await bench.do(cable="out")
            await bench.do(cable="in")
            while not bench.wire.out.empty():
                bench.wire.out.get_nowait()
            assert (await host.ask("1801"))[:2] == (0x18, 0x00)

    run(main)
