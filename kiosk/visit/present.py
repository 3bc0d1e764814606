"""`present(visit, ...) -> Snapshot`: what the screen says at every stage. Pure; all words come from the catalogue by id."""

from __future__ import annotations

from collections.abc import Mapping

from kiosk.visit import stages as st
from kiosk.visit.hearing import voice
from kiosk.visit.pages import bill, card, finding, informing, leaving, overlays, receiving, staff
from kiosk.visit.pages.page import Page, Site, waiting
from kiosk.visit.screens import Action, Snapshot
from kiosk.visit.stages import Visit
from kiosk.visit.words import Words


def present(visit: Visit, languages: Mapping[str, Words], site: Site, serial: int) -> Snapshot:
    """The whole screen. `languages` holds the words of every language that the site has settled on."""
    languages = {code: words.on_screen for code, words in languages.items()}
    words = languages[visit.language]
    page = _page(visit, languages, words, site)
    return Snapshot(
        serial=serial,
        screen=page.screen,
        language=visit.language,
        right_to_left=words.right_to_left,
        theme=visit.theme,
        text_percent=visit.text_percent,
        site_name=site.name,
        title=page.title,
        lines=page.lines,
        notice=page.notice,
        tone=page.tone,
        middle=page.middle,
        amount=words.money(page.amount) if page.amount else None,
        amount_label=words.say(page.amount_label) if page.amount else None,
        primary=page.primary,
        secondary=page.secondary,
        more=page.more,
        back=Action("back", words.say("back")) if page.back else None,
        cancel=Action("cancel", words.say("cancel")) if page.cancel else None,
        top=(Action("languages", words.say("language-name")),) if len(visit.rules.languages) > 1 else (),
        foot=tuple(Action(name, words.say(f"foot-{name}")) for name in _foot(visit)),
        overlay=overlays.overlay(visit, languages, words, site),
        motion=visit.rules.motion,
        reach=visit.reach,
        voice=voice(visit.hearing, words) if visit.hearing.on and visit.world.voice else None,
        brand=site.brand,
    )


def _foot(visit: Visit) -> tuple[str, ...]:
    return ("text-size", "theme", "listen", "help") if visit.world.voice else ("text-size", "theme", "help")


def _page(visit: Visit, languages: Mapping[str, Words], words: Words, site: Site) -> Page:
    stage = visit.stage
    match stage:
        case st.Attract():
            return finding.attract(visit, languages, words, site)
        case st.Scan() | st.WhichBill() | st.OtherWays():
            return finding.looking_for(visit, stage, words)
        case st.TypeNumber() | st.TypeName() | st.BirthDate() | st.TypeProof():
            return finding.typing(visit, stage, words)
        case st.LookingUp():
            return waiting("looking-up", words)
        case st.ShowStatement() | st.Choose() | st.HelpPaying() | st.OverEstimate():
            return informing.reading(visit, stage, words, site)
        case st.Probing(amount=amount):
            return waiting("probing", words, amount)
        case st.Consent():
            return bill.consent(visit, stage, words)
        case st.OtherAmount():
            return bill.other_amount(visit, stage, words)
        case st.Opening():
            return card.opening(stage, words)
        case st.AtTerminal():
            return card.at_terminal(stage, words)
        case st.Paid():
            return card.paid(visit, stage, words)
        case st.NotPaid():
            return card.not_paid(visit, stage, words, site)
        case st.Unclear():
            return card.unclear(stage, words, site)
        case st.PaidBefore() | st.Printing() | st.ReceiptWays() | st.TypeAddress() | st.SendingReceipt() | st.ShowCode():
            return receiving.receiving(visit, stage, words, site)
        case st.ThankYou():
            return leaving.thank_you(visit, stage, words, site)
        case st.SeeDesk() | st.NotYet():
            return leaving.ending(visit, stage, words, site)
        case st.StaffPin() | st.StaffChecking() | st.StaffView():
            return staff.staff(stage, visit.rules.badges, words)
