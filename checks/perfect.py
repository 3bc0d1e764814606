"""The gate of full coverage: which files are covered whole, line and branch. Fails both ways, so that the list stays true."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from checks.findings import Finding

MONEY_ROOMS = (
    "domain/limits.py",
    "domain/money.py",
    "domain/payment.py",
    "hub/appointments.py",
    "hub/authority.py",
    "hub/enrolment.py",
    "hub/gateway/*",
    "hub/imports.py",
    "hub/intake*",
    "hub/kept_tries.py",
    "hub/keys.py",
    "hub/ledger*",
    "hub/lookups.py",
    "hub/outcomes*",
    "hub/parts.py",
    "hub/people.py",
    "hub/pins.py",
    "hub/posting*",
    "hub/receipts/*",
    "hub/references.py",
    "hub/second_thoughts*",
    "hub/tasks*",
    "hub/unsealing.py",
    "offline_queue/*",
    "devices/descriptors.py",
    "devices/keeper.py",
    "devices/terminals/errors.py",
    "devices/terminals/inbox.py",
    "devices/terminals/kept.py",
    "devices/terminals/line.py",
    "devices/terminals/neo2/*",
    "devices/terminals/zvt/*",
    "kiosk/authorizing.py",
    "kiosk/belated.py",
    "kiosk/engine.py",
    "kiosk/hub_link.py",
    "kiosk/scanning.py",
    "kiosk/terminal_journal.py",
    "kiosk/terminal_payment.py",
    "kiosk/visit/choosing.py",
    "kiosk/visit/events.py",
    "kiosk/visit/finding.py",
    "kiosk/visit/paying.py",
    "kiosk/visit/receipts.py",
    "kiosk/visit/receiving.py",
    "kiosk/visit/stages.py",
    "kiosk/visit/visit.py",
)
"""Where money is decided, kept or posted: new files in them are covered whole from the first day."""

SIMULATED = "offline_queue/simulation/*"
"""Nothing shipped runs these days, and which of their lines one meets is its seed's to say."""

KEPT = ("domain/*",)
"""Rooms where a file that has once been covered whole must stay so: it is entered in ONCE_PERFECT when it is."""

ONCE_PERFECT = (
    "domain/biller_files.py",
    "domain/biller_profiles.py",
    "domain/biller_references.py",
    "domain/billing.py",
    "domain/calls.py",
    "domain/check_digits.py",
    "domain/dukpt.py",
    "domain/errors.py",
    "domain/letters.py",
    "domain/log_events.py",
    "domain/names.py",
    "domain/patterns.py",
    "domain/progress.py",
    "domain/receipt.py",
    "domain/receipt_text.py",
    "domain/statement_codes.py",
)

SHOWN = 12
"""Uncovered lines and branches that are named for each file."""


def findings(report: Mapping[str, Any]) -> Iterator[Finding]:
    """What `coverage json` says of the rooms, against the lists."""
    measured: Mapping[str, Any] = report["files"]
    for wanted in (*MONEY_ROOMS, *ONCE_PERFECT):
        if not any(fnmatch(path, wanted) for path in measured):
            yield Finding(wanted, 0, "in checks/perfect.py, but no such file was measured")
    for path, file in sorted(measured.items()):
        summary = file["summary"]
        whole = summary["missing_lines"] == 0 and summary["missing_branches"] == 0
        listed = any(fnmatch(path, wanted) for wanted in (*MONEY_ROOMS, *ONCE_PERFECT)) and not fnmatch(path, SIMULATED)
        if listed and not whole:
            missing = [*map(str, file["missing_lines"]), *(f"{start}->{end}" for start, end in file["missing_branches"])]
            more = f" and {len(missing) - SHOWN} more" if len(missing) > SHOWN else ""
            yield Finding(path, 0, f"must be covered whole; lines and branches that are not: {', '.join(missing[:SHOWN])}{more}")
        if whole and summary["num_statements"] and not listed and any(fnmatch(path, room) for room in KEPT):
            yield Finding(path, 0, "is covered whole now: enter it in ONCE_PERFECT in checks/perfect.py, so that it stays so")


def read(path: Path) -> Mapping[str, Any]:
    """The report that `coverage json` wrote."""
    report: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return report
