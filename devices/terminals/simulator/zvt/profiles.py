"""Terminals of several makers, as data: where they differ from one another, and whose incident says so."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Profile:
    """`blocks`: prints text blocks (06 D3) unasked; otherwise only to a till that permits them, and lines (06 D1) to others.
    `attribute_each`: in a block each line has its attribute, otherwise the last has one for all. `most_repeats`: how often a
    status information is repeated to a till that answers 84 9C and has set no limit. `part_issued`: knows 84 9D. `reverses`:
    the receipt it is "asked" for, or the "last" whatever it is asked. `aborts`: "waiting" for a card, "always" until the bank
    has said yes, or "never"."""

    name: str
    version: str
    charset: str = "cp437"
    blocks: bool = False
    closing_line: str = ""
    attribute_each: bool = False
    most_repeats: int = 5
    hurried: bool = False
    """Repeats at once where the till has set no time limit (BMP 01)."""
    part_issued: bool = True
    reverses: str = "asked"
    aborts: str = "waiting"
    repeats_receipt: str = "always"
    """06 20 brings the receipt "always", "administered" (only to a till that controls administration, 10 and 20), or "never"."""
    odd_status: int | None = None
    """A maker's own intermediate status, sent while the bank is asked."""
    tells_identity: bool = True
    """05 01 is answered with terminal id, serial number and state as TLV."""
    tlv_after_line: bool = False
    """A print line is followed by a TLV container, which the specification does not have."""


PROFILES = {
    profile.name: profile
    for profile in (
        Profile("plain", "SIM-1.0", blocks=True, closing_line="APPROVED"),
        # EVerest/zvt's captures of a Feig cVEND
        Profile("feig", "GER-APP-v2.0.9;cS02.01.01-10.10-1-4;CC27", blocks=True, attribute_each=True),
        # Portalum.Zvt, "Known deviations": another charset, no partial issue of goods, a TLV after its print lines
        Profile(
            "cardcomplete",
            "072.14.15",
            charset="iso8859-15",
            closing_line="Vielen Dank für 1 €-Einkauf",
            part_issued=False,
            tlv_after_line=True,
        ),
        # Portalum.Zvt#44: 255 repeats within two seconds where BMP 01 is not there
        Profile("valina", "VALINA 1.3.2", most_repeats=255, hurried=True, odd_status=0xA0),
        # Portalum.Zvt#26 and Global Payments: no repeat receipt unless the till controls all, and no abort at all
        Profile("gp-pax", "A80 GP", aborts="never", repeats_receipt="administered", odd_status=0xA5),
        # Portalum.Zvt#24: only the last transaction can be taken back, whatever is asked for
        Profile("last-only", "061022a M IC_ Std", reverses="last", tells_identity=False),
        # RevZero/zvtlib#2 and others the other way round: a stop counts until the bank has said yes
        Profile("stoppable", "SIM-1.0", aborts="always"),
    )
}
