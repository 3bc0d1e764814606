"""What a terminal's faults, reasons and steps mean, as sentences for the technician in front of a command line."""

from __future__ import annotations

from devices.terminals.port import Step
from domain.payment import Outcome

_FAULTS = {
    "terminal-away": "The terminal does not answer. Is it on, the cable in, and is this its port and its speed?",
    "terminal-busy": "The terminal is busy with something else. Look at its display, and try again in a minute.",
    "terminal-out-of-order": "The terminal says that it is out of order (blocked, or opened by force). "
    "Only its supplier can free it.",
    "terminal-not-zvt": "What answers on this port is no ZVT terminal. Is it the right port, the right speed, and is ZVT set in "
    "the terminal's menu?",
    "terminal-other": "This is another terminal than the one that the URI's tid or serial names; its own is in the brackets.",
    "terminal-refused": "The terminal refused. If it says so of every command, its password is another one (--password-file).",
    "terminal-needs-service": "The terminal wants service first: a diagnosis, an initialisation, or its supplier.",
    "terminal-currency": "The terminal does not take this currency (--currency).",
    "terminal-card-left": "A card is in the reader. Take it out, then try again.",
    "terminal-needs-end-of-day": "The terminal wants its end-of-day first: a running kiosk sees to it, or `terminal end-of-day`.",
    "terminal-not-neo2": "What answers on this port is no ID TECH reader. Is it the right port, and the right speed?",
    "terminal-tampered": "The reader says that somebody has opened it. Take it out of use and call its supplier.",
    "terminal-unencrypted": "The reader does not encrypt its cards. Nothing is done with it until its supplier has set it up so.",
    "hub-away": "The hub cannot be reached, and without it this reader can do nothing of the kind.",
    "hub-authorises": "This reader's cards are authorised by the hub, for bills only: make a test payment at the kiosk's screen.",
    "no-end-of-day": "This reader has no day to close.",
    "no-last-sale": "There is no payment that could be taken back.",
    "last-sale-differs": "The last payment is of another amount, and only the last one can be taken back.",
    "cancelled": "It was cancelled before the terminal had heard of it.",
}

_DETAILS = {
    "cannot-open": "It cannot be reached: no such port or nobody at that address, this user may not use the port (group "
    "dialout), or another program, perhaps a running kiosk, has it.",
    "lost": "The line broke off: is the cable in?",
    "no-ack": "Nothing on this line answers, or not in this protocol. Is the terminal on, and is this its port and its speed?",
    "garbage": "What comes from this port is noise: the wrong speed, or another make of terminal.",
    "ecr17": "It speaks ECR17 (Italy): ZVT is not set in its menu.",
    "tls": "It wants TLS, or shows a certificate that nobody here vouches for: zvt+tls://, and ca=FILE.",
    "ascii": "What answers there speaks in plain text: another protocol is set in its menu, or it is no terminal.",
    "unknown": "What answers there is no protocol that we know.",
    "no-serial": "It does not say its serial number: leave serial out of the URI.",
    "silence": "The terminal is there and did not answer in time. Look at its display.",
}

_CODES = {
    "zvt-05": "the bank declined",
    "zvt-64": "the card could not be read",
    "zvt-65": "the card is none that can pay here",
    "zvt-66": "the card could not be worked with",
    "zvt-67": "the card could not be worked with",
    "zvt-68": "the card could not be worked with",
    "zvt-6a": "its turnover file is full: run end-of-day",
    "zvt-6b": "it is not registered",
    "zvt-6c": "stopped, by cancelling or because nobody came with a card",
    "zvt-6f": "it does not take this currency",
    "zvt-77": "an end-of-day is not possible now",
    "zvt-83": "it does not know that command, or may not carry it out",
    "zvt-85": "its key is missing",
    "zvt-89": "its PIN pad is defective",
    "zvt-9a": "it did not understand us",
    "zvt-9c": "it asks to wait",
    "zvt-a0": "it does not reach the bank",
    "zvt-a1": "it does not reach the bank",
    "zvt-a3": "it does not reach the bank",
    "zvt-b1": "its memory is full",
    "zvt-b2": "its journal is full: run end-of-day",
    "zvt-b4": "that sale is taken back already",
    "zvt-b5": "that sale cannot be taken back; perhaps it has been already",
    "zvt-b8": "there is no such reservation",
    "zvt-bf": "its hardware fails",
    "zvt-c0": "its hardware fails",
    "zvt-c2": "it wants a diagnosis",
    "zvt-dc": "a card is in the reader",
    "zvt-df": "it is out of order",
    "zvt-f0": "it wants an end-of-day first",
    "zvt-fa": "it could not send what it had approved offline",
    "zvt-ff": "a fault of its system",
    "no-answer": "it fell silent and could not be asked",
    "no-baseline": "it could not say which sale was its last one before this",
    "no-last-receipt": "it shows no last sale",
    "last-receipt-older": "its last sale is an older one",
    "last-receipt-reversal": "its last receipt is of a payment that was taken back",
    "last-receipt-differs": "its last sale is of another amount",
    "last-receipt-other-day": "its last sale is of another day",
    "other-terminal": "it was made at another terminal, and only that one can say what became of it",
    "newer-attempt": "a newer attempt has been made since, and the terminal remembers one only",
    "zvt-other-amount": "it approved another amount, was told that the goods are not issued, and takes its sale back",
    "zvt-no-result": "it did not say how the sale ended, and was told that the goods are not issued",
    "commit-failed": "the journal could not be written, and the terminal was told that the goods are not issued",
    "approval-in-doubt": "it approved, which is committed, and then went against that: compare with its own receipts",
    "zvt-second-approval": "it approved twice",
    "zvt-other-reversal": "it took back another sale, or another amount",
    "neo2-last-read": "the card that it read last; what the bank said to it only the hub knows",
    "no-hub": "there is no hub here",
    "cancelled-before-start": "stopped before the terminal had heard of it",
}

_STEPS = {
    Step.INSERT_CARD: "The terminal waits for a card.",
    Step.READING: "It reads the card.",
    Step.ENTER_PIN: "It waits for the PIN.",
    Step.WAIT: "Please wait.",
    Step.REMOVE_CARD: "It waits for the card to be taken out.",
    Step.CHECKING: "It fell silent: asking it what happened. Do not pay again.",
}

_OUTCOMES = {
    Outcome.APPROVED: "Approved.",
    Outcome.DECLINED: "Declined: nothing was charged.",
    Outcome.CANCELLED: "Cancelled: nothing was charged.",
    Outcome.CAPTURED: "Captured: the card was read, the hub asks the bank later.",
    Outcome.UNKNOWN: "Unknown: the card may have been charged. Do not pay again.",
}


def capture_sentence(file: str, reason: str) -> str:
    """Why a file cannot be decoded."""
    kind, _, port = reason.partition(" ")
    return {
        "empty": f"{file} is empty.",
        "too-large": f"{file} is larger than 64 MiB: cut it.",
        "other-port": f"{file} has nothing to or from the terminal's port; most went to port {port}: try --port {port}.",
    }[kind]


def fault_sentence(fault: str, detail: str = "") -> str:
    """What is wrong and what to do about it, with the codes for support."""
    said = _DETAILS.get(detail.split(" ")[-1]) if fault in ("terminal-away", "terminal-not-zvt", "terminal-other") else None
    said = said or _FAULTS.get(fault, "The terminal cannot be used.")
    meaning = _meaning(detail) if fault in ("terminal-refused", "terminal-needs-service") else ""  # the others' says the same
    codes = f"{fault} {detail}".strip()
    return f"{said}{f' It says: {meaning}.' if meaning else ''} ({codes})"


def reason_sentence(reason: str) -> str:
    """A result's reason in words, with its code; empty for none."""
    if not reason:
        return ""
    return f"The terminal: {_meaning(reason)} ({reason})." if _meaning(reason) else f"({reason})"


def _meaning(code: str) -> str:
    """In words; a maker's own number may follow a ZVT code: zvt-df-173a."""
    return _CODES.get(code) or _CODES.get(code[:6], "")


def step_sentence(step: Step) -> str:
    return _STEPS[step]


def outcome_sentence(outcome: Outcome) -> str:
    return _OUTCOMES[outcome]
