"""Statements that are filmed badly: what a wrong reading comes to once the biller profiles have seen it.

Every shipped profile is on at once, which no kiosk needs, and the bills are of different profiles that share symbologies: a
fragment of a lockbox's scan line meets the profile of a shorter Dutch reference.
"""

from __future__ import annotations

import datetime as dt
import os
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context

import numpy as np

from benchmarks.figure import Figure
from benchmarks.runner import Progress
from devices.scanners.decoding import decode
from devices.scanners.simulator.wear import any_wear, film, print_sheet
from domain.biller_profiles import Profile, read_code
from domain.check_digits import luhn, mod97_10, weighted
from domain.statement_codes import LinkProfile, MacKey, StatementRef, link_text, numbered_text
from kiosk.billers import load_profiles, shipped

QUICK, LONG = 2_000, 100_000
SHARE = 250
"""Frames of one seed."""
SIZE = (960, 540)
"""Pixels: what lies around the code in a frame of 1920 x 1080, at the same scale."""
TODAY = dt.date(2026, 3, 2)
HOST, KEY_ID, KEY = "BILLS.RIVERSIDE.EXAMPLE", "A", b"k" * 16
_BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_DUTCH_WEIGHTS = (2, 4, 8, 5, 10, 9, 7, 3, 6, 1)


def profiles() -> tuple[Profile, ...]:
    """All that are shipped."""
    return load_profiles(shipped(), LinkProfile(frozenset({HOST}), {KEY_ID: MacKey(KEY)}), None)


def figures(progress: Progress, long: bool = False) -> Iterator[Figure]:
    """Yields scan.wrong. `long` films fifty times as many statements."""
    frames = LONG if long else QUICK
    counts: Counter[str] = Counter()
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as pool:
        shares = [pool.submit(film_share, seed) for seed in range(frames // SHARE)]
        for done, share in enumerate(as_completed(shares), 1):
            counts += share.result()
            progress(f"{done * SHARE} of {frames} distorted frames", done / len(shares))
    note = (
        f"accepted by one of {len(profiles())} profiles in one of {frames} distorted frames; {counts['right']} read right, "
        f"{counts['raw']} raw misreads in {counts['misread']} frames stopped by the profiles ({_kinds(counts)})"
    )
    yield Figure("scan.wrong", counts["wrong"], 0, "lower", note)


def film_share(seed: int) -> Counter[str]:
    """Films SHARE statements of one seed. Counts frames read right, frames with misreads, misreads ("raw", and each symbology's),
    and wrong statements accepted."""
    chance = np.random.default_rng(seed)
    taken, counts = profiles(), Counter[str]()
    for turn in range(SHARE):
        symbology, text, module = PRINTED[turn % len(PRINTED)](chance)
        meant = read_code(symbology, text, taken, TODAY)
        frame = film(print_sheet(symbology, text, module), any_wear(chance), chance, SIZE)
        codes = {sighting.code for sighting in decode(frame)}
        misread = [code for code in codes if code.text != text]
        counts["right"] += len(misread) < len(codes)
        counts["misread"] += bool(misread)
        for code in misread:
            counts["raw"] += 1
            counts[code.symbology] += 1
            read = read_code(code.symbology, code.text, taken, TODAY)
            counts["wrong"] += isinstance(read, StatementRef) and read != meant
    return counts


def _kinds(counts: Counter[str]) -> str:
    kinds = {name: count for name, count in counts.items() if name not in ("right", "misread", "raw", "wrong")}
    return ", ".join(f"{name} {count}" for name, count in sorted(kinds.items())) or "none"


def _digits(chance: np.random.Generator, count: int) -> str:
    return "".join(str(digit) for digit in chance.integers(0, 10, count))


def _link(chance: np.random.Generator) -> tuple[str, str, int]:
    opaque = "".join(_BASE32[place] for place in chance.integers(0, 32, 16))
    return "QRCode", link_text(KEY, HOST, KEY_ID, opaque), 0


def _number(chance: np.random.Generator) -> tuple[str, str, int]:
    return "Code128", numbered_text(_digits(chance, 10)), 0


def _creditor(symbology: str) -> Callable[[np.random.Generator], tuple[str, str, int]]:
    def printed(chance: np.random.Generator) -> tuple[str, str, int]:
        body = _digits(chance, 12)
        return symbology, f"RF{mod97_10(body + 'RF')}{body}", 0

    return printed


def _dutch(symbology: str) -> Callable[[np.random.Generator], tuple[str, str, int]]:
    def printed(chance: np.random.Generator) -> tuple[str, str, int]:
        body = _digits(chance, 15)
        return symbology, weighted(body, _DUTCH_WEIGHTS, "01987654321") + body, 0

    return printed


def _scan_line(chance: np.random.Generator) -> tuple[str, str, int]:
    line = f"{_digits(chance, 11)}0415260000{_digits(chance, 8):0>10}{_digits(chance, 8):0>10}"
    return "ITF", line + luhn(line), 2  # 10 mil, or 42 digits are as wide as the page


def _nobodys(chance: np.random.Generator) -> tuple[str, str, int]:
    return "PDF417", f"LOCKBOX {_digits(chance, 11)} {_digits(chance, 10)}", 0


PRINTED = (
    _link, _number, _scan_line, _creditor("Code39"), _dutch("ITF"), _creditor("DataMatrix"), _nobodys, _creditor("Code128"),
    _dutch("Code39"), _dutch("DataMatrix"),
)  # fmt: skip
"""Each gives a symbology, a text that is right, and pixels to a module (0: as usual)."""
