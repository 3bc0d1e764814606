"""Terminals of several makers, as data: what each wants to be told at registration, and in which letters it prints.

Most of what sets them apart is borne for all alike, because no terminal says who made it: BMP 01 in each sale (Valina),
containers nobody asked for (Hobex) or after a line (CardComplete), a maker's own status codes (A0 to A5), a link acknowledgement
that comes a second late (some Ingenico: T2 is five).
"""

from __future__ import annotations

from dataclasses import dataclass

KIOSK_CONFIG = 0xBE
"""Registration's config byte: we print both receipts, want intermediate status, start payments and administration, and the
terminal writes its receipts as print lines."""

CONTROLS_PAYMENT, CONTROLS_ADMINISTRATION = 0x10, 0x20


@dataclass(frozen=True, slots=True)
class Profile:
    """`needed` are bits of the config byte that must be set, whatever else the URI says: a payment begun by hand at an unattended
    terminal is nobody's. `charset` is what is printed in; `blocks`: the terminal is told that we take text blocks."""

    name: str
    needed: int = CONTROLS_PAYMENT
    charset: str = "cp437"
    blocks: bool = False


PROFILES = {
    profile.name: profile
    for profile in (
        Profile("plain"),
        # Portalum.Zvt, "Known deviations": its letters are fixed; its registration there permits 06 D3
        Profile("cardcomplete", charset="iso8859-15", blocks=True),
        # Portalum.Zvt, "Known deviations": no print lines
        Profile("hobex", blocks=True),
        # Portalum.Zvt#26: repeats no receipt to a till that does not control administration too
        Profile("gp-pax", needed=CONTROLS_PAYMENT | CONTROLS_ADMINISTRATION),
        # Portalum.Zvt#44: BMP 01
        Profile("valina"),
        # EVerest/zvt's captures of a cVEND
        Profile("feig"),
        # ecrterm: late acknowledgements
        Profile("ingenico"),
    )
}
PLAIN = PROFILES["plain"]
