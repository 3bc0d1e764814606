"""Which sentence tells staff what keeps payments from reaching the hub: every code that sync can meet, by what to do about it."""

from __future__ import annotations

_SENTENCES = {
    "staff-sync-away": ("hub-away", "hub-timeout", "too-slow"),
    "staff-sync-busy": (
        "database-busy", "disk-full", "too-many-tries", "too-many-receipts", "too-many-calls", "enrolment-refused",
    ),
    "staff-sync-stranger": (
        "hub-certificate", "hub-tls", "hub-status", "hub-not-http", "hub-too-long", "hub-not-understood", "no-match",
        "not-offered",
    ),
    "staff-sync-clock": ("signature-clock-skew",),
    "staff-sync-enrol": (
        "epoch-stale", "kiosk-revoked", "certificate-wrong", "not-your-key", "signature-missing",
        "signature-key-unknown", "signature-wrong", "queue-fork", "queue-refused", "not-enrolled",
    ),
    "staff-sync-renewing": ("certificate-expired", "certificate-refused"),
    "staff-sync-restored": ("generation-behind",),
    "staff-sync-lost": ("queue-lost-at-hub",),
    "staff-sync-not-taken": (
        "hub-no-progress", "not-your-batch", "not-contiguous", "chain-broken", "too-large", "malformed", "not-json",
        "record-refused",
    ),
}  # fmt: skip

SYNC_SENTENCES = {code: message for message, codes in _SENTENCES.items() for code in codes}


_BY_THEMSELVES = ("staff-sync-away", "staff-sync-busy", "staff-sync-renewing")


def sync_sentence(code: str) -> str:
    """The message for `code`. A hub of a later release may have codes that this one has no words for."""
    return SYNC_SENTENCES.get(code, "staff-sync-other")


def ends_by_itself(code: str) -> bool:
    """Whether the next try may go well though nobody has done anything; true where there is no trouble, ""."""
    return not code or sync_sentence(code) in _BY_THEMSELVES
