"""Another biller's reference as a person or a system gives it to the hub: SCHEME/REFERENCE, and what can be told of it there.

A kiosk reads references from codes, by profiles (domain/biller_profiles.py); here there is no code, only what was typed. Three
schemes have their check digits in the reference itself. A lockbox's are in its scan line, those of a site's own schemes where the
site put them: nothing can be told of these.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from domain.check_digits import mod10_recursive, mod97_10, weighted

_FORM = re.compile(r"[A-Z0-9]{1,16}/[A-Z0-9]{1,47}")


def is_reference(value: str) -> bool:
    """Whether it has the form SCHEME/REFERENCE, as far as it fits the wire."""
    return _FORM.fullmatch(value) is not None


def holds(value: str) -> bool:
    """Whether the check digits fit in a `value` that is_reference; True where its scheme has none in the reference."""
    scheme, _, reference = value.partition("/")
    return scheme not in _SCHEMES or _SCHEMES[scheme](reference)


def _rf(reference: str) -> bool:
    """ISO 11649."""
    return re.fullmatch(r"RF[0-9]{2}[0-9A-Z]{1,21}", reference) is not None and mod97_10(reference[4:] + "RF") == reference[2:4]


def _qrr(reference: str) -> bool:
    """The QR reference of a Swiss QR-bill."""
    return re.fullmatch(r"[0-9]{27}", reference) is not None and mod10_recursive(reference[:26]) == reference[26]


def _nl(reference: str) -> bool:
    """The Dutch betalingskenmerk of 16 digits, its check digit in front."""
    if re.fullmatch(r"[0-9]{16}", reference) is None:
        return False
    return weighted(reference[1:], (2, 4, 8, 5, 10, 9, 7, 3, 6, 1), "01987654321") == reference[0]


_SCHEMES: Mapping[str, Callable[[str], bool]] = {"RF": _rf, "QRR": _qrr, "NL": _nl}
"""By the names that the shipped profiles give them."""
