"""The settings file: checked whole at start; whatever is wrong with it is one plain sentence for the technician."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as make
from pydantic import TypeAdapter, ValidationError

from domain.errors import Known
from domain.letters import Channel
from kiosk.settings import LARGEST_LOGO, Settings, SettingsError, Words_, read_settings
from offline_queue.wire.messages import ReceiptRequest

GOOD = """
[kiosk]
name = "lobby-1"
data = "kiosk-data"
zone = "America/New_York"

[site]
name = "St. Brendan"
desk = { en = "the desk by the door", es = "la mesa junto a la puerta" }
phone = "555-0100"
answer_days = 3
currency = "USD"
languages = ["en", "es"]
check_host = "PAY.HOSPITAL.EXAMPLE:8443"

[hub]
url = "https://pay.hospital.example"
ca_file = ""

[terminal]
uri = "zvt+serial:///dev/ttyACM0?baud=115200"
password_file = "terminal-password"
day_ends_at = 03:30:00
capture = false

[scanner]
uri = "camera:0"

[printer]
uri = "usb:"

[billers]
profiles = ["lobbypay-link", "lobbypay-number"]
payees = []

[offline]
payment = 20000
total = 100000
count = 40
age_hours = 72

[pace]
idle_s = 60
warning_s = 20
thanks_s = 15

[screen]
motion = true
windowed = false

[staff]
pin_hash = ""
"""


def settings(folder: Path, text: str | bytes) -> Path:
    path = folder / "kiosk.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
    return path


def sentence(path: Path) -> str:
    with pytest.raises(SettingsError) as caught:
        read_settings(path)
    text = str(caught.value)
    assert isinstance(caught.value, Known)
    assert text.startswith("The settings file ")
    assert text.endswith(".")
    assert "\n" not in text
    assert len(text) < 300 + len(str(path))
    return text.replace(str(path), "FILE")


def test_a_good_file_is_what_it_says(tmp_path: Path) -> None:
    read = read_settings(settings(tmp_path, GOOD))
    assert isinstance(read, Settings)
    assert read.site.languages == ["en", "es"]
    assert read.offline.payment == 20000
    assert read.pace.warning_s == 20
    with pytest.raises(ValueError, match="frozen"):
        read.pace.warning_s = 30  # type: ignore[misc]


WRONG = {
    "a simulated terminal": (
        "zvt+serial:///dev/ttyACM0?baud=115200",
        "sim:",
        "at terminal.uri: a simulated terminal charges nobody",
    ),
    "no time of day": ("day_ends_at = 03:30:00", 'day_ends_at = "soon"', "at terminal.day_ends_at: "),
    "an unknown key": ("idle_s = 60", "idle_s = 60\nidel_s = 60", "at pace.idel_s: there is no such key"),
    "an unknown table": ("[pace]", "[peace]\nx = 1\n[pace]", "at peace: there is no such key"),
    "a missing key": ("count = 40\n", "", "at offline.count: it is missing"),
    "a missing table": ('[printer]\nuri = "usb:"\n', "", "at printer: it is missing"),
    "text for a number": ("idle_s = 60", 'idle_s = "60"', "at pace.idle_s: Input should be a valid integer"),
    "a fraction of a cent": ("payment = 20000", "payment = 200.5", "at offline.payment: Input should be a valid integer"),
    "a whole float for money": ("payment = 20000", "payment = 200.0", "at offline.payment: Input should be a valid integer"),
    "true for a number": ("count = 40", "count = true", "at offline.count: Input should be a valid integer"),
    "a number for yes or no": ("motion = true", "motion = 1", "at screen.motion: Input should be a valid boolean"),
    "a number for text": ('phone = "555-0100"', "phone = 5550100", "at site.phone: Input should be a valid string"),
    "a key for a table": ('[scanner]\nuri = "camera:0"', "", "at scanner: it is missing"),
    "below nothing": ("total = 100000", "total = -1", "at offline.total: Input should be greater than or equal to 0"),
    "a pause of no time": ("warning_s = 20", "warning_s = 0", "at pace.warning_s: Input should be greater than or equal to 5"),
    "a language there is not": (
        '["en", "es"]',
        '["en", "fr"]',
        "at site.languages.1: Input should be 'en', 'es', ",
    ),
    "no language": ('["en", "es"]', "[]", "at site.languages: "),
    "a hub in the clear": ("https://pay", "http://pay", "at hub.url: write it as https://hub."),
    "a currency in small letters": ('"USD"', '"usd"', "at site.currency: String should match pattern"),
    "a host in small letters": ("PAY.HOSPITAL", "pay.hospital", "at site.check_host: String should match pattern"),
    "an empty name": ('name = "St. Brendan"', 'name = ""', "at site.name: String should have at least 1 character"),
    "no biller": ('["lobbypay-link", "lobbypay-number"]', "[]", "at billers.profiles: List should have at least 1 item"),
    "a payee that is no account": (
        "payees = []",
        'payees = ["CH44 3199 9123"]',
        "at billers.payees.0: String should match pattern",
    ),
    "an IBAN of which a digit is mistyped": (
        "payees = []",
        'payees = ["CH5800791123000889012", "CH4431999123000889021"]',
        "at billers.payees: number 2 is no IBAN: a character is wrong, or missing",
    ),
    "an IBAN with a letter for a digit": (
        "payees = []",
        'payees = ["CHO431999123000889012"]',
        "at billers.payees: number 1 is no IBAN: a character is wrong, or missing",
    ),
    "half an IBAN": ("payees = []", 'payees = ["DE7111022033"]', "at billers.payees: number 1 is no IBAN"),
    "a player of no words": ("[staff]", "[sound]\nplayer = []\n[staff]", "at sound.player: List should have at least 1 item"),
    "a summary of help in one language of two": (
        "[hub]",
        '[site.help_paying]\nphone = "1"\nsummary = { en = ["We can help."] }\n\n[hub]',
        "at site: help_paying.summary has no words in 'es'",
    ),
    "a greeting in one language of two": (
        "answer_days",
        'greeting = { en = "Welcome" }\nanswer_days',
        "at site: greeting has no words in 'es'",
    ),
    "a brand that is too light to read": (
        "[staff]",
        '[brand]\ncolour = "#FF8800"\nlogo = ""\n[staff]',
        "at brand.colour: words in #FF8800 have a contrast of 2.",
    ),
    "a brand by its name": ("[staff]", '[brand]\ncolour = "teal"\nlogo = ""\n[staff]', "at brand.colour: String should match"),
    "a logo that is no picture": (
        "[staff]",
        '[brand]\ncolour = ""\nlogo = "logo.gif"\n[staff]',
        "at brand.logo: a logo is a PNG or an SVG file",
    ),
    "a logo that is not there": (
        "[staff]",
        '[brand]\ncolour = ""\nlogo = "nowhere.svg"\n[staff]',
        "at brand.logo: the logo cannot be read: No such file or directory",
    ),
    "no scanner": ('"camera:0"', "[]", "at scanner.uri: List should have at least 1 item"),
    "a reader and no authority": ("[staff]", '[smartcards]\nreader = "ACS"\n[staff]', "at smartcards.ca_file: it is missing"),
    "a reader without a name": (
        "[staff]",
        '[smartcards]\nreader = ""\nca_file = "x"\n[staff]',
        "at smartcards.reader: String should have at least 1 character",
    ),
    "not TOML": ("[kiosk]", "[kiosk", "is not TOML: "),
    "a key that is there twice": ("idle_s = 60", "idle_s = 60\nidle_s = 61", "is not TOML: "),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_mistake_is_told_in_one_sentence_by_its_key(name: str, tmp_path: Path) -> None:
    before, after, told = WRONG[name]
    assert GOOD.count(before) == 1
    assert told in sentence(settings(tmp_path, GOOD.replace(before, after)))


NO_FORM = "write it as https://hub.example.org:8443, with a host and at most a port, and nothing else in it"
NO_HOST = "its host is neither a name that a computer can have nor an IP address"
NO_PORT = "its port must be from 1 to 65535"
XN = "it has the character U+{} in it; a name with other letters than a to z is written with xn--"
NO_HUB = {
    "https://": NO_FORM,
    "https:///": NO_FORM,
    "https:hub.example": NO_FORM,
    "hub.example:8443": NO_FORM,
    "http://hub.example": NO_FORM,
    "http://127.0.0.1:8443": NO_FORM,
    "ftp://hub.example": NO_FORM,
    "https://[::1": NO_FORM,
    "https://[]": NO_FORM,
    "https://[fe80::1%eth0]": NO_FORM,
    "https://[::1]8443": NO_FORM,
    "https://::1": NO_FORM,
    "https://hub.example:": NO_FORM,
    "https://hub.example:x": NO_FORM,
    "https://hub.example:-1": NO_FORM,
    "https://u:p@hub.example": NO_FORM,
    "https://u@hub.example": NO_FORM,
    "https://hub.example?a=b": NO_FORM,
    "https://hub.example/?": NO_FORM,
    "https://hub.example:8443#a": NO_FORM,
    "https://hub.example/v1": NO_FORM,
    "https://hub.example//": NO_FORM,
    "https://hub.example\\\\v1": NO_FORM,
    "https://hub..example": NO_HOST,
    "https://.hub.example": NO_HOST,
    "https://hub.example.": NO_HOST,
    "https://-hub.example": NO_HOST,
    "https://hub-.example": NO_HOST,
    "https://a_b.example": NO_HOST,
    "https://hub%20.example": NO_FORM,
    f"https://{'a' * 64}.example": NO_HOST,
    f"https://{'a.' * 126}ab": NO_HOST,
    "https://10.0.0": NO_HOST,
    "https://10.0.0.256": NO_HOST,
    "https://[127.0.0.1]": NO_HOST,
    "https://[12345::1]": NO_HOST,
    "https://hub.example:0": NO_PORT,
    "https://hub.example:65536": NO_PORT,
    f"https://hub.example:{'9' * 400}": NO_PORT,
    "https://hub.example:99999999": NO_PORT,
    "https://exämple.org": XN.format("00E4"),
    "https://\u202ehub.example": XN.format("202E"),
    "https://hub.example:８443": XN.format("FF18"),
    "https://hub example": XN.format("0020"),
    "https://hub.example\\n": XN.format("000A"),
    "https://hub.example\\u007f": XN.format("007F"),
}
"""As TOML writes it."""


@pytest.mark.parametrize("url", NO_HUB)
def test_what_is_no_address_of_a_hub_is_told_in_one_sentence(url: str, tmp_path: Path) -> None:
    """Told at start: else a kiosk would run and reach nobody, or end by a bug with its first request."""
    told = sentence(settings(tmp_path, GOOD.replace("https://pay.hospital.example", url)))
    assert told == f"The settings file FILE, at hub.url: {NO_HUB[url]}."


@pytest.mark.parametrize(
    "url",
    [
        "https://hub",
        "https://localhost:1",
        "https://HUB.Example:65535/",
        "https://3com.example",
        "https://xn--exmple-cua.org",
        "https://10.0.0.5:8443",
        "https://[::1]:8443",
        "https://[2001:db8::10.0.0.5]",
        f"https://{'a' * 63}.example",
        f"https://{'a.' * 126}a",
    ],
)
def test_a_hub_is_a_name_or_an_ip_address_and_maybe_a_port(url: str, tmp_path: Path) -> None:
    read = read_settings(settings(tmp_path, GOOD.replace("https://pay.hospital.example", url)))
    assert read.hub.url == url


HELP = '[site.help_paying]\nphone = "1"\nsummary = { en = ["We can help."], es = ["Podemos."] }\n\n[hub]'
GREETING = 'greeting = { en = "Welcome", es = "Hola" }\nanswer_days'
TEXTS = {
    "site.name": GOOD.replace('name = "St. Brendan"', 'name = "St. @"'),
    "site.desk.es": re.sub(r'es = "[^"]*"', 'es = "@"', GOOD, count=1),
    "site.phone": GOOD.replace('phone = "555-0100"', 'phone = "555@"'),
    "site.greeting.en": GOOD.replace("answer_days", GREETING).replace("Welcome", "Wel@come"),
    "site.help_paying.phone": GOOD.replace("[hub]", HELP).replace('phone = "1"', 'phone = "1@"'),
    "site.help_paying.summary.es.0": GOOD.replace("[hub]", HELP).replace("Podemos.", "@Podemos."),
}
"""Every text of the hospital's own that is shown, printed or sent, by its key, with a place for a character."""


@pytest.mark.parametrize("key", TEXTS)
@pytest.mark.parametrize("code", ["0009", "000A", "001B", "007F", "0085", "2028", "2029", "202A", "202E", "2066", "2069"])
def test_a_text_is_one_line_without_what_nobody_can_see(key: str, code: str, tmp_path: Path) -> None:
    """Said at start: the hub would refuse the receipt, after the payment."""
    told = sentence(settings(tmp_path, TEXTS[key].replace("@", f"\\u{code}")))
    assert told.endswith(f"at {key}: it must be one line of text, and has the character U+{code} in it, which nobody can see.")
    read_settings(settings(tmp_path, TEXTS[key].replace("@", "\u5723 \u0643 \u200f\U0001f3e5")))


@pytest.mark.parametrize("key", TEXTS)
@pytest.mark.parametrize(
    "text", [" ", "\u00a0\u3000", "\u200b", "\u200f", " \ufeff\u00ad ", "\u0301", "\ufe0f", "\u3164", "\u2800", "\ue000"]
)
def test_a_text_in_which_nothing_can_be_seen_is_none(key: str, text: str, tmp_path: Path) -> None:
    """A patient would see a gap where the hospital's name or its telephone number belongs."""
    file = re.sub(r'"[^"]*@[^"]*"', '"@"', TEXTS[key])
    told = sentence(settings(tmp_path, file.replace("@", text)))
    assert told.endswith(f"at {key}: there is nothing in it that can be seen.")
    for seen in ("-", "1", "\u5723", "\u0643", "\U0001f3e5"):
        read_settings(settings(tmp_path, file.replace("@", text + seen)))


@given(make.text(min_size=1, max_size=120))
def test_a_name_that_is_taken_is_one_that_the_hub_takes_in_a_receipt(name: str) -> None:
    try:
        taken = TypeAdapter(Words_).validate_python(name)
    except ValidationError:
        return
    ReceiptRequest(
        v=1,
        pid="017f22e2-79b0-7cc3-98c4-dc0c0c07398f",
        channel=Channel.EMAIL,
        address="a@example.org",
        language="en",
        subject=f"{taken}: Paid",
        body=f"{taken}\n",
    )


def test_payees_are_ibans_or_what_a_profile_of_ones_own_calls_an_account(tmp_path: Path) -> None:
    payees = ["CH4431999123000889012", "MT84MALT011000012345MTLCAST001S", "0012345678", "X12345"]
    found = read_settings(settings(tmp_path, GOOD.replace("payees = []", f"payees = {payees}")))
    assert found.billers.payees == payees


def test_a_logo_is_found_from_wherever_the_face_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "logo.svg").write_text("<svg/>")
    text = GOOD.replace("[staff]", '[brand]\ncolour = ""\nlogo = "logo.svg"\n[staff]')
    brand = read_settings(settings(tmp_path, text)).brand
    assert brand is not None
    assert brand.logo == str(tmp_path / "logo.svg")
    (tmp_path / "logo.svg").write_bytes(bytes(LARGEST_LOGO + 1))
    assert f"a logo has {LARGEST_LOGO} bytes at most" in sentence(settings(tmp_path, text))


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    assert sentence(tmp_path / "none.toml") == "The settings file FILE cannot be read: No such file or directory."


def test_a_folder_instead_of_a_file(tmp_path: Path) -> None:
    assert sentence(tmp_path) == "The settings file FILE cannot be read: Is a directory."


@pytest.mark.parametrize("bytes_", [b"\xff\xfe[kiosk]", b'[kiosk]\nname = "\xe9"', bytes(range(256))])
def test_a_file_that_is_not_text(bytes_: bytes, tmp_path: Path) -> None:
    assert sentence(settings(tmp_path, bytes_)) == "The settings file FILE is not UTF-8 text."


def test_an_empty_file(tmp_path: Path) -> None:
    assert sentence(settings(tmp_path, "")) == "The settings file FILE, at kiosk: it is missing."


def test_a_sentence_never_repeats_a_value(tmp_path: Path) -> None:
    """What stands in the wrong place may be a secret."""
    told = sentence(settings(tmp_path, GOOD.replace('name = "lobby-1"', 'name = "Secret-Word-99"')))
    assert "Secret" not in told
    assert re.search(r"at kiosk\.name: ", told)
