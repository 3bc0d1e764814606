"""Virtual cards for hands and tests: python -m devices.smartcards.simulator VERB ...

  issue FOLDER                                makes an authority (ca.pem) and a badge of its (badge.pem) in that folder
  vpcd CARD                                   puts the card on the real pcscd's virtual reader, until stdin ends, and says then
                                              in hexadecimal what it was asked
  reader CARD CA_FILE [--skip-present]        the shipped reader process with that card in a simulated slot
  pcscd NAME CA_FILE [--skip-present]         the shipped reader process, on virtual readers too (which a kiosk refuses)
CARD: badge=FILE (a badge.pem), insurance, wristband, payment, payment-named, hung, torn, endless; hung is an insurance card that
stops answering, torn one that is torn out, endless one that says far too much.
"""

from __future__ import annotations

import argparse
import datetime as dt
import sys
from collections.abc import Callable
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

from devices.smartcards.reader_process import serve
from devices.smartcards.service import Service
from devices.smartcards.simulator.cards import HUNG, BadgeCard, Card, PaymentCard, Spoilt, Tag, TornOut, health_card, signs
from devices.smartcards.simulator.issuer import Issuer, Period, new_ec_key
from devices.smartcards.simulator.slot import SimulatedSlot
from devices.smartcards.simulator.vpcd import put_on


def _insurance() -> Card:
    return health_card("Käthe", "Müller-Lüdenscheid", "19580300")


_CARDS: dict[str, Callable[[], Card]] = {
    "insurance": _insurance,
    "wristband": lambda: Tag(bytes.fromhex("04A2B3C4D5E680"), "MRN 0042"),
    "payment": PaymentCard,
    "payment-named": lambda: PaymentCard(named=True),
    "hung": lambda: Spoilt(_insurance(), 2, HUNG),
    "torn": lambda: Spoilt(_insurance(), 2, TornOut),
    "endless": lambda: Spoilt(_insurance(), 2, bytes(5_000)),
}


def card_of(name: str) -> Card:
    """The card of that name. Raises ValueError when there is none."""
    kind, _, file = name.partition("=")
    if kind == "badge" and file:
        return _badge(Path(file).read_bytes())
    if kind not in _CARDS:
        raise ValueError(f"there is no card {name!r}; there are badge=FILE, {', '.join(_CARDS)}")
    return _CARDS[kind]()


def issue(folder: Path) -> None:
    """Writes ca.pem and badge.pem, good for a year from yesterday on."""
    now = dt.datetime.now(dt.UTC)
    period = Period(now - dt.timedelta(days=1), now + dt.timedelta(days=365))
    issuer, key = Issuer("Test badges", period), new_ec_key()
    certificate = x509.load_der_x509_certificate(issuer.certify("Robin Tester", key, period))
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "ca.pem").write_bytes(issuer.pem())
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "badge.pem").write_bytes(private + certificate.public_bytes(Encoding.PEM))


def _badge(pem: bytes) -> Card:
    key = load_pem_private_key(pem, None)
    if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise ValueError("a badge's key is RSA or P-256")
    return BadgeCard(x509.load_pem_x509_certificate(pem).public_bytes(Encoding.DER), signs(key))


def main() -> int:
    """Returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m devices.smartcards.simulator", description="Virtual cards.")
    verbs = parser.add_subparsers(dest="verb", required=True)
    verbs.add_parser("issue").add_argument("folder", type=Path)
    verbs.add_parser("vpcd").add_argument("card", type=card_of)
    for verb, first in (("reader", card_of), ("pcscd", str)):
        process = verbs.add_parser(verb)
        process.add_argument("subject", type=first)
        process.add_argument("ca_file")
        process.add_argument("--skip-present", action="store_true")
    options = parser.parse_args()
    match options.verb:
        case "issue":
            issue(options.folder)
        case "vpcd":
            with put_on(options.card):
                print("the card is on the reader; close stdin to take it away", flush=True)
                sys.stdin.read()
            for command in options.card.heard:
                print(command.hex(), flush=True)
        case "reader":
            slot = SimulatedSlot()
            slot.put(options.subject)
            return serve(lambda: slot, options.ca_file, options.skip_present)
        case _:
            return serve(lambda: _virtual(options.subject), options.ca_file, options.skip_present)
    return 0


def _virtual(reader: str) -> Service:
    from devices.smartcards.pcscd import Pcscd  # not everybody has pyscard

    return Pcscd(reader, lambda _name: None)


if __name__ == "__main__":
    sys.exit(main())
