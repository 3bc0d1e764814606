"""The profiles that are shipped: each against its published examples, and a typed refusal for everything else there is."""

from __future__ import annotations

import dataclasses
import datetime as dt
import string
from collections.abc import Mapping

import pytest
from hypothesis import example, given
from hypothesis import strategies as make

from domain.biller_profiles import Reading, plain, read_by_each, read_code
from domain.statement_codes import LONGEST, LinkProfile, MacKey, RefKind, Refusal, StatementRef, link_text, numbered_text
from kiosk.billers import load_profiles, shipped
from tests.billers import TODAY, ours
from tests.domain.test_statement_codes import BASE32, HOST, KEY, LINK, OPAQUE

NEXT_KEY = b"the next key, in use already"
LAST_DAY = TODAY
LINKS = LinkProfile(frozenset({HOST}), {"A": MacKey(KEY), "B": MacKey(NEXT_KEY), "D": MacKey(KEY, until=LAST_DAY)})
OURS = ours(LINKS)

QR_BILL = (  # SIX, Swiss Implementation Guidelines QR-bill, the data of the first example: with a QR reference
    "SPC", "0200", "1", "CH4431999123000889012", "S", "Robert Schneider AG", "Rue du Lac", "1268", "2501", "Biel", "CH",
    "", "", "", "", "", "", "", "1949.75", "CHF", "S", "Pia-Maria Rutschmann-Schnyder", "Grosse Marktgasse", "28", "9400",
    "Rorschach", "CH", "QRR", "210000000003139471430009017", "Instruction of 15.09.2019", "EPD",
)  # fmt: skip
SCOR_BILL = (  # the same, with a creditor reference and the payer's address in two lines
    "SPC", "0200", "1", "CH5800791123000889012", "S", "Robert Schneider AG", "Rue du Lac", "1268", "2501", "Biel", "CH",
    "", "", "", "", "", "", "", "199.95", "CHF", "K", "Pia-Maria Rutschmann-Schnyder", "Grosse Marktgasse 28", "9400 Rorschach",
    "", "", "CH", "SCOR", "RF18539007547034", "", "EPD", "",
)  # fmt: skip
GIROCODE = (  # EPC069-12, as in Neodynamic's documentation of it, "EPC QR Code"
    "BCD", "001", "1", "SCT", "BHBLDEHHXXX", "Franz Mustermänn", "DE71110220330123456789", "EUR12.3", "GDDS", "RF18539007547034",
)  # fmt: skip
RED_CROSS = (  # the example of Wikipedia's "EPC QR code": its remittance is free text
    "BCD", "001", "1", "SCT", "BPOTBEB1", "Red Cross of Belgium", "BE72000000001616", "EUR1", "CHAR", "", "Urgency fund",
    "Sample EPC QR code",
)  # fmt: skip
SCAN_LINE = "003456789011102960000000000100000000010008"  # Creditron, "Sample Check Digit"
PAYEES = frozenset({"CH4431999123000889012", "CH5800791123000889012", "DE71110220330123456789"})
ALL = load_profiles(shipped(), LINKS, PAYEES)


def lines(*parts: str) -> str:
    return "\n".join(parts)


def but(parts: tuple[str, ...], changes: Mapping[int, str]) -> str:
    """The lines with some of them changed, by their index."""
    return lines(*(changes.get(index, part) for index, part in enumerate(parts)))


PUBLISHED = {
    "our link": ("QRCode", LINK, "lobbypay-link", OPAQUE, "", ""),
    "our number": ("Code128", numbered_text("0001234567"), "lobbypay-number", "0001234567", "", ""),
    "lockbox": ("ITF", SCAN_LINE, "lockbox-scan-line", "00345678901", "", "0000001000"),
    "lockbox in Code 39": ("Code39", SCAN_LINE, "lockbox-scan-line", "00345678901", "", "0000001000"),
    "QR-bill": ("QRCode", lines(*QR_BILL), "swiss-qr-bill", QR_BILL[28], QR_BILL[3], "1949.75 CHF"),
    "QR-bill, lines ended as on Windows": (
        "QRCode", "\r\n".join(QR_BILL), "swiss-qr-bill", QR_BILL[28], QR_BILL[3], "1949.75 CHF",
    ),
    "QR-bill without amount and payer": (
        "QRCode", but(QR_BILL, dict.fromkeys(range(18, 27), "") | {19: "EUR"}), "swiss-qr-bill", QR_BILL[28], QR_BILL[3], "EUR",
    ),
    "QR-bill with bill information": (
        "QRCode", lines(*QR_BILL, "//S1/10/10201409/11/190512/20/1400.000-53/30/106017086/31/180508/32/7.7/40/2:10;0:30"),
        "swiss-qr-bill", QR_BILL[28], QR_BILL[3], "1949.75 CHF",
    ),
    "QR-bill, creditor reference": (
        "QRCode", lines(*SCOR_BILL), "swiss-qr-bill-scor", "RF18539007547034", SCOR_BILL[3], "199.95 CHF",
    ),
    "RF reference": ("Code128", "RF18539007547034", "rf-creditor-reference", "RF18539007547034", "", ""),
    "RF reference, short": ("QRCode", "RF712348231", "rf-creditor-reference", "RF712348231", "", ""),
    "GiroCode": (
        "QRCode", lines(*GIROCODE), "epc-girocode", "RF18539007547034", "DE71110220330123456789", "12.3 EUR",
    ),
    "GiroCode with all its lines": (
        "QRCode", lines(*GIROCODE, "", "thank you"), "epc-girocode", "RF18539007547034", "DE71110220330123456789", "12.3 EUR",
    ),
    "Dutch reference": ("ITF", "5000056789012345", "dutch-payment-reference", "5000056789012345", "", ""),
}  # fmt: skip


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_published_bill_is_taken_by_its_profile_alone(name: str) -> None:
    symbology, text, profile, reference, payee, amount = PUBLISHED[name]
    taken = [answer for _, answer in read_by_each(symbology, text, ALL, TODAY) if isinstance(answer, Reading)]
    assert [(answer.profile, answer.reference) for answer in taken] == [(profile, reference)]
    assert (taken[0].payee, taken[0].printed_amount) == (payee, amount)
    assert read_code(symbology, text, ALL, TODAY) == taken[0].ref


def test_every_shipped_profile_has_a_published_bill() -> None:
    assert {profile for _, _, profile, *_ in PUBLISHED.values()} == set(shipped()) == {profile.name for profile in ALL}


def test_a_bill_is_known_by_its_scheme_whatever_carries_it() -> None:
    """A QR-bill, a GiroCode and a bar code with one RF reference name one bill; two schemes never meet."""
    rf = StatementRef(RefKind.BILLER, "RF/RF18539007547034")
    assert read_code("QRCode", lines(*SCOR_BILL), ALL, TODAY) == rf
    assert read_code("QRCode", lines(*GIROCODE), ALL, TODAY) == rf
    assert read_code("Code39", "RF18539007547034", ALL, TODAY) == rf
    assert read_code("QRCode", lines(*QR_BILL), ALL, TODAY) == StatementRef(RefKind.BILLER, f"QRR/{QR_BILL[28]}")
    assert read_code("Code128", numbered_text("0001234567"), ALL, TODAY) == StatementRef(RefKind.NUMBER, "0001234567")
    assert read_code("QRCode", LINK, ALL, TODAY) == StatementRef(RefKind.LINK, OPAQUE)


OTHER = link_text(KEY, "EVIL.EXAMPLE", "A", OPAQUE)
LOWEST = numbered_text("0001234567")

REFUSED = {
    "unknown code": ("QRCode", "WIFI:S:lobby;P:secret;;", Refusal.UNKNOWN),
    "another kind of code": ("EAN13", "4006381333931", Refusal.UNKNOWN),
    "a kind that nobody prints": ("Aztec", LINK, Refusal.UNKNOWN),
    "a link in the wrong kind of code": ("Code128", LINK, Refusal.UNKNOWN),
    "a number in the wrong kind of code": ("QRCode", LOWEST, Refusal.UNKNOWN),
    "wrong check digit": ("Code128", "LP000123456700", Refusal.MISREAD),
    "a misread that passes Code 128's own checksum": ("Code128", "STMT530109456789", Refusal.UNKNOWN),
    "a digit short": ("Code128", LOWEST[:-1], Refusal.FRAGMENT),
    "a digit long": ("Code128", LOWEST + "0", Refusal.FRAGMENT),
    "a letter among the digits": ("Code128", "LP00012345670O", Refusal.FORM),
    "digits of another script": ("Code128", "LP" + "\N{ARABIC-INDIC DIGIT ONE}" * 12, Refusal.FORM),
    "no prefix": ("Code128", LOWEST.removeprefix("LP"), Refusal.UNKNOWN),
    "prefix in lower case": ("Code128", LOWEST.lower(), Refusal.UNKNOWN),
    "an app store": ("QRCode", "https://apps.apple.com/us/app/example/id123456789", Refusal.WEB_PAGE),
    "an app store in capitals": ("QRCode", "HTTPS://PLAY.GOOGLE.COM/STORE/APPS/DETAILS?ID=EXAMPLE", Refusal.WEB_PAGE),
    "an app's own link": ("QRCode", "market://details?id=org.example", Refusal.WEB_PAGE),
    "a script": ("QRCode", "javascript://alert(1)", Refusal.WEB_PAGE),
    "URL of another host": ("QRCode", "https://evil.example/S1/", Refusal.WEB_PAGE),
    "our host as a user name": ("QRCode", LINK.replace(HOST, HOST + "@EVIL.EXAMPLE"), Refusal.WEB_PAGE),
    "our host as a path": ("QRCode", LINK.replace(HOST, "EVIL.EXAMPLE/" + HOST), Refusal.WEB_PAGE),
    "another hospital": ("QRCode", OTHER, Refusal.OTHER_HOST),
    "our host as a beginning": ("QRCode", LINK.replace(HOST, HOST + ".EVIL.EXAMPLE"), Refusal.OTHER_HOST),
    "lower case": ("QRCode", LINK.lower(), Refusal.UNKNOWN),
    "another version": ("QRCode", LINK.replace("/S1/", "/S2/"), Refusal.FORM),
    "not encrypted": ("QRCode", LINK.replace("HTTPS", "HTTP"), Refusal.UNKNOWN),
    "something after it": ("QRCode", LINK + "?a=1", Refusal.FORM),
    "cut off": ("QRCode", LINK[:40], Refusal.FRAGMENT),
    "forged MAC": ("QRCode", LINK[:-1] + ("A" if LINK[-1] != "A" else "B"), Refusal.FORGED),
    "unknown key": ("QRCode", link_text(KEY, HOST, "C", OPAQUE), Refusal.KEY_UNKNOWN),
    "one key's MAC under another's name": ("QRCode", link_text(KEY, HOST, "B", OPAQUE), Refusal.FORGED),
    "another host's MAC": ("QRCode", OTHER.replace("EVIL.EXAMPLE", HOST), Refusal.FORGED),
    "a Swiss bill that we do not take": ("QRCode", lines(*QR_BILL), Refusal.OTHER_SCHEME),
    "a GiroCode that we do not take": ("QRCode", lines(*GIROCODE), Refusal.OTHER_SCHEME),
    "a merchant's EMV code": ("QRCode", "00020101021229300012D156000000000510A93FO3230Q", Refusal.OTHER_SCHEME),
    "an Indian wallet": ("QRCode", "upi://pay?pa=someone@bank&am=10", Refusal.OTHER_SCHEME),
    "a coin": ("QRCode", "bitcoin:1BoatSLRHtKNngkdXEeobR76b53LETtpyT", Refusal.OTHER_SCHEME),
    "4,000 characters": ("QRCode", "A" * 4000, Refusal.TOO_LONG),
    "one character too many": ("QRCode", "A" * (LONGEST + 1), Refusal.TOO_LONG),
    "as long as can be": ("QRCode", "A" * LONGEST, Refusal.UNKNOWN),
    "bytes that are no text": ("QRCode", "", Refusal.NOT_TEXT),
    "bytes that became no text": ("QRCode", LINK + "\N{REPLACEMENT CHARACTER}", Refusal.NOT_TEXT),
    "binary": ("QRCode", bytes(range(256)).decode("latin-1"), Refusal.NOT_TEXT),
    "a control character": ("QRCode", LINK[:-1] + "\x00", Refusal.NOT_TEXT),
    "what turns the text round": ("QRCode", "\N{RIGHT-TO-LEFT OVERRIDE}" + LINK, Refusal.NOT_TEXT),
    "a line's end": ("QRCode", LINK + "\n", Refusal.FORM),
    "a letter that only looks like ours": ("QRCode", LINK.replace("A", "\N{CYRILLIC CAPITAL LETTER A}"), Refusal.WEB_PAGE),
    "a refusal's own name": ("QRCode", "code-too-long", Refusal.UNKNOWN),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_scanned_code_that_means_nothing_is_refused_by_name(name: str) -> None:
    symbology, text, refusal = REFUSED[name]
    assert read_code(symbology, text, OURS, TODAY) == refusal


BANKS_REFUSED = {
    "an ITF fragment": ("ITF", SCAN_LINE[2:], Refusal.FRAGMENT),
    "the wrong ITF of the measurements": ("ITF", "7890110000010000", Refusal.MISREAD),
    "a scan line misprinted": ("ITF", "003456789011101960000000000100000000010008", Refusal.MISREAD),  # Creditron's other page
    "a QR-bill of somebody else": (
        "QRCode", but(QR_BILL, {3: "CH2130808001234567827"}), Refusal.OTHER_PAYEE,
    ),
    "a QR-bill, wrong check digit": ("QRCode", but(QR_BILL, {28: "210000000003139471430009018"}), Refusal.MISREAD),
    "a QR-bill's IBAN misread": ("QRCode", but(QR_BILL, {3: "CH4431999123000889021"}), Refusal.OTHER_PAYEE),
    "a QR reference beside an IBAN that takes none": ("QRCode", but(QR_BILL, {3: SCOR_BILL[3]}), Refusal.FORM),
    "a creditor reference beside a QR-IBAN": ("QRCode", but(SCOR_BILL, {3: QR_BILL[3]}), Refusal.FORM),
    "a QR-bill without reference": ("QRCode", but(SCOR_BILL, {27: "NON", 28: ""}), Refusal.FORM),
    "a QR-bill in dollars": ("QRCode", but(QR_BILL, {19: "USD"}), Refusal.FORM),
    "a QR-bill's amount in words": ("QRCode", but(QR_BILL, {18: "all of it"}), Refusal.FORM),
    "the beginning of a QR-bill": ("QRCode", lines(*QR_BILL[:7]), Refusal.FRAGMENT),
    "a GiroCode of free text": ("QRCode", lines(*RED_CROSS), Refusal.FORM),
    "a GiroCode with a wrong reference": ("QRCode", but(GIROCODE, {9: "RF19539007547034"}), Refusal.MISREAD),
    "a GiroCode of somebody else": ("QRCode", but(GIROCODE, {6: "DE89370400440532013000"}), Refusal.OTHER_PAYEE),
    "an RF reference, two digits changed round": ("Code128", "RF18539007540734", Refusal.MISREAD),
    "a Dutch reference, misread": ("Code128", "5000056789012346", Refusal.MISREAD),
    "letters, where all that is taken has no prefix": ("Code128", "abcdef", Refusal.UNKNOWN),
    "a Dutch reference of seven digits": ("Code128", "1234567", Refusal.FRAGMENT),
}  # fmt: skip


@pytest.mark.parametrize("name", BANKS_REFUSED)
def test_a_bank_bill_that_is_not_right_is_refused_by_name(name: str) -> None:
    symbology, text, refusal = BANKS_REFUSED[name]
    assert read_code(symbology, text, ALL, TODAY) == refusal


def test_the_misread_iban_is_found_by_its_check_where_any_is_taken() -> None:
    anybodys = load_profiles(["swiss-qr-bill"], LINKS, None)
    assert read_code("QRCode", but(QR_BILL, {3: "CH4431999123000889021"}), anybodys, TODAY) == Refusal.MISREAD
    assert isinstance(read_code("QRCode", but(QR_BILL, {3: "CH2130808001234567827"}), anybodys, TODAY), StatementRef)


def test_without_any_key_no_host_is_somebody_elses() -> None:
    assert read_code("QRCode", LINK, ours(), TODAY) == Refusal.KEY_UNKNOWN


def test_a_key_ends_with_its_last_day() -> None:
    link = link_text(KEY, HOST, "D", OPAQUE)
    assert read_code("QRCode", link, OURS, LAST_DAY) == StatementRef(RefKind.LINK, OPAQUE)
    assert read_code("QRCode", link, OURS, LAST_DAY + dt.timedelta(days=1)) == Refusal.KEY_EXPIRED
    forged = link[:-1] + ("A" if link[-1] != "A" else "B")
    assert read_code("QRCode", forged, OURS, LAST_DAY + dt.timedelta(days=1)) == Refusal.FORGED


def test_a_code_that_could_be_two_bills_is_neither() -> None:
    dutch = next(profile for profile in ALL if profile.name == "dutch-payment-reference")
    other = dataclasses.replace(dutch, name="another", scheme="X")
    assert read_code("ITF", "5000056789012345", [dutch, other], TODAY) == Refusal.AMBIGUOUS
    assert isinstance(read_code("ITF", "5000056789012345", [dutch, dataclasses.replace(other, scheme="NL")], TODAY), StatementRef)


def test_a_reference_that_does_not_fit_the_wire_is_none() -> None:
    rf = next(profile for profile in ALL if profile.name == "rf-creditor-reference")
    small = dataclasses.replace(rf, reference="rf{check}{body}")
    assert read_code("Code128", "RF18539007547034", [small], TODAY) == Refusal.FORM


def test_what_cannot_have_a_check_digit_is_misread() -> None:
    """A pattern may let through what the algorithm has no word for."""
    rf = next(profile for profile in ALL if profile.name == "rf-creditor-reference")
    check = dataclasses.replace(rf.checks[0], over="{body}rf")
    assert read_code("Code128", "RF18539007547034", [dataclasses.replace(rf, checks=(check,))], TODAY) == Refusal.MISREAD


def test_each_profile_says_why_it_does_not_take_a_code() -> None:
    said = {profile.name: answer for profile, answer in read_by_each("QRCode", LINK, ALL, TODAY)}
    assert isinstance(said.pop("lobbypay-link"), Reading)
    assert said == {
        "dutch-payment-reference": Refusal.UNKNOWN,
        "epc-girocode": Refusal.UNKNOWN,
        "lobbypay-number": Refusal.SYMBOLOGY,
        "lockbox-scan-line": Refusal.SYMBOLOGY,
        "rf-creditor-reference": Refusal.UNKNOWN,
        "swiss-qr-bill": Refusal.UNKNOWN,
        "swiss-qr-bill-scor": Refusal.UNKNOWN,
    }
    assert {answer for _, answer in read_by_each("QRCode", "\x00", ALL, TODAY)} == {Refusal.NOT_TEXT}


def test_line_ends_are_told_apart_from_control_characters() -> None:
    assert plain("a\r\nb\rc\nd") == "a\nb\nc\nd"
    assert plain("a\tb") is Refusal.NOT_TEXT


numbers = make.text(string.digits, min_size=10, max_size=10)


@given(numbers)
def test_a_number_comes_back_scanned(number: str) -> None:
    assert read_code("Code128", numbered_text(number), OURS, TODAY) == StatementRef(RefKind.NUMBER, number)


@given(make.text(BASE32, min_size=16, max_size=16), make.sampled_from("AB"))
def test_a_link_comes_back(opaque: str, key_id: str) -> None:
    text = link_text(LINKS.keys[key_id].secret, HOST, key_id, opaque)
    assert read_code("QRCode", text, OURS, TODAY) == StatementRef(RefKind.LINK, opaque)
    with_port = text.replace(HOST, HOST + ":8443")
    assert read_code("QRCode", with_port, OURS, TODAY) == StatementRef(RefKind.LINK, opaque)


@given(make.integers(0, len(LINK) - 1), make.sampled_from(BASE32 + "/:.-0189"))
def test_a_link_with_one_character_changed_is_no_link(at: int, other: str) -> None:
    wrong = LINK[:at] + other + LINK[at + 1 :]
    if wrong != LINK:
        assert isinstance(read_code("QRCode", wrong, OURS, TODAY), Refusal)


CAUGHT = [
    (symbology, text, profile)
    for symbology, text, profile, *_ in PUBLISHED.values()
    if profile not in ("lobbypay-link", "dutch-payment-reference") and "\n" not in text
]


@given(make.sampled_from(CAUGHT), make.integers(0, 60), make.integers(1, 9))
def test_one_wrong_digit_of_a_barcode_is_always_caught(bill: tuple[str, str, str], at: int, off: int) -> None:
    symbology, text, profile = bill
    at %= len(text)
    if text[at].isdigit():
        wrong = text[:at] + str((int(text[at]) + off) % 10) + text[at + 1 :]
        answers = {each.name: answer for each, answer in read_by_each(symbology, wrong, ALL, TODAY)}
        assert answers[profile] is Refusal.MISREAD


@given(make.sampled_from([lines(*QR_BILL), lines(*SCOR_BILL), lines(*GIROCODE)]), make.integers(0, 400), make.integers(1, 9))
def test_one_wrong_digit_of_a_bank_bill_never_names_another(text: str, at: int, off: int) -> None:
    """Digits that nothing vouches for (a house number, the amount) leave the reference as it was."""
    at %= len(text)
    if text[at].isdigit():
        wrong = text[:at] + str((int(text[at]) + off) % 10) + text[at + 1 :]
        right, answer = read_code("QRCode", text, ALL, TODAY), read_code("QRCode", wrong, ALL, TODAY)
        assert answer == right or isinstance(answer, Refusal)


SYMBOLOGIES = ["QRCode", "Code128", "Code39", "ITF", "DataMatrix", "PDF417", ""]


@given(make.sampled_from(SYMBOLOGIES), make.text(max_size=LONGEST + 50))
@example("QRCode", LINK)
@example("QRCode", lines(*QR_BILL))
def test_any_text_gets_a_typed_answer(symbology: str, text: str) -> None:
    assert isinstance(read_code(symbology, text, ALL, TODAY), StatementRef | Refusal)


@given(make.from_regex(r"HTTPS://[A-Z.]{0,25}(:[0-9]{1,6})?/S[0-9]/[A-Z2-7]{0,40}", fullmatch=True))
def test_no_made_up_link_is_believed(text: str) -> None:
    assert isinstance(read_code("QRCode", text, OURS, TODAY), Refusal)


def test_every_scanned_refusal_has_its_test() -> None:
    """Those that are not here are of typing, of scanners that name no barcode (kiosk.scanning), or of one profile among many."""
    tested = {refusal for _, _, refusal in (*REFUSED.values(), *BANKS_REFUSED.values())}
    assert set(Refusal) - tested == {
        Refusal.UNNAMED, Refusal.SYMBOLOGY, Refusal.KEY_EXPIRED, Refusal.AMBIGUOUS, Refusal.LENGTH, Refusal.CHECK,
    }  # fmt: skip
