"""Our commands to the byte, against the public ones, and our answers to the reader's own questions."""

from __future__ import annotations

import pytest

from devices.terminals.neo2 import packets
from devices.terminals.neo2.framing import Frame, FrameParser, command, encode, response
from tests.devices.terminals.neo2 import vectors


@pytest.mark.parametrize(
    ("frame", "name"),
    [
        (packets.ping(), "ping (p42)"),
        (packets.poll_on_demand(), "poll on demand"),
        (packets.module_versions(), "module versions"),
        (packets.cancel(), "cancel (the sheet's)"),
        (packets.firmware(), "firmware (the sheet's)"),
        (packets.serial_number(), "serial number (p143)"),
    ],
)
def test_commands_are_the_public_ones(frame: Frame, name: str) -> None:
    assert encode(frame) == bytes.fromhex(vectors.HEADER + vectors.COMMANDS[name])


def test_a_sale_is_the_guides_with_our_interfaces_and_currency() -> None:
    (guides,) = FrameParser().feed(bytes.fromhex(vectors.HEADER + vectors.COMMANDS["activate, three interfaces (p209)"]))
    assert isinstance(guides, Frame)
    ours = packets.activate(100, 840, 30, 96)
    assert (ours.command, ours.code) == (guides.command, guides.code)
    said = bytes(guides.data)
    expected = said[:22] + bytes.fromhex("5F2A020840") + said[22:]
    # the guide's example activates the stripe too, and allows fallback to it
    expected = expected.replace(bytes.fromhex("DFEF370107"), bytes.fromhex("DFEF370106"))
    assert bytes(ours.data) == expected.replace(bytes.fromhex("DFEF3C03010060"), bytes.fromhex("DFEF3C03000060"))


def test_amounts_to_twelve_digits() -> None:
    assert bytes.fromhex("9F0206999999999999") in bytes(packets.activate(999_999_999_999, 978, 255, 0xFFFF).data)


def test_the_hosts_word() -> None:
    assert packets.host_word("Z3") == bytes.fromhex("8A025A33")
    assert packets.complete(packets.host_word("00")).data == bytes.fromhex("8A023030")


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        (command(0x61, 0x01, b"\x03hello"), 0x00),
        (command(0x61, 0x01, b"\x10"), 0x00),
        (command(0x61, 0x01), 0x00),
        (command(0x61, 0x01, b"\x01choose"), 0x0A),
        (command(0x61, 0x02), 0x0A),
        (command(0x61, 0x03, b"\x03"), 0x0A),
        (command(0x61, 0x77), 0x0A),
    ],
)
def test_what_the_reader_asks(asked: Frame, status: int) -> None:
    assert packets.answer(asked) == response(0x61, status)


def test_names() -> None:
    assert packets.name_of(packets.authenticate()) == "contact-authenticate"
    assert packets.name_of(packets.power_off()) == "contact-power-off"
    assert packets.name_of(packets.last_result()) == "last-result"
    assert packets.name_of(command(0x99, 0x01)) == "99-01"
    assert packets.name_of(response(0x18, 0)) == "ping"
    assert packets.name_of(response(0x60, 0)) == "60-answer"
    assert packets.name_of(response(0x99, 0)) == "99-answer"
