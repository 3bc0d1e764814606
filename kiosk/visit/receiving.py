"""The last part of a visit: how the receipt is had. Part of `step`; returns None for what it has no use for.

Paper is one touch away. What else works is offered on one screen, and there too once paper has failed: by e-mail or as a text
message through the hub, as a code on the screen, which needs nobody, or not at all.
"""

from __future__ import annotations

from dataclasses import replace

from domain.letters import MOST_ADDRESS, PHONE_DIGITS, Channel, address_fault, address_of
from kiosk.visit import events as ev
from kiosk.visit import stages as st
from kiosk.visit.choosing import choose_again
from kiosk.visit.finding import Moved, typed
from kiosk.visit.screens import Intent
from kiosk.visit.stages import Slip, Visit

AT, DOT = "@", "."
ADDRESS_LETTERS = "abcdefghijklmnopqrstuvwxyz"
ADDRESS_SIGNS = "0123456789-_+"
"""What an e-mail address is typed with, beside the dot and the @: more keys than fit under one hand, on two boards."""

SENT = {Channel.EMAIL: Slip.EMAILED, Channel.TEXT: Slip.TEXTED}


def received_step(visit: Visit, event: ev.Event) -> Moved:
    """Paid, or PaidBefore, to Attract."""
    match visit.stage, event:
        case (st.Paid() | st.PaidBefore()) as of, Intent("print") if visit.world.printer:
            return st.Printing(of), (ev.Print(ev.Paper.RECEIPT),)
        case (st.Paid() | st.PaidBefore()) as of, Intent("other-receipt"):
            return st.ReceiptWays(of), ()
        case st.Paid() as paid, Intent("no-receipt"):
            return st.ThankYou(paid, Slip.NOT_WANTED), ()
        case st.PaidBefore(bill), Intent("show-bill"):
            return choose_again(bill), ()
        case st.Printing(of), ev.Printed(ev.Paper.RECEIPT):
            return st.ThankYou(st.payment_of(of), Slip.PRINTED), ()
        case st.Printing(of), ev.PrintFailed(ev.Paper.RECEIPT):
            return st.ReceiptWays(of, notice="receipt-failed"), ()
        case st.ReceiptWays() as stage, Intent():
            return _choosing(visit, stage, event)
        case st.TypeAddress() as stage, Intent():
            return _typing(stage, event)
        case st.SendingReceipt(of, channel), ev.ReceiptTaken():
            return st.ThankYou(st.payment_of(of), SENT[channel]), ()
        case st.SendingReceipt(of), ev.ReceiptNotTaken():
            return st.ReceiptWays(of, notice="receipt-not-sent"), ()
        case st.ShowCode(of), Intent("back"):
            return st.ReceiptWays(of), ()
        case st.ShowCode(of), Intent("done"):
            return st.ThankYou(st.payment_of(of), Slip.SHOWN), ()
        case st.ThankYou(), Intent("done"):
            return st.Attract(), ()
        case _:
            return None


def channels(visit: Visit) -> tuple[Channel, ...]:
    """By which of them a receipt can be sent now."""
    return tuple(channel for channel in Channel if visit.world.hub and channel in visit.world.channels)


def _choosing(visit: Visit, stage: st.ReceiptWays, intent: Intent) -> Moved:
    match intent:
        case Intent("send", value) if value in channels(visit):
            return st.TypeAddress(stage.of, Channel(value)), ()
        case Intent("show-code"):
            return st.ShowCode(stage.of), ()
        case Intent("no-receipt"):
            return st.ThankYou(st.payment_of(stage.of), Slip.NOT_WANTED), ()
        case Intent("back"):
            return stage.of, ()
        case _:
            return None


def _typing(stage: st.TypeAddress, intent: Intent) -> Moved:
    match intent:
        case Intent("back"):
            return st.ReceiptWays(stage.of), ()
        case Intent("other-keys") if stage.channel is Channel.EMAIL:
            return replace(stage, signs=not stage.signs), ()
        case Intent("next"):
            fault = address_fault(stage.channel, stage.typed)
            if fault:
                return replace(stage, notice=fault), ()
            sent = ev.SendReceipt(stage.channel, address_of(stage.channel, stage.typed))
            return st.SendingReceipt(stage.of, stage.channel), (sent,)
        case _:
            email = stage.channel is Channel.EMAIL
            more = _addressed(stage.typed, intent) if email else typed(stage.typed, intent, PHONE_DIGITS, stage.notice)
            return None if more is None else (replace(stage, typed=more, notice=""), ())


def _addressed(address: str, intent: Intent) -> str | None:
    """The address after a touch on its keys, None when the touch was not one of them. A key too many does nothing."""
    match intent:
        case Intent("key", value) if len(value) == 1 and value in ADDRESS_LETTERS + ADDRESS_SIGNS + DOT + AT:
            return (address + value)[:MOST_ADDRESS]
        case Intent("erase"):
            return address[:-1]
        case _:
            return None
