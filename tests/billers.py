"""Shipped biller profiles for tests, as a kiosk has them."""

from __future__ import annotations

import datetime as dt

from domain.biller_profiles import Profile
from domain.statement_codes import LinkProfile
from kiosk.billers import load_profiles

TODAY = dt.date(2026, 3, 4)

NO_LINKS = LinkProfile(frozenset(), {})


def ours(links: LinkProfile = NO_LINKS) -> tuple[Profile, ...]:
    """The two forms of our own codes, with a hub's links."""
    return load_profiles(["lobbypay-link", "lobbypay-number"], links, frozenset())
