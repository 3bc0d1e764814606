"""What is sent to a person who asked for it: by which channel, to which address, and what it says."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum


class Channel(StrEnum):
    """How it travels."""

    EMAIL = "email"
    TEXT = "text"


MOST_ADDRESS = 254
"""Characters of an e-mail address (RFC 5321, 4.5.3.1.3: a path of 256 octets, the angle brackets among them)."""

MOST_LOCAL = 64
"""Of them before the @ (RFC 5321, 4.5.3.1.1)."""

PHONE_DIGITS = 10
"""Of a number of the North American Numbering Plan, typed without the 1 in front."""

_LOCAL = re.compile(r"[a-z0-9_+-]+(\.[a-z0-9_+-]+)*")
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_PHONE = re.compile(r"([2-9][0-9]{2}){2}[0-9]{4}")
_EMAIL = re.compile(rf"{_LOCAL.pattern}@({_LABEL.pattern}\.)+[a-z]([a-z0-9-]{{0,61}}[a-z0-9])")


@dataclass(frozen=True, slots=True)
class Letter:
    """`address` as `address_of` makes it; `language` is what `body` is written in; `subject` is one line, empty for a text
    message. Whoever prints it sees neither whom it is for nor what it says (law 10)."""

    channel: Channel
    address: str = field(repr=False)
    language: str
    subject: str = field(repr=False)
    body: str = field(repr=False)


def address_fault(channel: Channel, typed: str) -> str:
    """What is wrong with an address, as a code with words; empty when it may be right. Whether somebody is there, only the post
    can tell."""
    return _email_fault(typed) if channel is Channel.EMAIL else _phone_fault(typed)


def address_of(channel: Channel, typed: str) -> str:
    """A faultless address as it is sent: a telephone number in the form of E.164."""
    return typed if channel is Channel.EMAIL else f"+1{typed}"


def is_address(channel: Channel, address: str) -> bool:
    """Whether `address` is one that `address_of` can have made."""
    if channel is Channel.EMAIL:
        return not _email_fault(address)
    return address.startswith("+1") and not _phone_fault(address.removeprefix("+1"))


def _email_fault(typed: str) -> str:
    """What people use, and this kiosk's keys can type: the quoted forms of RFC 5322 exist on paper only."""
    local, at, host = typed.rpartition("@")
    if not typed:
        return "email-missing"
    if not at or not local or not host:
        return "email-at"
    if "." not in host.strip("."):
        return "email-dot"
    whole = _EMAIL.fullmatch(typed) is not None and len(local) <= MOST_LOCAL and len(typed) <= MOST_ADDRESS
    return "" if whole else "email-form"


def _phone_fault(typed: str) -> str:
    """The plan's own rule: neither area nor exchange begins with 0 or 1."""
    if len(typed) != PHONE_DIGITS:
        return "phone-short"
    return "" if _PHONE.fullmatch(typed) else "phone-form"
