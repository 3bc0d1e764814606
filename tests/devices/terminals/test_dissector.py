"""Wireshark's own ZVT dissector reads the frames that we write: a second opinion that nobody here wrote."""

from __future__ import annotations

import shutil
import struct
import subprocess
from pathlib import Path

import pytest

from devices.terminals.simulator.zvt.line import framed
from devices.terminals.zvt.bmp import bcd, fields
from devices.terminals.zvt.framing import frame
from devices.terminals.zvt.packets import (
    ACCEPTED,
    Kind,
    Packet,
    authorisation,
    command,
    encode,
    refused,
    registration,
)
from devices.tlv import Tlv
from tests.devices.terminals.benched import SALE, Bench, benched

LINKTYPE_RAW, LINKTYPE_USER0 = 101, 147

pytestmark = pytest.mark.skipif(shutil.which("tshark") is None, reason="tshark is not installed (apt-get install tshark)")

APPROVAL = Packet(
    Kind.STATUS_INFORMATION,
    fields=fields(
        (0x27, b"\0"), (0x04, bcd(2500, 6)), (0x49, bcd(978, 2)), (0x87, bcd(231, 2)), (0x0B, bcd(975, 3)),
        (0x29, bytes.fromhex("52523535")), (0x8B, b"MasterCard\0"),
    ),
)  # fmt: skip
BLOCK = Packet(
    Kind.PRINT_TEXT_BLOCK,
    fields=fields(tlv=(Tlv(0x1F07, b"\2"), Tlv(0x25, children=(Tlv(0x07, b"Total"), Tlv(0x07, b"25.00"))))),
)


def dissect(folder: Path, packets: list[Packet], *names: str) -> list[list[str]]:
    """tshark's value for each of `names` in each packet."""
    return dissect_frames(folder, [frame(encode(packet)) for packet in packets], *names)


def dissect_frames(folder: Path, records: list[bytes], *names: str) -> list[list[str]]:
    """One frame a packet of a LINKTYPE-147 capture, and tshark's value for each of `names`."""
    serial = ("-o", 'uat:user_dlts:"User 0 (DLT=147)","zvt","0","","0",""')
    return dissect_records(folder, LINKTYPE_USER0, records, serial, names)


def dissect_tcp(folder: Path, packets: list[Packet], *names: str) -> list[list[str]]:
    """One segment a packet, from the till's port 50000 to the terminal's 20007."""
    records, sequence = [], 1
    for packet in packets:
        apdu = encode(packet)
        tcp = struct.pack("!HHIIBBHHH", 50000, 20007, sequence, 1, 5 << 4, 0x18, 8192, 0, 0)
        size = 20 + len(tcp) + len(apdu)
        address = bytes([10, 0, 0, 1, 10, 0, 0, 5])
        records.append(struct.pack("!BBHHHBBH", 0x45, 0, size, 0, 0, 64, 6, 0) + address + tcp + apdu)
        sequence += len(apdu)
    return dissect_records(folder, LINKTYPE_RAW, records, ("-d", "tcp.port==20007,zvt"), names)


def dissect_records(
    folder: Path, link: int, records: list[bytes], options: tuple[str, ...], names: tuple[str, ...]
) -> list[list[str]]:
    capture = folder / "zvt.pcap"
    header = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 0xFFFF, link)
    capture.write_bytes(header + b"".join(struct.pack("<IIII", 0, 0, len(raw), len(raw)) + raw for raw in records))
    columns = [word for name in names for word in ("-e", name)]
    answer = subprocess.run(
        ["tshark", *options, "-r", str(capture), "-T", "fields", *columns],
        capture_output=True, check=True, text=True, timeout=60, env={"HOME": str(folder), "PATH": "/usr/bin:/bin"},
    )  # fmt: skip
    return [line.split("\t") for line in answer.stdout.splitlines()]


def test_wireshark_reads_what_we_write(tmp_path: Path) -> None:
    reversal = command(Kind.REVERSAL, (0x87, bcd(231, 2)), (0x04, bcd(2505, 6)), password="123456")
    packets = [registration("123456", 0xBE, 978), reversal, ACCEPTED, refused(0x66), APPROVAL, BLOCK]
    rows = dissect(
        tmp_path, packets, "zvt.control_field", "zvt.amount", "zvt.cc", "zvt.result_code", "zvt.trace_number",
        "zvt.terminal_id", "zvt.reg.config_byte", "zvt.tlv.receipt_type", "zvt.tlv.text_lines.line", "zvt.aprc",
    )  # fmt: skip
    control = [row[0] for row in rows]
    assert control[:2] == ["0x0600", "0x0630"]
    assert control[4:] == ["0x040f", "0x06d3"]
    assert (rows[0][6], rows[0][2]) == ("0xbe", "0x0978")
    assert rows[3][9] == "0x66"
    assert rows[4][1:6] == ["2500", "0x0978", "0x00", "000975", "52523535"]
    assert rows[5][8] == "Total,25.00"


def test_wireshark_reads_what_the_simulated_terminal_writes(tmp_path: Path) -> None:
    """The driver's answers came from its own tables, the terminal's from others; this one is from neither."""

    async def test(till: Bench) -> list[str]:
        await till.ready()
        sale = await till.run(SALE)
        reversal = await till.run("0630" + "06" + "123456" + "870001")
        day = await till.run("0650" + "03" + "123456")
        return [*sale, *reversal, *day]

    said = benched(test, profile="feig")
    rows = dissect_frames(
        tmp_path, [framed(bytes.fromhex(packet)) for packet in said], "zvt.control_field", "zvt.result_code", "zvt.amount",
        "zvt.cc", "zvt.trace_number", "zvt.terminal_id", "zvt.tlv.receipt_type", "zvt.tlv.text_lines.line", "_ws.expert",
    )  # fmt: skip
    assert [row[0] for row in rows] == [f"0x{packet[:4].lower()}" for packet in said]
    status = [row[1:6] for row in rows if row[0] == "0x040f"]
    assert status[0] == ["0x00", "1250", "0x0978", "000001", "52523535"]
    assert status[1] == ["0x00", "1250", "0x0978", "000002", "52523535"]
    assert status[2][:2] == ["0x00", "0"]
    blocks = [row for row in rows if row[0] == "0x06d3"]
    assert blocks[1][7].split(",")[-1] == "Total 12.50"
    assert blocks[0][6] != blocks[1][6]
    assert not any(row[8] for row in rows)


def test_wireshark_reads_our_commands_over_tcp(tmp_path: Path) -> None:
    """The authorisation is here and not among the serial frames: its length is 10, which is doubled there, and Wireshark does not
    take that back."""
    packets = [
        registration("123456", 0xBE, 978, blocks=True),
        authorisation(2505, 978),
        command(Kind.END_OF_DAY, password="123456"),
        command(Kind.DIAGNOSIS),
        command(Kind.INITIALISATION, password="123456"),
        command(Kind.REVERSAL, (0x87, bcd(231, 2)), password="123456"),
        APPROVAL,
        BLOCK,
    ]
    rows = dissect_tcp(
        tmp_path, packets, "zvt.control_field", "zvt.password", "zvt.amount", "zvt.cc", "zvt.tlv.permitted_command", "zvt.bmp",
        "zvt.tlv.text_lines.line", "zvt.result_code",
    )  # fmt: skip
    assert [row[0] for row in rows] == ["0x0600", "0x0601", "0x0650", "0x0670", "0x0693", "0x0630", "0x040f", "0x06d3"]
    assert [rows[at][1] for at in (0, 4, 5)] == ["123456"] * 3
    assert (rows[0][3], rows[0][4]) == ("0x0978", "0x06d3")
    assert (rows[1][2], rows[1][3], rows[1][5]) == ("2505", "0x0978", "0x04,0x49,0x19,0x01,0x02")
    assert rows[6][7] == "0x00"
    assert rows[7][6] == "Total,25.00"
