"""The screens on which a receipt is chosen, and the one for who was here a short while ago."""

from __future__ import annotations

from domain.letters import PHONE_DIGITS, Channel
from domain.money import Money
from domain.payment import short_reference
from kiosk.visit import stages as st
from kiosk.visit.choosing import due
from kiosk.visit.pages.page import Page, Site, waiting
from kiosk.visit.paying import bank_approved, settled
from kiosk.visit.qr import modules
from kiosk.visit.receipts import check_text
from kiosk.visit.receiving import ADDRESS_LETTERS, ADDRESS_SIGNS, AT, DOT, channels
from kiosk.visit.screens import Action, Choices, Keypad, Letters, Picture, Privacy, QrCode, Said, Tone
from kiosk.visit.stages import Visit
from kiosk.visit.words import Words

SHOWN_CHARACTERS = 20
"""The end of an address that is being typed: as much as has room at every size."""

SPOKEN_KEYS = {DOT: "key-dot", "-": "key-hyphen", "_": "key-underscore", "+": "key-plus", AT: "key-at"}


def receiving(
    visit: Visit,
    stage: st.PaidBefore | st.Printing | st.ReceiptWays | st.TypeAddress | st.SendingReceipt | st.ShowCode,
    words: Words,
    site: Site,
) -> Page:
    match stage:
        case st.PaidBefore():
            return _paid_before(visit, stage, words)
        case st.Printing(of):
            shown = Picture("paper", words.say("printing-picture"), moving=True)
            amount, label = _amount(of)
            return Page("printing", words.say("printing-title"), middle=shown, amount=amount, amount_label=label, cancel=False)
        case st.ReceiptWays():
            return _ways(visit, stage, words)
        case st.TypeAddress():
            return _typing(stage, words)
        case st.SendingReceipt():
            return waiting("sending", words, cancel=False)
        case st.ShowCode():
            return _code(stage, words, site)


def receipt_actions(visit: Visit, words: Words) -> tuple[Said | None, Action, Action | None]:
    """What is wrong with paper, if anything; the first way to a receipt; and the way to the others where that was paper."""
    other = Action("other-receipt", words.say("receipt-other"))
    if not visit.world.printer:
        return words.say("notice-no-printer"), other, None
    return None, Action("print", words.say("receipt-print")), other


def _amount(of: st.Paid | st.PaidBefore) -> tuple[Money, str]:
    """What the receipt is for; not yet approved is called accepted, as it was before (law 4)."""
    paid = st.payment_of(of)
    return paid.result.amount, "amount-paid" if settled(paid) else "amount-accepted"


def _paid_before(visit: Visit, stage: st.PaidBefore, words: Words) -> Page:
    """Who shows a bill again minutes after paying it wants the receipt, or has forgotten; green only as after paying."""
    paid, money = stage.earlier.paid, words.money(stage.earlier.paid.result.amount)
    good = settled(paid)
    when = words.moment(stage.earlier.at)
    lines = [words.say("paid-before-line" if good else "paid-before-accepted-line", amount=money, when=when)]
    if stage.earlier.share != paid.result.amount:
        lines += [words.say("paid-before-share", share=words.money(stage.earlier.share))]
    if not good:
        lines += [words.say("receipt-accepted-line" if bank_approved(paid) else "receipt-bank-line")]
    left = due(stage.bill)
    notice, receipt, other = receipt_actions(visit, words)
    to_bill = Action("show-bill", words.say("paid-before-bill"))
    items = (receipt, *((other,) if other else ()), *((to_bill,) if left is not None and left.minor > 0 else ()))
    picture = Picture("tick" if good else "clock", words.say("thanks-picture"), moving=False)
    tone = Tone.GOOD if good else Tone.WARN
    title = words.say("paid-before-title") if good else words.say("accepted-title", amount=money)
    return Page("paid-before", title, tuple(lines), notice, tone, Choices(items, picture))


def _ways(visit: Visit, stage: st.ReceiptWays, words: Words) -> Page:
    """Only what works now is offered; why there is no more is said."""
    sent = channels(visit)
    send = tuple(Action("send", words.say(f"receipt-by-{channel}"), channel.value) for channel in sent)
    code, none = Action("show-code", words.say("receipt-by-code")), Action("no-receipt", words.say("receipt-none"))
    notice = words.say(f"notice-{stage.notice}") if stage.notice else None
    reference = words.say("reference", code=short_reference(st.payment_of(stage.of).attempt))
    lines, title = (reference,) if stage.notice else (), words.say("receipt-ways-title")
    return Page("receipt-ways", title, lines, notice, middle=Choices((*send, code, none)), back=True, cancel=False)


def _typing(stage: st.TypeAddress, words: Words) -> Page:
    notice = words.say(f"notice-{stage.notice}") if stage.notice else None
    kind = stage.channel.value
    lines, send = (words.say(f"{kind}-line"),), Action("next", words.say("receipt-send"))
    middle = _letters(stage, words) if stage.channel is Channel.EMAIL else _digits(stage, words)
    title = words.say(f"{kind}-title")
    return Page(f"receipt-{kind}", title, lines, notice, middle=middle, primary=send, back=True, cancel=False)


def _letters(stage: st.TypeAddress, words: Words) -> Letters:
    cut = len(stage.typed) > SHOWN_CHARACTERS
    seen = ("\N{HORIZONTAL ELLIPSIS}" if cut else "") + stage.typed[-SHOWN_CHARACTERS:] + "_"
    loud = " ".join(_spoken(letter, words) for letter in stage.typed)
    shown = Said(seen, loud, Privacy.PRIVATE)
    board, others, name = (ADDRESS_SIGNS, "ab", "letters") if stage.signs else (ADDRESS_LETTERS, "1#", "signs")
    turn = Action("other-keys", Said(others, words.say(f"key-to-{name}").speech), others)
    dot, at = _key(DOT, words), _key(AT, words)
    keys = (*(_key(key, words) for key in board), turn)
    return Letters(shown, words.say("email-hint"), keys, dot, at, words.say("key-erase-letter"))


def _key(key: str, words: Words) -> Action:
    return Action("key", Said(key, _spoken(key, words)), key)


def _digits(stage: st.TypeAddress, words: Words) -> Keypad:
    places = stage.typed.ljust(PHONE_DIGITS, "_")
    seen = " ".join((places[:3], places[3:6], places[6:]))
    shown = Said(f"\N{LEFT-TO-RIGHT ISOLATE}{seen}\N{POP DIRECTIONAL ISOLATE}", " ".join(stage.typed), Privacy.PRIVATE)
    return Keypad(shown, words.say("text-hint"), words.say("key-erase"), words.say("key-clear"))


def _spoken(key: str, words: Words) -> str:
    return words.say(SPOKEN_KEYS[key]).speech if key in SPOKEN_KEYS else key


def _code(stage: st.ShowCode, words: Words, site: Site) -> Page:
    paid = st.payment_of(stage.of)
    lines = (words.say("code-line"), words.say("reference", code=short_reference(paid.attempt)))
    shown = QrCode(modules(check_text(paid.attempt, site)), words.say("code-caption"))
    done = Action("done", words.say("code-done"))
    return Page("receipt-code", words.say("code-title"), lines, middle=shown, primary=done, back=True, cancel=False)
