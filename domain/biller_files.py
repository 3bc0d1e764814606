"""A biller profile's file: TOML, closed, checked whole; a mistake is told by its key. Callers read the file and hand its text in.

docs/biller-profiles.md teaches the keys. No profile comes out of here without a length and a check over its reference.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import tomllib
from collections.abc import Iterator, Sequence
from math import gcd
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, field_validator

from domain.biller_profiles import SYMBOLOGIES, Algorithm, Check, Profile, template_fields
from domain.check_digits import MOD11_ANSWERS, MOD11_WEIGHTS
from domain.patterns import Pattern, PatternError
from domain.statement_codes import LONGEST, LinkProfile, MacKey, RefKind

MAC_SHORTEST = 10
"""Base32 characters of a MAC, 50 bits: a kiosk reads some ten codes a second, so that guessing takes millions of years."""

SECRET_SHORTEST = 16
"""Bytes."""

DIGITS_APART = 5
"""Remainders that a weight has for the ten digits at least: no more than two digits look the same in one place."""


class ProfileError(ValueError):
    """`key` is where the file is wrong, `why` what is wrong there, both for whoever wrote it."""

    def __init__(self, key: str, why: str) -> None:
        super().__init__(f"at {key}: {why}" if key else why)
        self.key = key
        self.why = why


_Text = Annotated[str, StringConstraints(min_length=1, max_length=200)]
_Length = Annotated[int, Field(ge=4, le=LONGEST)]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class _CheckTable(_Table):
    algorithm: Literal["luhn", "mod10-recursive", "mod97-10", "mod11", "weighted", "hmac-sha256"]
    over: _Text
    digits: _Text
    weights: Annotated[list[Annotated[int, Field(ge=1, le=99)]], Field(min_length=1, max_length=50)] | None = None
    answers: Annotated[str, StringConstraints(pattern=r"^[0-9A-Z-]{7,37}$")] | None = None
    length: Annotated[int, Field(ge=MAC_SHORTEST, le=52)] | None = None


class _KeyTable(_Table):
    secret: _Text
    until: dt.date | None = None

    @field_validator("secret")
    @classmethod
    def _strong(cls, secret: str) -> str:
        try:
            raw = base64.b64decode(secret, validate=True)
        except binascii.Error as error:
            raise ValueError("it is not base64") from error
        if len(raw) < SECRET_SHORTEST:
            raise ValueError(f"it has fewer than {SECRET_SHORTEST} bytes")
        return secret


class _LinkTable(_Table):
    """`keys` by their ids."""

    hosts: Annotated[list[Annotated[str, StringConstraints(pattern=r"^[A-Z0-9.\-]{1,100}$")]], Field(min_length=1)]
    keys: Annotated[dict[Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{1,8}$")], _KeyTable], Field(min_length=1)]


class _File(_Table):
    name: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]
    about: _Text
    kind: Literal["link", "number", "biller"]
    scheme: Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{1,16}$")] | None = None
    symbologies: Annotated[list[str], Field(min_length=1)]
    length: Annotated[list[_Length], Field(min_length=2, max_length=2)]
    starts: Annotated[str, StringConstraints(max_length=50)] = ""
    pattern: Annotated[str, StringConstraints(min_length=1, max_length=4000)]
    reference: _Text
    checks: Annotated[list[_CheckTable], Field(min_length=1)]
    payee: _Text | None = None
    printed_amount: _Text | None = None
    signed_by_hub: bool = False
    link: _LinkTable | None = None

    @field_validator("length", mode="before")
    @classmethod
    def _exact(cls, length: object) -> object:
        return [length, length] if isinstance(length, int) else length

    @field_validator("pattern", mode="before")
    @classmethod
    def _joined(cls, pattern: object) -> object:
        """A long one is a list of parts, each with a comment beside it."""
        return "".join(pattern) if isinstance(pattern, list) and all(isinstance(part, str) for part in pattern) else pattern

    @field_validator("symbologies")
    @classmethod
    def _printed(cls, symbologies: list[str]) -> list[str]:
        if stranger := next((name for name in symbologies if name not in SYMBOLOGIES), None):
            raise ValueError(f"{stranger!r} is none of {', '.join(sorted(SYMBOLOGIES))}")
        return symbologies


def parse_profile(text: str, enrolled: LinkProfile, payees: frozenset[str] | None) -> Profile:
    """The profile that a file's `text` says. `enrolled` are the links of the kiosk's own hub, for `signed_by_hub`; `payees`
    the accounts that may be paid, None for any (see Profile). Raises ProfileError."""
    try:
        file = _File.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise ProfileError("", f"it is not TOML: {error}") from error
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        plainly = {"extra_forbidden": "there is no such key", "missing": "it is missing"}
        key = ".".join(str(part) for part in first["loc"])
        raise ProfileError(key, plainly.get(first["type"], first["msg"].removeprefix("Value error, "))) from error
    (shortest, longest), scheme, pattern = _lengths(file), _scheme(file), _pattern(file)
    _vouch(file)
    return Profile(
        name=file.name,
        kind=RefKind(file.kind),
        scheme=scheme,
        symbologies=frozenset(file.symbologies),
        shortest=shortest,
        longest=longest,
        starts=file.starts,
        pattern=pattern,
        reference=file.reference,
        checks=tuple(_checks(file)),
        payee=file.payee or "",
        payees=payees,
        links=_links(file, pattern, enrolled),
        printed_amount=file.printed_amount or "",
    )


def _lengths(file: _File) -> tuple[int, int]:
    shortest, longest = file.length
    if shortest > longest:
        raise ProfileError("length", "the shortest comes first")
    if "ITF" in file.symbologies and shortest != longest:
        # A reader that sees half of an Interleaved 2 of 5 reads a shorter one, again and again the same (reference: scanning).
        raise ProfileError("length", "with ITF there is one length only: half of such a barcode reads as a shorter one")
    return shortest, longest


def _scheme(file: _File) -> str:
    if (file.kind == "biller") != (file.scheme is not None):
        raise ProfileError("scheme", "it goes with kind = 'biller', and with no other")
    return file.scheme or ""


def _pattern(file: _File) -> Pattern:
    """Compiled, and with every field that a template names."""
    try:
        pattern = Pattern(file.pattern)
    except PatternError as error:
        raise ProfileError("pattern", str(error)) from error
    templates = {"reference": file.reference, "payee": file.payee or "", "printed_amount": file.printed_amount or ""}
    for index, check in enumerate(file.checks):
        templates |= {f"checks.{index}.over": check.over, f"checks.{index}.digits": check.digits}
    for key, template in templates.items():
        if strange := template_fields(template) - pattern.fields:
            raise ProfileError(key, f"the pattern has no field {min(strange)!r}")
    return pattern


def _vouch(file: _File) -> None:
    """Raises ProfileError unless the checks vouch for the whole reference, and for our own statements' as ours do."""
    reference = template_fields(file.reference)
    if not reference:
        raise ProfileError("reference", "it names no field")
    over = [template_fields(check.over) for check in file.checks]
    own = [template_fields(check.digits) for check, fields in zip(file.checks, over, strict=True) if fields & reference]
    if bare := reference.difference(*over, *own):
        raise ProfileError("checks", f"none of them vouches for {min(bare)!r}, which is in the reference")
    match file.kind:
        case "link":
            needed, wanted = Algorithm.HMAC, reference | {"host", "key"}
        case "number":
            needed, wanted = Algorithm.MOD97_10, reference
        case _:
            return
    if not any(check.algorithm == needed and wanted <= fields for check, fields in zip(file.checks, over, strict=True)):
        raise ProfileError("checks", f"a {file.kind} needs {needed} over all of {', '.join(sorted(wanted))}")


def _checks(file: _File) -> Iterator[Check]:
    for index, table in enumerate(file.checks):
        at, algorithm = f"checks.{index}", Algorithm(table.algorithm)
        if not template_fields(table.over) or not template_fields(table.digits):
            raise ProfileError(at, "over and digits each name a field")
        if template_fields(table.over) & template_fields(table.digits):
            raise ProfileError(at, "no field vouches for itself: what is in digits is not in over")
        if (algorithm is Algorithm.HMAC) != (table.length is not None):
            raise ProfileError(f"{at}.length", "it goes with hmac-sha256, and with no other")
        weights, answers = _weights(at, algorithm, table)
        yield Check(algorithm, table.over, table.digits, weights, answers, table.length or 0)


def _weights(at: str, algorithm: Algorithm, table: _CheckTable) -> tuple[tuple[int, ...], str]:
    given: Sequence[int] | None = table.weights
    match algorithm:
        case Algorithm.MOD11:
            weights, answers = tuple(given or MOD11_WEIGHTS), table.answers or MOD11_ANSWERS
            if len(answers) != 11:
                raise ProfileError(f"{at}.answers", "mod 11 has eleven remainders")
        case Algorithm.WEIGHTED:
            if given is None or table.answers is None:
                raise ProfileError(at, "weighted needs weights and answers")
            weights, answers = tuple(given), table.answers
        case _:
            if given is not None or table.answers is not None:
                raise ProfileError(at, "weights and answers go with mod11 and weighted")
            return (), ""
    many = len(answers)
    if weak := next((weight for weight in weights if many // gcd(weight, many) < DIGITS_APART), None):
        told = f"{weak} times the ten digits leaves {many // gcd(weak, many)} remainders when divided by {many}"
        raise ProfileError(f"{at}.weights", f"{told}, of which {DIGITS_APART} are needed")
    if often := next((answer for answer in answers if answer != "-" and answers.count(answer) > 2), None):
        raise ProfileError(f"{at}.answers", f"{often!r} answers more than two remainders")
    return weights, answers


def _links(file: _File, pattern: Pattern, enrolled: LinkProfile) -> LinkProfile | None:
    signed = any(check.algorithm == "hmac-sha256" for check in file.checks)
    if [file.signed_by_hub, file.link is not None].count(True) != signed:
        raise ProfileError("link", "a check by hmac-sha256 has a table link or signed_by_hub = true, and no other check has")
    if not signed:
        return None
    for name in ("host", "key"):
        if name not in pattern.fields:
            raise ProfileError("pattern", f"a link has a field {name!r}")
    if file.link is None:
        return enrolled
    keys = {name: MacKey(base64.b64decode(key.secret), key.until) for name, key in file.link.keys.items()}
    return LinkProfile(frozenset(file.link.hosts), keys)
