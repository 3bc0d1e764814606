"""The known errors of the memory: each has a code with words in the catalogue, for who can act. Anything else is a bug."""

from __future__ import annotations

from domain.limits import Breach


class QueueError(Exception):
    """A known failure. `code` names it for words and logs; `detail` is for the technician: codes and ids only."""

    code = "queue-error"

    def __init__(self, detail: str = "") -> None:
        super().__init__(f"{self.code} {detail}".strip())
        self.detail = detail


class DatabaseInUse(QueueError):
    """Another kiosk has this folder open."""

    code = "queue-in-use"


class DatabaseForeign(QueueError):
    """The file does not open with this folder's key, or is another product's. A file whose first page is lost looks the same."""

    code = "queue-foreign"


class DatabaseNewer(QueueError):
    """A later release has written this database: this one would not understand it."""

    code = "queue-newer"


class DatabaseOlder(QueueError):
    """An earlier release wrote this database and this one has not opened it yet: the kiosk does so at its next start."""

    code = "queue-older"


class DatabaseMissing(QueueError):
    """There is no database in this folder, or an empty file where a kiosk's was."""

    code = "queue-missing"


class KeyExposed(QueueError):
    """Others can read the key file or its folder."""

    code = "queue-key-exposed"


class KeyRefused(QueueError):
    """This machine's TPM does not open the sealed key: another TPM sealed it, or this one was cleared since."""

    code = "queue-key-refused"


class KeyAway(QueueError):
    """The TPM that holds the key cannot be used: it or its tools are missing, this user may not, or it does not answer."""

    code = "queue-key-away"


class DatabaseFault(QueueError):
    """The disk or the file let us down; whether a write under way was kept is unknown until one looks."""


class DatabaseDamaged(DatabaseFault):
    """Pages fail their checksum, or the structure does not hold."""

    code = "queue-damaged"


class DatabaseUnsafe(DatabaseFault):
    """The database cannot promise durability here: no WAL, no full sync, or an SQLite with the WAL-reset fault."""

    code = "queue-unsafe"


class DiskFull(DatabaseFault):
    code = "queue-disk-full"


class DiskFailing(DatabaseFault):
    """Reading or writing fails, or is not allowed."""

    code = "queue-disk-failing"


class NotEnrolled(QueueError):
    """No hub has taken this kiosk in yet, so there is no key to seal a payment to."""

    code = "not-enrolled"


class AlreadyEnrolled(QueueError):
    """The hub's answer is no newer than the enrolment that we have."""

    code = "already-enrolled"


class AnotherKiosk(QueueError):
    """The code was made for another kiosk than this one, which is `detail`. What is queued here only that one can deliver."""

    code = "another-kiosk"


class ExportExists(QueueError):
    """An export never takes the place of another file."""

    code = "export-exists"


class ExportUnwritable(QueueError):
    """The place for an export cannot be written, or not to its end."""

    code = "export-unwritable"


class AccountBlocked(QueueError):
    """This bill or account has a payment whose end is not known, or may have: "do not pay again" (law 3)."""

    code = "account-blocked"


class LimitReached(QueueError):
    """Taking this payment offline would pass a limit (law 5); `breach` says which."""

    def __init__(self, breach: Breach) -> None:
        self.code = breach.value
        self.breach = breach
        super().__init__()


class AttemptClosed(QueueError):
    """This attempt has ended already; it is never run a second time."""

    code = "attempt-closed"


class ResultContradicted(QueueError):
    """A second, different word on an attempt that had ended. The first one stands."""

    code = "attempt-contradicted"


class Forked(QueueError):
    """The hub's history of this kiosk and ours differ. `head` is the hub's last record. Nothing more is sent until a person has
    looked and the kiosk was enrolled again."""

    code = "queue-fork"

    def __init__(self, head: int) -> None:
        super().__init__(f"head {head}")
        self.head = head


class LostAtHub(Forked):
    """The hub has lost records that it had called durable, and whose payloads we have forgotten for that."""

    code = "queue-lost-at-hub"


class KioskRefused(QueueError):
    """The hub does not take this kiosk's word: its key, its certificate or its enrolment (`detail` says which). Nothing more is
    sent until it was enrolled again, or a person has put it right and started it again."""

    code = "queue-refused"


class RecordRefused(QueueError):
    """The hub takes everything but this one record, the first that it does not have. It waits, with all that came after it."""

    code = "record-refused"

    def __init__(self, seq: int, reason: str, status: int) -> None:
        super().__init__(f"record {seq} {reason} {status}")
        self.seq = seq
        self.reason = reason
        self.status = status
