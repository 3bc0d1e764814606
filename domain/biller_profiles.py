"""Biller profiles: what a biller's codes look like and what vouches for them, and the one door from a scanned code to a meaning.

A profile is data (domain/biller_files.py reads it from TOML). It takes a code only when all of this holds, in this order: a kind
of barcode that the biller prints, the beginning, the length, the pattern, who is paid, and every check. A pattern's named groups
are the code's fields; a template puts fields together: "RF{check}{body}".

The amount that a code may carry is nobody's to trust: who prints the paper can print any. It is checked for its form, shown to
the technician (Reading.printed_amount), and never reaches a visit: what is due is the hub's statement, and while the hub is away
what the patient types.
"""

from __future__ import annotations

import datetime as dt
import hmac
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from domain.check_digits import luhn, mod10_recursive, mod97_10, weighted
from domain.patterns import Pattern
from domain.statement_codes import LONGEST, LinkProfile, RefKind, Refusal, StatementRef, mac

SYMBOLOGIES = frozenset({"QRCode", "Code128", "Code39", "ITF", "DataMatrix", "PDF417"})
"""What billers print statements' codes in, by zxing-cpp's names. Not EAN and UPC, Codabar, Aztec, nor the post's own."""

_FIELD = re.compile(r"\{([a-z][a-z0-9_]*)\}")
_VALUE = re.compile(r"[A-Z0-9]{1,47}")
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*://([^/?#:]*)")

PAYMENT_SCHEMES = (
    "SPC\n", "BCD\n", "000201", "HRVHUB30\n", "UPNQR\n", "SPD*", "ST0001", "upi:", "bitcoin:", "lightning:", "ethereum:",
    "bank://", "payto:",
)  # fmt: skip
"""How the codes begin that hand a payment to a bank's app or a wallet: Swiss QR-bill, EPC, EMVCo, and those of single
countries."""


class Algorithm(StrEnum):
    LUHN = "luhn"
    MOD10_RECURSIVE = "mod10-recursive"
    MOD97_10 = "mod97-10"
    MOD11 = "mod11"
    WEIGHTED = "weighted"
    HMAC = "hmac-sha256"


@dataclass(frozen=True, slots=True)
class Check:
    """`digits` must be what `algorithm` makes of `over`: both templates. `weights` (from the right) and `answers` are of MOD11
    and WEIGHTED, and empty for the others. HMAC takes its key by the field `key`, and as many characters as `digits` has:
    `length`."""

    algorithm: Algorithm
    over: str
    digits: str
    weights: tuple[int, ...] = ()
    answers: str = ""
    length: int = 0


@dataclass(frozen=True, slots=True)
class Profile:
    """One form of code of one biller. `shortest` and `longest` are characters of the whole code, a line's end counted as one.

    `scheme` names the biller's references at the hub where `kind` is BILLER. `payee` is the template of the account that is paid,
    which must be one of `payees`; None for any, which is for looking at codes and never for a kiosk. `links` are the hosts and
    keys of a profile whose check is HMAC. Templates that a profile does not have are empty.
    """

    name: str
    kind: RefKind
    scheme: str
    symbologies: frozenset[str]
    shortest: int
    longest: int
    starts: str
    pattern: Pattern
    reference: str
    checks: tuple[Check, ...]
    payee: str
    payees: frozenset[str] | None
    links: LinkProfile | None
    printed_amount: str

    def read(self, symbology: str, text: str, today: dt.date) -> Reading | Refusal:
        """What this profile makes of a code: `text` as `plain` gives it."""
        if symbology not in self.symbologies:
            return Refusal.SYMBOLOGY
        if not text.startswith(self.starts):
            return Refusal.UNKNOWN
        if not self.shortest <= len(text) <= self.longest:
            return Refusal.FRAGMENT if self.starts or text.isdecimal() else Refusal.UNKNOWN
        fields = self.pattern.read(text)
        if fields is None:
            return Refusal.FORM
        reference, payee = filled(self.reference, fields), filled(self.payee, fields)
        if not _VALUE.fullmatch(reference):
            return Refusal.FORM
        if self.payees is not None and self.payee and payee not in self.payees:
            return Refusal.OTHER_PAYEE
        for check in self.checks:
            if (refusal := self._fault(check, fields, today)) is not None:
                return refusal
        value = f"{self.scheme}/{reference}" if self.kind is RefKind.BILLER else reference
        return Reading(self.name, StatementRef(self.kind, value), reference, payee, filled(self.printed_amount, fields).strip())

    def _fault(self, check: Check, fields: Mapping[str, str], today: dt.date) -> Refusal | None:
        if check.algorithm is Algorithm.HMAC:
            assert self.links is not None, "a profile with this check has them"
            return _link_fault(self.links, check, fields, today)
        try:
            right = _computed(check, filled(check.over, fields)) == filled(check.digits, fields)
            return None if right else Refusal.MISREAD
        except ValueError:
            return Refusal.MISREAD


@dataclass(frozen=True, slots=True)
class Reading:
    """A code that a profile takes. `reference` is the biller's own word for the bill; `payee` and `printed_amount` are as the
    code has them, empty where it has none: for a technician's eyes, not for a visit."""

    profile: str
    ref: StatementRef
    reference: str
    payee: str
    printed_amount: str


def read_code(symbology: str, text: str, profiles: Sequence[Profile], today: dt.date) -> StatementRef | Refusal:
    """The statement that a scanned code names. Where nobody takes it, the reason of the profile that came furthest."""
    plainly = plain(text)
    if isinstance(plainly, Refusal):
        return plainly
    refs, refusals = set[StatementRef](), [Refusal.UNKNOWN]
    for _, answer in read_by_each(symbology, text, profiles, today):
        if isinstance(answer, Reading):
            refs.add(answer.ref)
        else:
            refusals.append(answer)
    if refs:
        return Refusal.AMBIGUOUS if len(refs) > 1 else refs.pop()
    furthest = max(refusals, key=list(Refusal).index)
    return _strangers(plainly, furthest, profiles)


def read_by_each(
    symbology: str, text: str, profiles: Sequence[Profile], today: dt.date
) -> Iterator[tuple[Profile, Reading | Refusal]]:
    """What each profile makes of a code."""
    plainly = plain(text)
    for profile in profiles:
        yield profile, plainly if isinstance(plainly, Refusal) else profile.read(symbology, plainly, today)


def plain(text: str) -> str | Refusal:
    """`text` with one line feed at each line's end, when it is short enough to be looked at and has no other control
    character."""
    if len(text) > LONGEST:
        return Refusal.TOO_LONG
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    if not lines or "\ufffd" in lines or not lines.replace("\n", "").isprintable():
        return Refusal.NOT_TEXT
    return lines


def template_fields(template: str) -> frozenset[str]:
    """The names of the fields in it."""
    return frozenset(_FIELD.findall(template))


def filled(template: str, fields: Mapping[str, str]) -> str:
    return _FIELD.sub(lambda name: fields[name[1]], template)


def _strangers(text: str, furthest: Refusal, profiles: Sequence[Profile]) -> Refusal:
    """A better word for a code that came no further than its form: many of them are well known."""
    order = list(Refusal).index
    if order(furthest) <= order(Refusal.UNKNOWN) and text.startswith(PAYMENT_SCHEMES):
        return Refusal.OTHER_SCHEME
    url = _URL.match(text)
    ours = {host for profile in profiles if profile.links is not None for host in profile.links.hosts}
    if order(furthest) <= order(Refusal.FORM) and url and url[1].upper() not in ours:
        return Refusal.WEB_PAGE
    return furthest


def _link_fault(links: LinkProfile, check: Check, fields: Mapping[str, str], today: dt.date) -> Refusal | None:
    if not links.keys:  # a kiosk that was not enrolled yet: it can say nothing about any host
        return Refusal.KEY_UNKNOWN
    if fields["host"] not in links.hosts:
        return Refusal.OTHER_HOST
    key = links.keys.get(fields["key"])
    if key is None:
        return Refusal.KEY_UNKNOWN
    expected = mac(key.secret, filled(check.over, fields), check.length)
    if not hmac.compare_digest(expected.encode(), filled(check.digits, fields).encode()):
        return Refusal.FORGED
    return Refusal.KEY_EXPIRED if key.until is not None and key.until < today else None


def _computed(check: Check, over: str) -> str:
    """Raises ValueError where `over` is not of the algorithm's alphabet."""
    match check.algorithm:
        case Algorithm.LUHN:
            return luhn(over)
        case Algorithm.MOD10_RECURSIVE:
            return mod10_recursive(over)
        case Algorithm.MOD97_10:
            return mod97_10(over)
        case _:
            return weighted(over, check.weights, check.answers)
