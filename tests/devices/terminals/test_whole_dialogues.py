"""A day of the shipped driver with the simulated terminal, taken from the line and read by others: Wireshark, and crcmod."""

from __future__ import annotations

import re
import shutil
import struct
from pathlib import Path

import crcmod.predefined
import pytest

from devices.health import Condition
from devices.terminals.port import Reversal, ReversalEnd
from devices.terminals.uris import open_terminal
from devices.terminals.zvt.driver import ZvtTerminal
from domain.money import Money
from domain.payment import Outcome
from tests.devices.terminals.simulated import PATIENT, Journal, Simulator, becomes, sell, strict_simulator
from tests.devices.terminals.tapped import TERMINAL, TILL, Tap, tapped_pty, tapped_tcp
from tests.devices.terminals.test_dissector import LINKTYPE_RAW, dissect_frames, dissect_records
from tests.log_watch import LogWatch

FRAME = re.compile(rb"\x10\x02((?:[^\x10]|\x10\x10)*)\x10\x03(..)", re.DOTALL)
NAMES = (
    "zvt.control_field", "zvt.amount", "zvt.result_code", "zvt.cc", "zvt.trace_number", "zvt.aprc",
    "zvt.tlv.text_lines.line", "_ws.expert",
)  # fmt: skip
DISSECTED = {"040f", "04ff", "0600", "0601", "060f", "061e", "0630", "0650", "0670", "06d1", "06d3"}
"""Control fields that its dissector knows, of those that come here; of an answer (80, 84) it gives the code alone."""

wireshark = pytest.mark.skipif(shutil.which("tshark") is None, reason="tshark is not installed (apt-get install tshark)")


async def a_day(sim: Simulator, uri: str, log_watch: LogWatch) -> None:
    """What a terminal goes through: sales that end in all ways, a reversal, the day's end and a look at itself."""
    log_watch.expect("terminal.unconfirmed")
    journal = Journal()
    driver = open_terminal(f"{uri}?{PATIENT}", password="123456", currency="EUR")
    assert isinstance(driver, ZvtTerminal)
    await driver.open()
    await becomes(driver, Condition.READY)
    outcomes = []
    for number, (behaviour, minor) in enumerate(
        (("approve", 1250), ("decline", 999), ("other-amount", 4711), ("slow", 100), ("approve-offline", 2500))
    ):
        await sim.tell(behave=behaviour)
        outcomes.append((await sell(driver, journal, minor, f"a{number}")).outcome)
    assert outcomes == [Outcome.APPROVED, Outcome.DECLINED, Outcome.CANCELLED, Outcome.APPROVED, Outcome.APPROVED]
    last = await driver.last()
    assert last is not None
    assert last.receipt is not None
    await sim.tell(behave="approve")
    taken_back = await driver.reverse(Reversal(last.receipt, Money(2500, "EUR")), lambda step: None)
    assert taken_back.end is ReversalEnd.REVERSED
    totals = await driver.end_of_day(lambda step: None)
    assert totals.amount == Money(1350, "EUR")
    await driver.diagnose()
    await driver.close()


def frames(data: bytes) -> list[tuple[bytes, bytes]]:
    """Every frame of a serial stream and the APDU in it; between them nothing but acknowledgements."""
    assert set(FRAME.sub(b"", data)) <= {0x06}
    return [(found[0], found[1].replace(b"\x10\x10", b"\x10")) for found in FRAME.finditer(data)]


def apdus(data: bytes) -> list[bytes]:
    """Those of a TCP stream."""
    found = []
    while data:
        size = 3 + data[2] if data[2] != 0xFF else 5 + int.from_bytes(data[3:5], "little")
        found.append(data[:size])
        data = data[size:]
    return found


async def test_a_day_on_a_serial_line_has_the_right_check_sums(log_watch: LogWatch, tmp_path: Path) -> None:
    tap = await _serial_day(log_watch, tmp_path)
    kermit = crcmod.predefined.mkCrcFun("kermit")
    both = [*frames(tap.of(TILL)), *frames(tap.of(TERMINAL))]
    assert len(both) > 100
    for raw, apdu in both:
        assert kermit(apdu + b"\x03") == int.from_bytes(raw[-2:], "little")
        assert apdus(apdu) == [apdu]


@wireshark
async def test_wireshark_reads_a_day_on_a_serial_line(log_watch: LogWatch, tmp_path: Path) -> None:
    """But for the frames with a doubled 10 in them, which it does not take back."""
    tap = await _serial_day(log_watch, tmp_path)
    read = [(raw, apdu) for raw, apdu in (*frames(tap.of(TILL)), *frames(tap.of(TERMINAL))) if b"\x10\x10" not in raw]
    assert len(read) > 100
    _agree(dissect_frames(tmp_path, [raw for raw, _ in read], *NAMES), [apdu for _, apdu in read])


@wireshark
async def test_wireshark_reads_a_day_over_tcp(log_watch: LogWatch, tmp_path: Path) -> None:
    """One conversation, both ways, in the segments that it came in."""
    async with strict_simulator(tmp_path, "--tcp", "0") as sim, tapped_tcp(sim.port) as tap:
        await a_day(sim, f"zvt+tcp://127.0.0.1:{tap.where}", log_watch)
    rows = dissect_records(tmp_path, LINKTYPE_RAW, _segments(tap), ("-d", "tcp.port==20007,zvt"), NAMES)
    assert len(rows) == len(tap.said)
    said = {who: apdus(tap.of(who)) for who in (TILL, TERMINAL)}
    for who, all_of_them in said.items():
        mine = [row for (speaker, _), row in zip(tap.said, rows, strict=True) if speaker == who]
        _agree(mine, all_of_them)


def _agree(rows: list[list[str]], said: list[bytes]) -> None:
    """Wireshark's fields, in order, are the packets' own, which are read here by position, with nothing of ours."""
    columns = [",".join(filter(None, column)).split(",") for column in zip(*rows, strict=True)]
    control, amounts, results, currencies, traces, refusals, lines, expert = columns
    words = [apdu[:2].hex() for apdu in said]
    assert [word[2:] for word in control if word[2:] in DISSECTED] == [word for word in words if word in DISSECTED]
    assert refusals == [f"0x{word[2:]}" for word in words if word[:2] in ("80", "84")]
    named = [apdu for apdu in said if apdu[:2] in (b"\x04\x0f", b"\x06\x01") and b"\x04\0\0\0" in apdu]
    assert amounts == [str(int(apdu[apdu.index(b"\x04\0\0\0") + 1 :][:6].hex())) for apdu in named]
    assert set(currencies) == {"0x0978"}
    assert expert == [""]
    status = [apdu for apdu in said if apdu[:2] == b"\x04\x0f"]
    if status:
        ends = [apdu for apdu in said if apdu[:2] == b"\x06\x1e" or apdu[:4:3] == b"\x04\x27"]
        assert results == [f"0x{apdu[3 if apdu[1] == 0x1E else 4]:02x}" for apdu in ends]
        assert all(bytes.fromhex(trace) in said[-1] or any(bytes.fromhex(trace) in apdu for apdu in status) for trace in traces)
        assert any("Total" in line for line in lines)


def _segments(tap: Tap) -> list[bytes]:
    """The conversation as IP packets: sequence numbers and acknowledgements as they would be."""
    ends = {TILL: (bytes([10, 0, 0, 1]), 50000), TERMINAL: (bytes([10, 0, 0, 5]), 20007)}
    sent = {TILL: 1, TERMINAL: 1}
    records = []
    for who, data in tap.said:
        other = TERMINAL if who == TILL else TILL
        (source, from_port), (goal, to_port) = ends[who], ends[other]
        tcp = struct.pack("!HHIIBBHHH", from_port, to_port, sent[who], sent[other], 5 << 4, 0x18, 8192, 0, 0)
        size = 20 + len(tcp) + len(data)
        records.append(struct.pack("!BBHHHBBH", 0x45, 0, size, 0, 0, 64, 6, 0) + source + goal + tcp + data)
        sent[who] += len(data)
    return records


async def _serial_day(log_watch: LogWatch, tmp_path: Path) -> Tap:
    async with strict_simulator(tmp_path) as sim, tapped_pty(sim.path) as tap:
        await a_day(sim, f"zvt+serial://{tap.where}", log_watch)
    return tap
