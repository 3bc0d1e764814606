"""A biller profile's file: what it says arrives, and every mistake is told by its key."""

from __future__ import annotations

import base64
import datetime as dt
import re
import tomllib
from pathlib import Path

import pytest

from domain.biller_files import ProfileError, parse_profile
from domain.biller_profiles import Algorithm, Reading, read_code
from domain.statement_codes import MacKey, RefKind, Refusal, StatementRef, mac
from kiosk.billers import SHIPPED, shipped
from tests.billers import NO_LINKS, TODAY

GOOD = """
name = "acme"
about = "Acme's coupon"
kind = "biller"
scheme = "ACME"
symbologies = ["Code128"]
length = 12
starts = "AC"
pattern = 'AC(?P<account>[0-9]{9})(?P<check>[0-9X])'
reference = "{account}"
checks = [{ algorithm = "mod11", over = "{account}", digits = "{check}" }]
"""

SECRET = b"acme's own secret"
SIGNED = f"""
name = "acme-link"
about = "Acme's links"
kind = "biller"
scheme = "ACME"
symbologies = ["QRCode"]
length = [30, 80]
starts = "HTTPS://"
pattern = 'HTTPS://(?P<host>[A-Z.]+)/P/(?P<account>[0-9]{{9}})/(?P<key>[0-9]{{2}})(?P<mac>[A-Z2-7]{{10}})'
reference = "{{account}}"
checks = [{{ algorithm = "hmac-sha256", over = "{{host}}/{{account}}/{{key}}", digits = "{{mac}}", length = 10 }}]
[link]
hosts = ["BILLS.ACME.EXAMPLE"]
[link.keys]
01 = {{ secret = "{base64.b64encode(SECRET).decode()}", until = 2026-03-31 }}
02 = {{ secret = "{base64.b64encode(SECRET + b"2").decode()}" }}
"""


def test_what_the_integrators_page_teaches_is_so() -> None:
    page = (Path(__file__).parents[2] / "docs" / "biller-profiles.md").read_text(encoding="utf-8")
    settings, acme, link = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    taught = parse_profile(acme, NO_LINKS, None).read("Code128", "AC0000137391", TODAY)
    assert isinstance(taught, Reading)
    assert taught.ref == StatementRef(RefKind.BILLER, "ACME/000013739")
    signed = acme.replace('"Code128"', '"QRCode"').replace("length = 12", "length = [30, 80]").replace('starts = "AC"\n', "")
    head = "".join(line + "\n" for line in signed.splitlines() if not line.startswith(("pattern", "checks")))
    assert parse_profile(head + link, NO_LINKS, None).links is not None
    assert set(tomllib.loads(settings)["billers"]) == {"profiles", "payees"}
    assert all(f"| `{name}` |" in page for name in shipped())
    reasons = set(re.findall(r"`(code-[a-z-]+)`", page))
    assert reasons == set(Refusal) - {Refusal.LENGTH, Refusal.CHECK}  # those are of typing


def test_a_file_is_what_it_says() -> None:
    profile = parse_profile(GOOD, NO_LINKS, None)
    assert (profile.name, profile.kind, profile.scheme, profile.starts) == ("acme", RefKind.BILLER, "ACME", "AC")
    assert (profile.shortest, profile.longest, profile.symbologies) == (12, 12, frozenset({"Code128"}))
    assert profile.checks[0].algorithm is Algorithm.MOD11
    assert (profile.checks[0].weights, profile.checks[0].answers) == ((2, 3, 4, 5, 6, 7), "0X987654321")
    assert (profile.payee, profile.payees, profile.links, profile.printed_amount) == ("", None, None, "")
    taken = profile.read("Code128", "AC0000137391", TODAY)
    assert taken == Reading("acme", StatementRef(RefKind.BILLER, "ACME/000013739"), "000013739", "", "")


def test_weights_and_answers_are_the_billers() -> None:
    aba = GOOD.replace('"mod11"', '"weighted", weights = [7, 3, 1], answers = "0987654321"').replace("[0-9]{9}", "[0-9]{8}")
    profile = parse_profile(aba.replace("length = 12", "length = 11"), NO_LINKS, None)
    assert read_code("Code128", "AC111000025", [profile], TODAY) == StatementRef(RefKind.BILLER, "ACME/11100002")
    assert read_code("Code128", "AC111000024", [profile], TODAY) == Refusal.MISREAD


def signed(host: str, key: str, secret: bytes) -> str:
    return f"HTTPS://{host}/P/123456789/{key}{mac(secret, f'{host}/123456789/{key}', 10)}"


def test_a_biller_may_sign_links_of_its_own() -> None:
    profiles = [parse_profile(SIGNED, NO_LINKS, None)]
    assert profiles[0].links is not None
    assert profiles[0].links.keys == {"01": MacKey(SECRET, dt.date(2026, 3, 31)), "02": MacKey(SECRET + b"2")}

    def answer(host: str, key: str, secret: bytes, today: dt.date = TODAY) -> StatementRef | Refusal:
        return read_code("QRCode", signed(host, key, secret), profiles, today)

    ours = "BILLS.ACME.EXAMPLE"
    assert answer(ours, "01", SECRET) == StatementRef(RefKind.BILLER, "ACME/123456789")
    assert answer(ours, "02", SECRET + b"2", dt.date(2030, 1, 1)) == StatementRef(RefKind.BILLER, "ACME/123456789")
    assert answer(ours, "01", SECRET, dt.date(2026, 4, 1)) == Refusal.KEY_EXPIRED
    assert answer(ours, "02", SECRET) == Refusal.FORGED
    assert answer(ours, "03", SECRET) == Refusal.KEY_UNKNOWN
    assert answer("BILLS.EVIL.EXAMPLE", "01", SECRET) == Refusal.OTHER_HOST


CHECK = 'checks = [{ algorithm = "mod11", over = "{account}", digits = "{check}" }]'
WRONG = {
    "not TOML": ("length = 12", "length", "", "it is not TOML: "),
    "no length": ("length = 12\n", "", "length", "it is missing"),
    "no length worth the name": ("length = 12", "length = 3", "length.0", "Input should be greater than or equal to 4"),
    "too long": ("length = 12", "length = 1001", "length.0", "Input should be less than or equal to 1000"),
    "one end of a length": ("length = 12", "length = [12]", "length", "List should have at least 2 items"),
    "a length turned round": ("length = 12", "length = [12, 10]", "length", "the shortest comes first"),
    "no check": (CHECK + "\n", "", "checks", "it is missing"),
    "an empty list of checks": (CHECK, "checks = []", "checks", "List should have at least 1 item"),
    "a check of something else": ('over = "{account}"', 'over = "{check}"', "checks", "none of them vouches for 'account'"),
    "a check of nothing": ('over = "{account}"', 'over = "account"', "checks", "none of them vouches for"),
    "a check without digits": ('digits = "{check}"', 'digits = "7"', "checks.0", "over and digits each name a field"),
    "an unknown algorithm": ('"mod11"', '"crc"', "checks.0.algorithm", "Input should be 'luhn', "),
    "an unknown key": ('starts = "AC"', 'start = "AC"', "start", "there is no such key"),
    "a field that is not there": ('reference = "{account}"', 'reference = "{acount}"', "reference", "has no field 'acount'"),
    "a check's field that is not there": ("over = \"{account}\"", "over = \"{a}\"", "checks.0.over", "has no field 'a'"),
    "a payee's field that is not there": ('starts = "AC"', 'payee = "{iban}"', "payee", "has no field 'iban'"),
    "a reference that is always the same": ('reference = "{account}"', 'reference = "1"', "reference", "it names no field"),
    "no regular expression": ("(?P<account>", "(?P<account", "pattern", "it is no regular expression of RE2's: "),
    "a pattern that looks around": ("(?P<account>", "(?!0)(?P<account>", "pattern", "invalid perl operator: (?!"),
    "a pattern that refers back": ("[0-9X])'", "[0-9X])\\1'", "pattern", "invalid escape sequence: \\1"),
    "a pattern that is much work": ("[0-9]{9}", "[^x]{1,900}", "pattern", "it is too much work for each code: count less"),
    "a group that is no field": ("'AC(?P", "'(AC)(?P", "pattern", "each group is a field with a name of its own"),
    "one name for two groups": ("'AC(?P", "'(?P<account>AC)(?P", "pattern", "each group is a field with a name of its own"),
    "too many fields": (
        "'AC(?P", "'" + "".join(f"(?P<f{each}>)" for each in range(11)) + "AC(?P", "pattern", "it has more than 12 fields",
    ),
    "a part of a pattern that is no text": (
        "pattern = 'AC", "pattern = [1]\nother = 'AC", "pattern", "Input should be a valid string",
    ),
    "nothing but its check digit": (
        'reference = "{account}"', 'reference = "{check}"', "checks", "none of them vouches for 'check'",
    ),
    "a field that vouches for itself": ('digits = "{check}"', 'digits = "{account}"', "checks.0", "no field vouches for itself"),
    "one answer for all": ('"mod11"', '"mod11", answers = "00000000000"', "checks.0.answers", "'0' answers more than two"),
    "a kind of barcode that is not for bills": ('["Code128"]', '["EAN13"]', "symbologies", "'EAN13' is none of Code128, "),
    "no kind of barcode": ('["Code128"]', "[]", "symbologies", "List should have at least 1 item"),
    "a biller without scheme": ('scheme = "ACME"\n', "", "scheme", "it goes with kind = 'biller'"),
    "a scheme without biller": ('kind = "biller"', 'kind = "number"', "scheme", "it goes with kind = 'biller'"),
    "ITF of any length": (
        '["Code128"]\nlength = 12', '["ITF"]\nlength = [10, 12]', "length", "with ITF there is one length only",
    ),
    "weighted without weights": ('"mod11"', '"weighted"', "checks.0", "weighted needs weights and answers"),
    "weights for Luhn": ('"mod11"', '"luhn", weights = [1]', "checks.0", "weights and answers go with mod11 and weighted"),
    "answers for Luhn": ('"mod11"', '"luhn", answers = "0987654321"', "checks.0", "weights and answers go with"),
    "too few answers": ('"mod11"', '"mod11", answers = "0987654321"', "checks.0.answers", "mod 11 has eleven remainders"),
    "a weight that sees nothing": ('"mod11"', '"mod11", weights = [2, 22]', "checks.0.weights", "22 times the ten digits"),
    "a weight that sees half of all mistakes": (
        '"mod11"', '"weighted", weights = [1, 5], answers = "0987654321"', "checks.0.weights", "5 times the ten digits leaves 2 ",
    ),
    "a MAC's length for Luhn": ('"mod11"', '"luhn", length = 10', "checks.0.length", "it goes with hmac-sha256"),
    "links for Luhn": (CHECK, CHECK + '\nsigned_by_hub = true', "link", "a check by hmac-sha256 has"),
}  # fmt: skip


def test_a_number_that_never_was_given_out_may_have_many_remainders() -> None:
    parse_profile(GOOD.replace('"mod11"', '"mod11", answers = "01234567---"'), NO_LINKS, None)


@pytest.mark.parametrize("name", WRONG)
def test_a_mistake_is_told_by_its_key(name: str) -> None:
    before, after, key, why = WRONG[name]
    assert GOOD.count(before) == 1
    with pytest.raises(ProfileError) as caught:
        parse_profile(GOOD.replace(before, after), NO_LINKS, None)
    assert caught.value.key == key
    assert why in caught.value.why
    assert str(caught.value) == (f"at {key}: {caught.value.why}" if key else caught.value.why)


NUMBER = (SHIPPED / "lobbypay-number.toml").read_text(encoding="utf-8")
LINK = (SHIPPED / "lobbypay-link.toml").read_text(encoding="utf-8")
BY_LUHN = '{ algorithm = "luhn", over = "{opaque}", digits = "{mac}" }'
BY_HMAC = '{ algorithm = "hmac-sha256", over = "S1|{host}|{key}|{opaque}", digits = "{mac}", length = 12 }'
NEEDS_HMAC = "a link needs hmac-sha256 over all of host, key, opaque"

WEAK = {
    "our number by Luhn": (NUMBER, '"mod97-10"', '"luhn"', "a number needs mod97-10 over all of number"),
    "our number by half of it": (
        NUMBER.replace('"{number}"\nchecks', '"{half}{number}"\nchecks').replace("(?P<number>", "(?P<half>[0-9]{5})(?P<number>"),
        ' digits = "{check}" }', ' digits = "{check}" }, { algorithm = "luhn", over = "{half}", digits = "{check}" }',
        "a number needs mod97-10 over all of half, number",
    ),
    "our link by Luhn": (LINK.replace("signed_by_hub = true", ""), BY_HMAC, BY_LUHN, NEEDS_HMAC),
    "our link whatever the host": (LINK, "{host}|", "", NEEDS_HMAC),
    "our link whatever the key": (LINK, "{key}|", "", NEEDS_HMAC),
    "our link whatever the id": (LINK, BY_HMAC, f"{BY_HMAC.replace('{opaque}', '')}, {BY_LUHN}", NEEDS_HMAC),
}  # fmt: skip


@pytest.mark.parametrize("name", WEAK)
def test_our_own_forms_have_the_checks_that_we_print(name: str) -> None:
    """A site's own profile of our statements is no weaker than ours: whoever passes it may be believed without the hub."""
    text, before, after, why = WEAK[name]
    assert text.count(before) == 1
    with pytest.raises(ProfileError) as caught:
        parse_profile(text.replace(before, after), NO_LINKS, None)
    assert (caught.value.key, caught.value.why) == ("checks", why)


WRONG_LINK = {
    "a MAC of three characters": ("length = 10", "length = 3", "checks.0.length", "greater than or equal to 10"),
    "a MAC without length": (", length = 10", "", "checks.0.length", "it goes with hmac-sha256"),
    "no host": ("(?P<host>[A-Z.]+)", "A", "checks.0.over", "has no field 'host'"),
    "a host in small letters": ('"BILLS.ACME.EXAMPLE"', '"bills.acme.example"', "link.hosts.0", "match pattern"),
    "a secret that is none": (base64.b64encode(SECRET).decode(), "secret", "link.keys.01.secret", "it is not base64"),
    "a weak secret": (
        base64.b64encode(SECRET).decode(), base64.b64encode(SECRET[:15]).decode(),
        "link.keys.01.secret", "it has fewer than 16 bytes",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG_LINK)
def test_a_mistake_about_links_is_told_by_its_key(name: str) -> None:
    before, after, key, why = WRONG_LINK[name]
    with pytest.raises(ProfileError) as caught:
        parse_profile(SIGNED.replace(before, after), NO_LINKS, None)
    assert (caught.value.key, why in caught.value.why) == (key, True)


@pytest.mark.parametrize("field", ["host", "key"])
def test_a_link_has_a_host_and_a_key(field: str) -> None:
    with pytest.raises(ProfileError, match=f"at pattern: a link has a field '{field}'"):
        parse_profile(SIGNED.replace(f"?P<{field}>", "?:").replace(f"{{{field}}}", "X"), NO_LINKS, None)


def test_a_check_names_a_field_on_both_sides() -> None:
    """One that vouches for the reference beside one that compares nothing with nothing."""
    bare = '{ algorithm = "luhn", over = "12", digits = "{check}" }, { algorithm'
    with pytest.raises(ProfileError, match=r"at checks\.0: over and digits each name a field"):
        parse_profile(GOOD.replace("{ algorithm", bare), NO_LINKS, None)


def test_two_sources_of_keys_are_one_too_many() -> None:
    with pytest.raises(ProfileError, match="at link: "):
        parse_profile(SIGNED.replace("[link]", "signed_by_hub = true\n[link]"), NO_LINKS, None)


def test_a_link_without_hosts_and_keys_is_no_profile() -> None:
    with pytest.raises(ProfileError, match="at link: a check by hmac-sha256 has"):
        parse_profile(SIGNED.partition("[link]")[0], NO_LINKS, None)
