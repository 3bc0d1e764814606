"""The simulated terminal's own tables: the sheet's frames read by them, and long values written as the sheet has them."""

from __future__ import annotations

import pytest

from devices.terminals.simulator import ber
from devices.terminals.simulator.zvt.codec import apdu, bcd, bmps, read
from tests.devices.terminals.vectors import APDUS, EVEREST_APPROVAL, PORTALUM_APPROVAL, octets


def test_the_sheets_approval_is_read() -> None:
    message = read(octets(EVEREST_APPROVAL))
    assert message.control == 0x040F
    assert (message.number(0x04), message.number(0x87), message.number(0x0B)) == (2500, 231, 975)
    assert message.fields[0x8B] == b"MasterCard\0"
    assert message.fields[0x2A] == b"804011926      "


def test_a_hobex_terminals_approval_is_read() -> None:
    message = read(octets(PORTALUM_APPROVAL))
    assert (message.number(0x04), message.number(0x88), message.fields[0x3C]) == (2040, 470, b"GEN.NR.:611804")


def test_a_pre_authorisation_with_a_container_is_read() -> None:
    message = read(octets(APDUS["pre-authorisation 25.00 (EVerest)"]))
    assert message.number(0x04) == 2500
    assert ber.read(message.tlv[0xE9]) == {0x1F62: b"AC", 0x1F63: b"384HH2"}


def test_no_digits_are_no_number() -> None:
    assert read(octets("06 23 03 87 FFFF")).number(0x87) is None


@pytest.mark.parametrize("size", [0, 0x7F, 0x80, 0xFF, 0x100, 0x1234])
def test_long_values_have_long_lengths(size: int) -> None:
    value = bytes(size)
    whole = ber.tlv(0x1F17, value)
    assert ber.read(whole) == {0x1F17: value}
    head = {0: "1F1700", 0x7F: "1F177F", 0x80: "1F178180", 0xFF: "1F1781FF", 0x100: "1F17820100", 0x1234: "1F17821234"}[size]
    assert whole.hex().upper().startswith(head)
    data = bmps((0x06, whole))
    raw = apdu(0x06D3, data)
    assert raw[2:5].hex() == ("ff" + len(data).to_bytes(2, "little").hex() if len(data) > 0xFE else raw[2:5].hex())
    assert read(raw).tlv == {0x1F17: value}


@pytest.mark.parametrize(
    "words",
    [
        "06",
        "060100FF",
        "0601020401",
        "060102FF01",
        "0601023CF0",
        "0601043CF0F0FF",
        "060103068101",
        "060103061F80",
        "0601020680",
    ],
)
def test_what_no_till_should_send(words: str) -> None:
    with pytest.raises(ValueError):
        read(bytes.fromhex(words))


def test_what_does_not_fit_is_not_written() -> None:
    with pytest.raises(ValueError):
        bmps((0x04, bcd(1, 5)))
