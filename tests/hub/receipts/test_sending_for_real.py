"""Letters over real SMTP and real HTTPS: what arrives, whom we do not talk to, and what each refusal means."""

from __future__ import annotations

import datetime as dt
import email
import email.policy
import smtplib
from pathlib import Path

import pytest

from domain.letters import Channel
from hub.folder import Folder, HubError
from hub.receipts.opening import open_posts
from hub.receipts.port import PostAway, PostRefused
from tests.hub.receipts.conftest import LETTER, MAIL, TEXT, TEXTS, settle
from tests.hub.receipts.servers import PASSWORD, TOKEN, Authority, Box, Gateway, mail_server

AUTH_ALONE = pytest.mark.filterwarnings("ignore:Requiring AUTH")
"""aiosmtpd does not know that its line has been TLS from the first byte."""

NOW = dt.datetime(2026, 11, 21, 15, 2, tzinfo=dt.UTC)


def send_mail(data: Folder, port: int, ca: Path | str, security: str = "starttls", password: str | None = None) -> None:
    settle(data, MAIL.format(port=port, ca=ca, security=security), **({"password": password} if password else {}))
    open_posts(data)[Channel.EMAIL].send(LETTER, "receipt.pid.1", NOW)


def test_a_letter_arrives_as_it_was_written(data: Folder, authority: Authority, box: Box) -> None:
    send_mail(data, box.port, authority.ca_file)
    ((sender, recipients, raw),) = box.letters
    assert (sender, recipients) == ("receipts@hospital.example", [LETTER.address])
    message = email.message_from_bytes(raw, policy=email.policy.default)
    assert message.get_content().replace("\r\n", "\n") == LETTER.body
    assert message.get_content_type() == "text/plain"
    wanted = {
        "From": '"St. Brendan" <receipts@hospital.example>',
        "To": LETTER.address,
        "Subject": LETTER.subject,
        "Date": "Sat, 21 Nov 2026 15:02:00 +0000",
        "Message-ID": "<receipt.pid.1@hospital.example>",
        "Auto-Submitted": "auto-generated",
        "Content-Language": "es",
    }
    assert {name: str(message[name]) for name in wanted} == wanted


def test_a_server_that_asks_for_no_login_gets_none(data: Folder, authority: Authority) -> None:
    with mail_server(authority.server, login=False) as box:
        text = MAIL.format(port=box.port, ca=authority.ca_file, security="starttls")
        settle(data, "\n".join(line for line in text.splitlines() if not line.startswith(("user", "password_file"))))
        open_posts(data)[Channel.EMAIL].send(LETTER, "receipt.pid.1", NOW)
        assert len(box.letters) == 1


@AUTH_ALONE
def test_port_465_speaks_tls_from_the_first_byte(data: Folder, authority: Authority) -> None:
    with mail_server(authority.server, implicit=True) as box:
        send_mail(data, box.port, authority.ca_file, "tls")
        assert len(box.letters) == 1


@AUTH_ALONE
@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_nobody_else_gets_the_letter_or_the_password(data: Folder, authority: Authority, tmp_path: Path, security: str) -> None:
    stranger = Authority(tmp_path, "a stranger")
    with mail_server(stranger.server, implicit=security == "tls") as box:
        with pytest.raises(PostAway, match="smtp-certificate"):
            send_mail(data, box.port, authority.ca_file, security)
        assert box.letters == []


def test_a_server_without_tls_gets_nothing(data: Folder, authority: Authority) -> None:
    with mail_server(None) as box:
        with pytest.raises(PostAway, match="smtp-unsupported"):
            send_mail(data, box.port, authority.ca_file)
        assert box.letters == []


def test_a_password_that_is_not_right_is_no_last_word(data: Folder, authority: Authority, box: Box) -> None:
    with pytest.raises(PostAway, match="smtp-535"):
        send_mail(data, box.port, authority.ca_file, password="battery staple")


@pytest.mark.parametrize(
    ("where", "said", "error", "code"),
    [
        ("recipient", "550 no such mailbox", PostRefused, "smtp-550"),
        ("recipient", "451 greylisted", PostAway, "smtp-451"),
        ("data", "554 we do not like it", PostRefused, "smtp-554"),
        ("data", "452 the disk is full", PostAway, "smtp-452"),
    ],
)
def test_what_a_server_says_is_told_without_the_address(
    data: Folder, authority: Authority, box: Box, where: str, said: str, error: type[PostRefused | PostAway], code: str
) -> None:
    box.says[where] = said
    with pytest.raises(error) as told:
        send_mail(data, box.port, authority.ca_file)
    assert str(told.value) == code
    assert told.value.__suppress_context__


def test_how_a_server_hangs_up_is_no_word_on_the_letter(data: Folder, authority: Authority, box: Box) -> None:
    box.says["quit"] = "421 too many"
    send_mail(data, box.port, authority.ca_file)
    assert len(box.letters) == 1
    box.says["recipient"] = "550 no such mailbox"
    with pytest.raises(PostRefused, match="smtp-550"):
        send_mail(data, box.port, authority.ca_file)


def test_a_server_that_goes_without_a_word_has_the_letter(
    data: Folder, authority: Authority, box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(_: smtplib.SMTP) -> None:
        raise smtplib.SMTPServerDisconnected

    monkeypatch.setattr(smtplib.SMTP, "quit", gone)
    send_mail(data, box.port, authority.ca_file)
    assert len(box.letters) == 1


def test_nobody_at_the_port_is_tried_again_later(data: Folder, authority: Authority) -> None:
    with mail_server(authority.server) as box:
        port = box.port
    with pytest.raises(PostAway, match="smtp-away"):
        send_mail(data, port, authority.ca_file)


@pytest.mark.parametrize(
    ("right", "wrong", "password"),
    [
        ('"127.0.0.1"', '"mail..example"', PASSWORD),
        ("@hospital.example", "@h\u00f4pital.example", PASSWORD),
        ("St. Brendan", "St.\u2028Brendan", PASSWORD),
        ("", "", "pass\u00e9"),
    ],
)
def test_a_setting_that_cannot_be_sent_is_told_and_ends_no_hub(
    data: Folder, authority: Authority, box: Box, right: str, wrong: str, password: str
) -> None:
    text = MAIL.format(port=box.port, ca=authority.ca_file, security="starttls")
    settle(data, text.replace(right, wrong) if right else text, password)
    with pytest.raises(PostAway, match="smtp-setting"):
        open_posts(data)[Channel.EMAIL].send(LETTER, "receipt.pid.1", NOW)
    assert box.letters == []


# text messages


def send_text(data: Folder, gateway: Gateway, ca: Path | str) -> None:
    settle(data, TEXTS.format(url=gateway.url, ca=ca))
    open_posts(data)[Channel.TEXT].send(TEXT, "receipt.pid.1", NOW)


def test_the_gateway_gets_one_message_with_its_key(data: Folder, authority: Authority, gateway: Gateway) -> None:
    send_text(data, gateway, authority.ca_file)
    ((headers, message),) = gateway.asked
    assert message == {"from": "+15555550100", "to": TEXT.address, "text": TEXT.body}
    assert headers["authorization"] == f"Bearer {TOKEN}"
    assert headers["idempotency-key"] == "receipt.pid.1"


@pytest.mark.parametrize(
    ("status", "error", "code"),
    [(422, PostRefused, "text-422"), (401, PostAway, "text-401"), (429, PostAway, "text-429"), (503, PostAway, "text-503")],
)
def test_what_a_gateway_answers(
    data: Folder, authority: Authority, gateway: Gateway, status: int, error: type[PostRefused | PostAway], code: str
) -> None:
    gateway.answer = status
    with pytest.raises(error, match=code):
        send_text(data, gateway, authority.ca_file)


def test_no_other_gateway_is_told_who_is_meant(data: Folder, gateway: Gateway, tmp_path: Path) -> None:
    with pytest.raises(PostAway, match="text-certificate"):
        send_text(data, gateway, Authority(tmp_path, "another").ca_file)
    assert gateway.asked == []


def test_a_gateway_that_is_gone_is_asked_again_later(data: Folder, authority: Authority, gateway: Gateway) -> None:
    gateway.url = "https://127.0.0.1:1/v1/messages"
    with pytest.raises(PostAway, match="text-away"):
        send_text(data, gateway, authority.ca_file)


@pytest.mark.parametrize(("url", "token"), [("https://gateway.example:port/", TOKEN), ("https://127.0.0.1:1/", "token-\u00e9")])
def test_a_gateway_that_cannot_be_asked_at_all_is_told_and_ends_no_hub(
    data: Folder, authority: Authority, url: str, token: str
) -> None:
    settle(data, TEXTS.format(url=url, ca=authority.ca_file), token=token)
    with pytest.raises(PostAway, match="text-setting"):
        open_posts(data)[Channel.TEXT].send(TEXT, "receipt.pid.1", NOW)


def test_a_gateway_that_has_it_has_it_whatever_else_it_says(data: Folder, authority: Authority, gateway: Gateway) -> None:
    gateway.encoding = "gzip"  # which its body is not
    send_text(data, gateway, authority.ca_file)
    assert len(gateway.asked) == 1


# settings


def test_a_hub_without_settings_offers_nothing(data: Folder) -> None:
    assert open_posts(data) == {}


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        ("[email]\nserver = 'x'\n", "receipts-malformed", "email.port: Field required"),
        ("[email", "receipts-malformed", "cannot be read"),
        (TEXTS.format(url="http://gateway.example", ca=""), "receipts-malformed", "text.url"),
        (
            TEXTS.format(url="https://gateway.example", ca="").replace("text-token", "no-such-file"),
            "secret-unreadable",
            "no-such",
        ),
        (TEXTS.format(url="https://gateway.example", ca="no-such-ca"), "ca-unreadable", "no-such-ca"),
    ],
)
def test_a_mistake_in_the_settings_is_told_in_a_sentence(data: Folder, text: str, code: str, said: str) -> None:
    settle(data, text)
    with pytest.raises(HubError, match=said) as told:
        open_posts(data)
    assert told.value.code == code


def test_a_secret_that_others_can_read_is_not_used(data: Folder) -> None:
    settle(data, TEXTS.format(url="https://gateway.example", ca=""))
    (data.path / "text-token").chmod(0o644)
    with pytest.raises(HubError, match="chmod 600"):
        open_posts(data)
