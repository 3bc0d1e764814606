"""What the visit hears of what the scanner has in view."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.scanners.agreement import GONE_S
from devices.scanners.aim import UNNAMED
from devices.scanners.port import NO_PICTURE, Code, Hint, Sighting, View
from domain.biller_profiles import read_code
from domain.statement_codes import LinkProfile, MacKey, RefKind, Refusal, StatementRef, link_text, numbered_text
from kiosk.billers import load_profiles
from kiosk.scanning import SETTLE_S, STRANGER_S, Scanning
from kiosk.visit import events as ev
from tests.billers import TODAY, ours
from tests.log_watch import LogWatch
from tests.virtual_time import passes, run

HOST, KEY_ID, KEY = "BILLS.EXAMPLE", "A", b"k" * 16
LINKS = LinkProfile(frozenset({HOST}), {KEY_ID: MacKey(KEY)})
PROFILES = (*ours(LINKS), *load_profiles(["rf-creditor-reference", "dutch-payment-reference"], LINKS, frozenset()))
OURS, OTHERS = "ABCDEFGHIJKLMNOP", "PONMLKJIHGFEDCBA"
LINK, OTHER_LINK = (Code("QRCode", link_text(KEY, HOST, KEY_ID, opaque)) for opaque in (OURS, OTHERS))
NUMBER, OTHER_NUMBER = (Code("Code128", numbered_text(number)) for number in ("4000123456", "4000123457"))
CREDITOR, OTHER_CREDITOR = Code("Code39", "RF18539007547034"), Code("Code39", "RF712348231")
DUTCH = Code("Code128", "5000056789012345")
APP_STORE, PARKING = Code("QRCode", "https://apps.example/get"), Code("QRCode", "hello")
FORGED = Code("QRCode", link_text(b"x" * 16, HOST, KEY_ID, OURS))
BY_LINK, BY_OTHER_LINK = StatementRef(RefKind.LINK, OURS), StatementRef(RefKind.LINK, OTHERS)
BY_NUMBER = StatementRef(RefKind.NUMBER, "4000123456")
NOWHERE = ((0, 0), (0, 0), (0, 0), (0, 0))


class Desk:
    """A scanning that watches, and what the visit heard of it."""

    def __init__(self) -> None:
        self.heard: list[ev.Event] = []
        self.scanning = Scanning(PROFILES, lambda: TODAY, self.heard.append)
        self.scanning.begin()

    def sees(self, *agreed: Code, once: tuple[Code, ...] = (), hint: Hint | None = None) -> None:
        """`agreed` by two frames; `once` in this frame only."""
        sightings = tuple(Sighting(code, NOWHERE) for code in (*agreed, *once))
        self.scanning.see(View(NO_PICTURE, sightings, frozenset(agreed), hint))

    def news(self) -> list[ev.Event]:
        heard, self.heard[:] = list(self.heard), []
        return heard


def at_a_desk(story: Callable[[Desk], Awaitable[None]]) -> None:
    async def main() -> None:
        await story(Desk())

    run(main)


def test_a_bill_is_named_once_two_frames_agree() -> None:
    async def story(desk: Desk) -> None:
        desk.sees(once=(LINK,))
        assert desk.news() == []
        desk.sees(LINK)
        assert desk.news() == [ev.CodeRead(BY_LINK)]

    at_a_desk(story)


def test_a_stranger_beside_a_bill_does_not_disturb() -> None:
    async def story(desk: Desk) -> None:
        desk.sees(APP_STORE)
        await passes(STRANGER_S - 0.1)
        desk.sees(APP_STORE, NUMBER)
        assert desk.news() == [ev.CodeRead(BY_NUMBER)]
        await passes(10)
        assert desk.news() == []

    at_a_desk(story)


def test_a_stranger_alone_is_told_of_once(log_watch: LogWatch) -> None:
    async def story(desk: Desk) -> None:
        for _ in range(50):
            desk.sees(APP_STORE)
            await passes(0.1)
        assert desk.news() == [ev.CodeRead(Refusal.WEB_PAGE)]

    at_a_desk(story)
    assert [event for event in log_watch.events if event["event"] == "scanner.refused"] == [
        {"event": "scanner.refused", "reason": "code-web-page", "level": "info"}
    ]


def test_of_several_strangers_the_one_nearest_to_a_bill_is_told_of() -> None:
    async def story(desk: Desk) -> None:
        desk.sees(PARKING, FORGED, APP_STORE)
        await passes(STRANGER_S + 0.1)
        assert desk.news() == [ev.CodeRead(Refusal.FORGED)]

    at_a_desk(story)


def test_a_stranger_that_was_there_for_a_moment_is_not_told_of() -> None:
    async def story(desk: Desk) -> None:
        desk.sees(APP_STORE)
        await passes(STRANGER_S - 0.1)
        desk.sees()
        await passes(10)
        assert desk.news() == []

    at_a_desk(story)


def test_nothing_is_told_after_the_scanner_was_put_to_rest() -> None:
    async def story(desk: Desk) -> None:
        desk.sees(APP_STORE)
        desk.scanning.end()
        await passes(10)
        assert desk.news() == []

    at_a_desk(story)


def test_the_link_and_the_number_of_one_page_are_one_bill_and_the_link_counts() -> None:
    async def story(desk: Desk) -> None:
        desk.sees(LINK, NUMBER)
        assert desk.news() == [ev.CodeRead(BY_LINK, beside=BY_NUMBER.value)]

    at_a_desk(story)


def test_two_bills_are_asked_about_and_the_one_that_stays_is_meant() -> None:
    async def story(desk: Desk) -> None:
        for _ in range(5):
            desk.sees(LINK, OTHER_LINK, NUMBER)
            await passes(0.1)
        assert desk.news() == [ev.TwoBills()]
        desk.sees(OTHER_LINK)
        assert desk.news() == [ev.CodeRead(BY_OTHER_LINK)]

    at_a_desk(story)


def test_two_numbers_are_two_bills() -> None:
    async def story(desk: Desk) -> None:
        desk.sees(NUMBER, OTHER_NUMBER)
        assert desk.news() == [ev.TwoBills()]

    at_a_desk(story)


def test_the_references_of_two_schemes_may_stand_on_one_page_and_those_of_one_may_not() -> None:
    async def story(desk: Desk) -> None:
        desk.sees(CREDITOR, DUTCH)
        assert desk.news() == [ev.CodeRead(StatementRef(RefKind.BILLER, f"NL/{DUTCH.text}"))]
        desk.scanning.begin()
        desk.sees(CREDITOR, OTHER_CREDITOR)
        assert desk.news() == [ev.TwoBills()]
        desk.scanning.begin()
        desk.sees(CREDITOR, once=(DUTCH,))
        assert desk.news() == []
        desk.sees(CREDITOR, DUTCH)
        assert desk.news() == [ev.CodeRead(StatementRef(RefKind.BILLER, f"NL/{DUTCH.text}"))]

    at_a_desk(story)


def test_our_number_counts_before_another_billers_reference() -> None:
    async def story(desk: Desk) -> None:
        desk.sees(CREDITOR, NUMBER)
        assert desk.news() == [ev.CodeRead(BY_NUMBER)]

    at_a_desk(story)


def test_two_bills_that_went_and_came_back_are_asked_about_again() -> None:
    async def story(desk: Desk) -> None:
        desk.sees(LINK, OTHER_LINK)
        desk.sees()
        desk.sees(LINK, OTHER_LINK)
        assert desk.news() == [ev.TwoBills(), ev.BillsGone(), ev.TwoBills()]

    at_a_desk(story)


def test_a_bill_waits_for_another_that_one_frame_has_shown() -> None:
    async def story(desk: Desk) -> None:
        desk.sees(LINK, once=(OTHER_LINK,))
        assert desk.news() == []
        desk.sees(LINK, OTHER_LINK)
        assert desk.news() == [ev.TwoBills()]

    at_a_desk(story)


def test_a_bill_does_not_wait_for_a_stranger_or_for_another_billers_reference() -> None:
    async def story(desk: Desk) -> None:
        desk.sees(LINK, once=(CREDITOR, APP_STORE))
        assert desk.news() == [ev.CodeRead(BY_LINK)]

    at_a_desk(story)


@pytest.mark.parametrize(("agreed", "glimpsed"), [(LINK, NUMBER), (NUMBER, LINK)])
def test_a_link_and_a_number_wait_for_each_other(agreed: Code, glimpsed: Code) -> None:
    """One frame has shown it. With the hub away the number beside a link is paid: two frames have to agree on it as on any."""

    async def story(desk: Desk) -> None:
        desk.sees(agreed, once=(glimpsed,))
        assert desk.news() == []
        desk.sees(LINK, NUMBER)
        assert desk.news() == [ev.CodeRead(BY_LINK, beside=BY_NUMBER.value)]

    at_a_desk(story)


def test_a_link_and_two_numbers_are_two_bills() -> None:
    async def story(desk: Desk) -> None:
        desk.sees(LINK, NUMBER, once=(OTHER_NUMBER,))
        assert desk.news() == []
        desk.sees(LINK, NUMBER, OTHER_NUMBER)
        assert desk.news() == [ev.TwoBills()]

    at_a_desk(story)


@pytest.mark.parametrize("once", [(NUMBER,), (NUMBER, OTHER_NUMBER)])
def test_of_numbers_that_never_agree_none_goes_along_with_a_link(once: tuple[Code, ...]) -> None:
    async def story(desk: Desk) -> None:
        desk.sees(LINK, once=once)
        await passes(SETTLE_S)
        desk.sees(LINK, once=once)
        assert desk.news() == [ev.CodeRead(BY_LINK)]

    at_a_desk(story)


def test_the_other_code_of_a_page_that_still_lies_there_is_the_same_bill() -> None:
    async def story(desk: Desk) -> None:
        desk.sees(LINK, NUMBER)
        desk.scanning.end()
        desk.scanning.begin()
        desk.sees(NUMBER)
        assert desk.news() == [ev.CodeRead(BY_LINK, beside=BY_NUMBER.value), ev.StillInView()]

    at_a_desk(story)


def test_a_scanner_that_does_not_name_what_it_read_is_not_said_to_have_read_a_strangers_bill() -> None:
    async def story(desk: Desk) -> None:
        desk.sees(Code(UNNAMED, ""))
        await passes(STRANGER_S)
        assert desk.news() == [ev.CodeRead(Refusal.UNNAMED)]

    at_a_desk(story)


def test_a_bill_does_not_wait_for_ever() -> None:
    async def story(desk: Desk) -> None:
        desk.sees(LINK, once=(OTHER_LINK,))
        await passes(SETTLE_S)
        desk.sees(LINK, once=(OTHER_LINK,))
        assert desk.news() == [ev.CodeRead(BY_LINK)]

    at_a_desk(story)


async def taken(desk: Desk) -> None:
    """A bill was taken, and the patient came back to the camera."""
    desk.sees(LINK)
    assert desk.news() == [ev.CodeRead(BY_LINK)]
    desk.scanning.end()
    await passes(30)
    desk.scanning.begin()


def test_a_bill_that_still_lies_there_is_not_taken_twice_and_said_to_be() -> None:
    async def story(desk: Desk) -> None:
        await taken(desk)
        for _ in range(100):
            desk.sees(LINK)
            await passes(0.1)
        assert desk.news() == [ev.StillInView()]

    at_a_desk(story)


def test_a_bill_that_left_the_view_counts_again() -> None:
    async def story(desk: Desk) -> None:
        await taken(desk)
        desk.sees(LINK)
        desk.sees()
        desk.sees(LINK)
        assert desk.news() == [ev.StillInView(), ev.BillsGone(), ev.CodeRead(BY_LINK)]

    at_a_desk(story)


def test_of_two_bills_the_one_that_was_taken_before_may_be_the_answer() -> None:
    async def story(desk: Desk) -> None:
        await taken(desk)
        desk.sees(LINK)
        desk.sees(LINK, OTHER_LINK)
        desk.sees(LINK)
        assert desk.news() == [ev.StillInView(), ev.TwoBills(), ev.CodeRead(BY_LINK)]

    at_a_desk(story)


def test_a_bill_that_was_not_there_when_the_camera_looked_again_counts_again() -> None:
    async def story(desk: Desk) -> None:
        await taken(desk)
        await passes(GONE_S)
        desk.sees(LINK)
        assert desk.news() == [ev.CodeRead(BY_LINK)]

    at_a_desk(story)


def test_another_bill_is_taken_at_once() -> None:
    async def story(desk: Desk) -> None:
        await taken(desk)
        desk.sees(OTHER_LINK)
        assert desk.news() == [ev.CodeRead(BY_OTHER_LINK)]

    at_a_desk(story)


def test_the_next_patient_may_show_the_same_bill() -> None:
    async def story(desk: Desk) -> None:
        await taken(desk)
        desk.scanning.forget()
        desk.scanning.begin()
        desk.sees(LINK)
        assert desk.news() == [ev.CodeRead(BY_LINK)]

    at_a_desk(story)


def test_hints_are_passed_on_as_they_change() -> None:
    async def story(desk: Desk) -> None:
        for hint in (None, Hint.TOO_FAR, Hint.TOO_FAR, Hint.BLURRED, None, None):
            desk.sees(hint=hint)
        assert desk.news() == [ev.Guided(ev.Guidance.TOO_FAR), ev.Guided(ev.Guidance.BLURRED), ev.Guided(None)]

    at_a_desk(story)


def test_every_hint_has_its_guidance() -> None:
    assert [hint.value for hint in Hint] == [guidance.value for guidance in ev.Guidance]


# whatever is held up, in whatever order

CODES = (LINK, OTHER_LINK, NUMBER, OTHER_NUMBER, CREDITOR, OTHER_CREDITOR, DUTCH, APP_STORE, FORGED)
some_codes = st.frozensets(st.sampled_from(CODES), max_size=4)


def named_by(codes: frozenset[Code]) -> set[StatementRef]:
    meanings = (read_code(code.symbology, code.text, PROFILES, TODAY) for code in codes)
    return {meaning for meaning in meanings if isinstance(meaning, StatementRef)}


def family(ref: StatementRef) -> tuple[RefKind, str]:
    return ref.kind, ref.value.partition("/")[0] if "/" in ref.value else ""


@given(st.lists(st.tuples(st.sampled_from((0.07, 0.4, 0.6)), some_codes, some_codes), max_size=14))
def test_a_bill_is_named_only_alone_in_its_family_and_never_twice_while_it_lies_there(
    film: list[tuple[float, frozenset[Code], frozenset[Code]]],
) -> None:
    async def story(desk: Desk) -> None:
        lies_there: StatementRef | None = None
        for seconds, agreed, once in film:
            named = named_by(agreed)
            lies_there = lies_there if lies_there in named else None
            desk.sees(*agreed, once=tuple(once - agreed))
            for event in desk.news():
                match event:
                    case ev.CodeRead(StatementRef() as ref):
                        assert {other for other in named if family(other) == family(ref)} == {ref}
                        assert len({other for other in named if other.kind is RefKind.NUMBER}) < 2
                        assert ref != lies_there
                        lies_there = ref
                        desk.scanning.end()
                        desk.scanning.begin()
                    case ev.TwoBills():
                        assert len(named) > 1
                        lies_there = None
                    case _:
                        assert isinstance(event, ev.StillInView | ev.BillsGone | ev.CodeRead)
            await passes(seconds)

    at_a_desk(story)
