"""What we say to a NEO 2 reader: its commands, declared as data, and our answers to what it asks of us. Pure."""

from __future__ import annotations

from devices.terminals.neo2.framing import Frame, command, response
from devices.tlv import Tlv, encode

NAMES = {
    (0x01, 0x01): "poll-mode",
    (0x01, 0x02): "user-interface",
    (0x02, 0x01): "activate-unencrypted",
    (0x02, 0x40): "activate",
    (0x03, 0x00): "last-result-unencrypted",
    (0x03, 0x02): "get-configuration",
    (0x03, 0x40): "last-result",
    (0x05, 0x01): "cancel",
    (0x05, 0x02): "stop",
    (0x09, 0x20): "module-versions",
    (0x12, 0x01): "serial-number",
    (0x14, 0x01): "boot-notification",
    (0x18, 0x01): "ping",
    (0x29, 0x00): "firmware",
    (0x2C, 0x18): "contact-power-off",
    (0x60, 0x10): "contact-start",
    (0x60, 0x11): "contact-authenticate",
    (0x60, 0x12): "contact-complete",
    (0x61, 0x01): "reader-display",
    (0x61, 0x02): "reader-pin",
    (0x61, 0x03): "reader-swipe",
    (0x61, 0x17): "system-screen",
    (0x62, 0x00): "pin-pad-cancel",
}
"""Commands by number and sub-command. A response has its command's number only."""

ACTIVATE, CONTACT = 0x02, 0x60
TRANSACTION = frozenset({ACTIVATE, CONTACT})
"""Commands that run until the card is done. Meanwhile any other but cancel and stop is taken for a cancel (Kiosk V p22)."""
CANCEL, BOOT, READER_ASKS = 0x05, 0x14, 0x61
CONTACT_AUTHENTICATE, CONTACT_COMPLETE = 0x11, 0x12

OK, TIMED_OUT, FAILED, UI_EVENT, TAMPERED, GO_ONLINE, ACCEPTED = 0x00, 0x08, 0x0A, 0x0E, 0x1D, 0x23, 0x63
"""Statuses (p28). 0E and 63 are not the last word: a card was seen, and the command was accepted."""

PURCHASE = b"\0"
CONTACTLESS_AND_CONTACT = b"\x06"
"""DFEF37: which interfaces to activate (p209). The magnetic stripe is left out, and no fallback to it is allowed (DFEF3C): a
kiosk that nobody watches takes chips only."""


def name_of(frame: Frame) -> str:
    """A frame's name for logs and technicians; a response is named for its command's number, where that has one name only."""
    if not frame.response:
        return NAMES.get((frame.command, frame.code), f"{frame.command:02x}-{frame.code:02x}")
    names = [name for (number, _), name in NAMES.items() if number == frame.command]
    return names[0] if len(names) == 1 else f"{frame.command:02x}-answer"


def ping() -> Frame:
    return command(0x18, 0x01)


def firmware() -> Frame:
    return command(0x29, 0x00)


def serial_number() -> Frame:
    return command(0x12, 0x01)


def module_versions() -> Frame:
    return command(0x09, 0x20)


def poll_on_demand() -> Frame:
    """The reader looks for a card when told to, never by itself."""
    return command(0x01, 0x01, b"\x01")


def last_result() -> Frame:
    return command(0x03, 0x40)


def cancel() -> Frame:
    return command(CANCEL, 0x01)


def power_off() -> Frame:
    """Takes the power off the chip, so that the card can be taken out (p301)."""
    return command(0x2C, 0x18)


def activate(minor: int, currency: int, card_s: int, next_s: int) -> Frame:
    """A sale of `minor` units of `currency` (ISO 4217 number). `card_s`, 1 to 255: how long the reader waits for a card;
    `next_s`, up to 65,535: how long for the next command of a contact card's sale. Date and time are the reader's own (p179)."""
    objects = (
        Tlv(0x9C, PURCHASE),
        Tlv(0x9F02, _digits(minor, 6)),
        Tlv(0x9F03, _digits(0, 6)),
        Tlv(0x5F2A, _digits(currency, 2)),
        Tlv(0xDFEF37, CONTACTLESS_AND_CONTACT),
        Tlv(0xDFEF3C, b"\0" + next_s.to_bytes(2, "big")),
    )
    return command(ACTIVATE, 0x40, bytes([card_s]) + encode(objects))


def authenticate() -> Frame:
    """Has a contact card go on to its first cryptogram."""
    return command(CONTACT, CONTACT_AUTHENTICATE)


def complete(answer: bytes) -> Frame:
    """Hands the host's answer to a contact card (8A, 91, 71, 72), which has the last word."""
    return command(CONTACT, CONTACT_COMPLETE, answer)


def host_word(code: str) -> bytes:
    """The authorisation response code (8A) alone: "00" and "05" of a host, "Z3" of our own where no host was reached."""
    return encode((Tlv(0x8A, code.encode("ascii")),))


_SHOWN_ONLY = (0x03, 0x10)
"""61-01's display modes that ask nothing back: a message, and a cleared screen. (Named in ID TECH's SDK; the guide's own table
was not at hand.)"""


def answer(asked: Frame) -> Frame:
    """Our answer to what the reader asks of its host in a contact card's sale (61): a text is taken note of, since our own screen
    guides the patient; a choice, a PIN and a swipe are refused, because there is nothing here to make them with."""
    shown = asked.code == 0x01 and bytes(asked.data[:1]) in (b"", *(bytes([mode]) for mode in _SHOWN_ONLY))
    return response(READER_ASKS, OK if shown else FAILED)


def _digits(number: int, size: int) -> bytes:
    return bytes.fromhex(f"{number:0{2 * size}d}")
