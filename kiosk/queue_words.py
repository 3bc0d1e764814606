"""What the memory refuses, as one sentence for the technician in front of a command line."""

from __future__ import annotations

from offline_queue.errors import QueueError

_SENTENCES = {
    "another-kiosk": "This code is for another kiosk. Ask the hub for a code for this one: its payments can only go with it.",
    "already-enrolled": "The hub answered with an enrolment that is over. Ask it for a new code.",
    "queue-in-use": "Another kiosk is running on this database. Stop it first; two may never share one.",
    "queue-foreign": "The database does not open with this kiosk's key. Restore both from one backup; delete neither.",
    "queue-damaged": "The database is damaged. Take no payments; keep the file and call support: much of it can be read.",
    "queue-newer": "A later release wrote this database. Start that release again.",
    "queue-older": "An earlier release wrote this database. Start the kiosk once, then look again.",
    "queue-missing": "There is no kiosk's database in the data folder. Is this the right settings file? "
    "If there was one, restore it with its key: payments may be in it.",
    "queue-key-refused": "This database's key is held by another machine's TPM, or this TPM was cleared. "
    "Put the disk back into its own machine, or have the hub recover the key. Delete nothing.",
    "queue-key-away": "The TPM that holds this database's key cannot be used. Is it switched on, tpm2-tools installed, "
    "and the kiosk's user in the group tss? Delete nothing.",
    "queue-key-exposed": "Other users can read the data folder. Set it to mode 0700, and the key in it to 0600.",
    "queue-disk-full": "The disk is full. Make room; no payment is lost.",
    "queue-unsafe": "This disk or SQLite cannot promise to keep a payment. Take none; call support.",
    "export-exists": "There is a file of that name already; give another. Nothing was written.",
    "export-unwritable": "The file cannot be written: is the stick there, writable, and with room on it? "
    "No file was left, and every record still waits here.",
    "queue-disk-failing": "The disk cannot be read or written. Take no payments until it has been replaced.",
}


def in_words(error: QueueError) -> str:
    """What to do about it."""
    return _SENTENCES.get(error.code, f"The kiosk's database cannot be used ({error}).")
