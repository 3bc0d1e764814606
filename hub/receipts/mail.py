"""Receipts by e-mail: plain text over SMTP, never without TLS that proves whose server it is."""

from __future__ import annotations

import datetime as dt
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr

from domain.letters import Letter
from hub.receipts.port import PostAway, PostRefused
from hub.receipts.settings import MailTable

TIME_S = 30.0
"""For each answer of the server."""


class Mail:
    """One server. `password` is empty where it asks for none."""

    def __init__(self, settings: MailTable, password: str, trust: ssl.SSLContext) -> None:
        self._settings = settings
        self._password = password
        self._trust = trust
        self._from = parseaddr(settings.sender)[1]
        self._domain = self._from.rpartition("@")[2]

    def send(self, letter: Letter, key: str, now: dt.datetime) -> None:
        """See Post. A server's 5xx to the address or the letter is its last word (RFC 5321, 4.2.1); to a login it is not."""
        try:
            with self._line() as line:
                line.send_message(self._message(letter, key, now), self._from, [letter.address])
        except smtplib.SMTPRecipientsRefused as error:
            raise _judged(next(iter(error.recipients.values()))[0]) from None  # its text has the address in it
        except smtplib.SMTPDataError as error:
            raise _judged(error.smtp_code) from None
        except smtplib.SMTPResponseException as error:
            raise PostAway(f"smtp-{error.smtp_code}") from None
        except ssl.SSLCertVerificationError:
            raise PostAway("smtp-certificate") from None
        except smtplib.SMTPNotSupportedError:
            raise PostAway("smtp-unsupported") from None
        except OSError:
            raise PostAway("smtp-away") from None
        except ValueError:  # a server's name, a login or a sender that SMTP has no bytes for
            raise PostAway("smtp-setting") from None

    @contextmanager
    def _line(self) -> Iterator[smtplib.SMTP]:
        table = self._settings
        if table.security == "tls":
            line: smtplib.SMTP = smtplib.SMTP_SSL(table.server, table.port, self._domain, timeout=TIME_S, context=self._trust)
        else:
            line = smtplib.SMTP(table.server, table.port, self._domain, timeout=TIME_S)
        try:
            if table.security == "starttls":
                line.starttls(context=self._trust)
            if table.user:
                line.login(table.user, self._password)
            yield line
        finally:
            _hang_up(line)

    def _message(self, letter: Letter, key: str, now: dt.datetime) -> EmailMessage:
        message = EmailMessage(policy=SMTP)
        message["From"] = self._settings.sender
        message["To"] = letter.address
        message["Subject"] = letter.subject
        message["Date"] = format_datetime(now)
        message["Message-ID"] = f"<{key}@{self._domain}>"
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no answering machine answers it
        message.set_content(letter.body)
        message["Content-Language"] = letter.language
        return message


def _hang_up(line: smtplib.SMTP) -> None:
    """Politely (RFC 5321, 4.1.1.10); whether the server answers is no word on the letter, which it has taken or not by now."""
    with suppress(OSError):
        line.quit()
    line.close()


def _judged(code: int) -> PostRefused | PostAway:
    return PostRefused(f"smtp-{code}") if 500 <= code < 600 else PostAway(f"smtp-{code}")
