"""Which stage has a use for which event: the whole table, as the walk finds it and as it is meant to be."""

from __future__ import annotations

from collections import defaultdict

import pytest

from kiosk.visit import events as ev
from kiosk.visit import stages as st
from kiosk.visit.screens import Intent
from kiosk.visit.visit import step
from tests.kiosk.visit.walk import walk

PAST_CANCELLING = (st.Printing, st.SendingReceipt)
"""Where nothing hears a cancel, not even an idle warning's."""

EVERYWHERE = {"help", "stay", "cancel"}
"""Touches that mean the same on every screen. (So do the language, the size and the colours: test_laws.)"""

KEYPAD = {"key", "erase", "clear"}

TABLE: dict[type[st.Stage], set[str]] = {
    st.Attract: {"choose-language", "staff", "Idle"},
    st.Scan: {"CodeRead", "TwoBills", "StillInView", "BillsGone", "Guided", "other-ways", "back", "Idle"},
    st.WhichBill: {"CodeRead", "BillsGone", "other-ways", "back", "Idle"},
    st.OtherWays: {"type-number", "by-name", "by-appointment", "back", "Idle"},
    st.TypeName: {*KEYPAD, "next", "back", "Idle"},
    st.TypeNumber: {*KEYPAD, "next", "back", "Idle"},
    st.BirthDate: {*KEYPAD, "next", "back", "Idle"},
    st.TypeProof: {*KEYPAD, "next", "back", "Idle"},
    st.LookingUp: {"Found", "NotFound", "TooManyTries", "BillBlocked", "NotYet", "BillUnread", "LookUpFailed"},
    st.ShowStatement: {"pay", "choose", "other-amount", "details", "help-paying", "back", "done", "Idle"},
    st.Choose: {"toggle", "see", "help-paying", "back", "Idle"},  # and "pay", "other-amount": test_choosing
    st.OtherAmount: {*KEYPAD, "pay", "help-paying", "back", "Idle"},
    st.HelpPaying: {"print", "Printed", "PrintFailed", "back", "Idle"},
    st.OverEstimate: {"print", "Printed", "PrintFailed", "back", "Idle"},  # and "go-on": tests/kiosk/visit/test_informing.py
    st.Probing: {"HubProbed", "BillChanged", "NotFound", "TooManyTries", "BillBlocked", "NotYet", "BillUnread"},
    st.Consent: {"pay-offline", "back", "Idle"},
    st.Opening: {"Opened", "OpenRefused", "TerminalRefused"},
    st.AtTerminal: {"TerminalStep", "Settled", "TerminalRefused"},
    st.Paid: {"print", "other-receipt", "no-receipt", "Idle"},
    st.PaidBefore: {"print", "other-receipt", "show-bill", "Idle"},
    st.NotPaid: {"again", "other-amount", "Idle"},
    st.Unclear: {"Printed", "PrintFailed", "Settled", "done", "Idle"},
    st.Printing: {"Printed", "PrintFailed"},
    st.ReceiptWays: {"send", "show-code", "no-receipt", "back", "Idle"},
    st.TypeAddress: {*KEYPAD, "other-keys", "next", "back", "Idle"},
    st.SendingReceipt: {"ReceiptTaken", "ReceiptNotTaken"},
    st.ShowCode: {"done", "back", "Idle"},
    st.ThankYou: {"Printed", "PrintFailed", "done", "Idle"},
    st.SeeDesk: {"done", "StaffCalled", "StaffNotCalled", "Idle"},
    st.NotYet: {"done", "Idle"},
    st.StaffPin: {*KEYPAD, "next", "back", "BadgeProved", "StaffRefused", "Idle"},
    st.StaffChecking: {"StaffSees", "StaffRefused"},
    st.StaffView: {"done", "Idle"},
}


def family(event: ev.Event) -> str:
    return event.name if isinstance(event, Intent) else type(event).__name__


@pytest.mark.parametrize("stage", TABLE, ids=lambda stage: stage.__name__)
def test_a_stage_has_a_use_for_its_own_events_and_for_no_other(stage: type[st.Stage]) -> None:
    states = walk().states
    used = {family(edge.event) for edge in walk().edges if isinstance(states[edge.before].stage, stage)}
    assert used == (TABLE[stage] | EVERYWHERE) - ({"cancel"} if stage in PAST_CANCELLING else set())


def test_the_table_is_whole() -> None:
    assert set(TABLE) == set(st.Stage.__args__)
    answers = {kind.__name__ for kind in ev.Event.__args__} - {"Intent", "WorldChanged", "Idle"}
    assert answers == {name for uses in TABLE.values() for name in uses if name[0].isupper()} - {"Idle"}


def test_a_step_is_a_function() -> None:
    """The same visit and event, the same outcome: every step of the walk, taken again from an equal visit."""
    states = walk().states
    for edge in walk().edges[::7]:
        assert step(states[edge.before], edge.event) == (states[edge.after], edge.effects)


def test_screens_lead_where_they_are_meant_to() -> None:
    """Who follows whom, whole: a way that is not here does not exist."""
    states, follows = walk().states, defaultdict(set)
    for edge in walk().edges:
        before, after = type(states[edge.before].stage).__name__, type(states[edge.after].stage).__name__
        if before != after:
            follows[before].add(after)
    assert follows == {
        "Attract": {"Scan", "StaffPin"},
        "Scan": {"Attract", "WhichBill", "OtherWays", "BirthDate", "OtherAmount"},
        "WhichBill": {"Attract", "Scan", "OtherWays", "BirthDate", "OtherAmount"},
        "OtherWays": {"Attract", "Scan", "TypeNumber", "TypeName"},
        "TypeNumber": {"Attract", "OtherWays", "BirthDate", "OtherAmount"},
        "TypeName": {"Attract", "OtherWays", "BirthDate"},
        "BirthDate": {"Attract", "Scan", "TypeName", "TypeProof", "LookingUp"},
        "TypeProof": {"Attract", "BirthDate", "LookingUp"},
        "LookingUp": {
            "Attract",
            "BirthDate",
            "TypeProof",
            "OtherWays",
            "Scan",
            "ShowStatement",
            "Choose",
            "OtherAmount",
            "SeeDesk",
            "NotYet",
            "PaidBefore",
        },
        "ShowStatement": {"Attract", "Scan", "Choose", "OtherAmount", "Probing", "HelpPaying", "OverEstimate"},
        "Choose": {"Attract", "Scan", "ShowStatement", "HelpPaying"},
        "OtherAmount": {"Consent", "Attract", "Scan", "ShowStatement", "Probing", "HelpPaying", "OverEstimate"},
        "HelpPaying": {"Attract", "ShowStatement", "Choose", "OtherAmount"},
        "OverEstimate": {"Attract", "ShowStatement"},
        "Probing": {"Attract", "ShowStatement", "OtherAmount", "Consent", "Opening", "SeeDesk", "NotYet"},
        "Consent": {"Attract", "ShowStatement", "OtherAmount", "Opening"},
        "Opening": {"AtTerminal", "NotPaid", "SeeDesk"},
        "AtTerminal": {"Paid", "NotPaid", "Unclear"},
        "Paid": {"Attract", "Printing", "ReceiptWays", "ThankYou"},
        "PaidBefore": {"Attract", "Printing", "ReceiptWays", "ShowStatement"},
        "NotPaid": {"Attract", "Consent", "Probing", "ShowStatement", "OtherAmount"},
        "Unclear": {"Attract", "Paid", "NotPaid", "ThankYou"},
        "Printing": {"ReceiptWays", "ThankYou"},
        "ReceiptWays": {"Attract", "Paid", "PaidBefore", "ShowCode", "ThankYou", "TypeAddress"},
        "TypeAddress": {"Attract", "ReceiptWays", "SendingReceipt"},
        "SendingReceipt": {"ReceiptWays", "ThankYou"},
        "ShowCode": {"Attract", "ReceiptWays", "ThankYou"},
        "ThankYou": {"Attract"},
        "SeeDesk": {"Attract"},
        "NotYet": {"Attract"},
        "StaffPin": {"Attract", "StaffChecking"},
        "StaffChecking": {"Attract", "StaffPin", "StaffView"},
        "StaffView": {"Attract"},
    }
