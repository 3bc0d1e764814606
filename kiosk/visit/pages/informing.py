"""The screens that explain a bill before it is paid: who helps with paying it, and what to do about one above its estimate."""

from __future__ import annotations

from domain.billing import OverEstimate, Statement, over_estimate
from kiosk.visit import stages as st
from kiosk.visit.pages.bill import choose, statement
from kiosk.visit.pages.page import Page, Site, of_statement
from kiosk.visit.screens import Action, Said, Tone
from kiosk.visit.stages import Slip, Visit
from kiosk.visit.words import Words

DISPUTE_WEB, DISPUTE_PHONE = "www.cms.gov/nosurprises", "1-800-985-3059"
"""Where the government explains a dispute, and its help desk (CMS, No Surprises Help Desk)."""


def reading(
    visit: Visit, stage: st.ShowStatement | st.Choose | st.HelpPaying | st.OverEstimate, words: Words, site: Site
) -> Page:
    """The bill itself, or what explains it."""
    match stage:
        case st.ShowStatement():
            return statement(visit, stage, words)
        case st.Choose():
            return choose(visit, stage, words)
        case st.HelpPaying():
            return _help_paying(visit, stage, words, site)
        case st.OverEstimate():
            return _over_estimate(visit, stage, words, site)


def help_lines(words: Words, site: Site, language: str) -> tuple[Said, ...]:
    """Whom to call, and the hospital's own summary of its financial assistance (26 CFR 1.501(r)-4(b)(6)): the largest letters
    leave room for what comes first."""
    assert site.help_paying is not None, "offered only where the site has said what it offers"
    own = tuple(words.as_written(paragraph) for paragraph in site.help_paying.summary[language])
    return (words.say("help-paying-phone", phone=site.help_paying.phone), *own)


def over_lines(bill: Statement, over: OverEstimate, words: Words, site: Site, language: str) -> tuple[Said, ...]:
    """What 45 CFR 149.620 gives a patient whose bill is far above the good-faith estimate, and until when: first, as above. Then
    which bill, where several are paid at once, and who helps."""
    sums = {name: words.money(getattr(over, name)) for name in ("expected", "billed", "more")}
    return (
        words.say("over-estimate-dispute", last=words.date(over.last_day)),
        of_statement(bill, words),
        words.say("over-estimate-line", **sums),
        words.say("over-estimate-where", desk=site.desk[language], phone=site.phone, web=DISPUTE_WEB, line=DISPUTE_PHONE),
    )


def over(stage: st.OverEstimate) -> tuple[Statement, OverEstimate]:
    """The bill, and why the patient is at this stage."""
    bill = stage.bill.statement
    found = over_estimate(bill) if bill else None
    assert bill is not None, "this stage is reached with a statement only"
    assert found is not None, "and with one above its estimate"
    return bill, found


def _help_paying(visit: Visit, stage: st.HelpPaying, words: Words, site: Site) -> Page:
    lines = (*_printed(stage.slip, words), *help_lines(words, site, visit.language))
    back, title = Action("back", words.say("help-paying-back")), words.say("help-paying-title")
    notice, printing = _notice(stage.slip, words), _print(visit, stage.slip, words)
    return Page("help-paying", title, lines, notice, Tone.PLAIN, primary=back, secondary=printing)


def _over_estimate(visit: Visit, stage: st.OverEstimate, words: Words, site: Site) -> Page:
    bill, found = over(stage)
    title, lines = (
        words.say("over-estimate-title", more=words.money(found.more)),
        (*_printed(stage.slip, words), *over_lines(bill, found, words, site, visit.language)),
    )
    notice, printing = _notice(stage.slip, words), _print(visit, stage.slip, words)
    on, amount = Action("go-on", words.say("over-estimate-go-on")), stage.amount
    return Page("over-estimate", title, lines, notice, Tone.WARN, None, amount, primary=on, secondary=printing, back=True)


def _print(visit: Visit, slip: Slip | None, words: Words) -> Action | None:
    offered = visit.world.printer and slip in (None, Slip.FAILED)
    return Action("print", words.say("leaflet-print")) if offered else None


def _printed(slip: Slip | None, words: Words) -> tuple[Said, ...]:
    """What became of the paper, where nothing went wrong."""
    return (words.say(f"leaflet-{slip}"),) if slip in (Slip.PRINTING, Slip.PRINTED) else ()


def _notice(slip: Slip | None, words: Words) -> Said | None:
    return words.say(f"leaflet-{slip}") if slip is Slip.FAILED else None
