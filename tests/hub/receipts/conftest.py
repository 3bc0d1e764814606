"""A mail server and a gateway, and a data folder that names them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from domain.letters import Channel, Letter
from hub.folder import Folder, write_private
from tests.hub.receipts.servers import PASSWORD, TOKEN, USER, Authority, Box, Gateway, mail_server, text_gateway

LETTER = Letter(Channel.EMAIL, "ada@example.org", "es", "St. Brendan: Recibo", "Importe: $2.50\nإيصال\n")
TEXT = Letter(Channel.TEXT, "+13125550142", "en", "", "St. Brendan: Receipt. Amount: $2.50")

MAIL = f"""
[email]
server = "127.0.0.1"
port = {{port}}
security = "{{security}}"
sender = "St. Brendan <receipts@hospital.example>"
user = "{USER}"
password_file = "smtp-password"
ca_file = "{{ca}}"
"""
TEXTS = """
[text]
url = "{url}"
sender = "+15555550100"
token_file = "text-token"
ca_file = "{ca}"
"""


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def box(authority: Authority) -> Iterator[Box]:
    with mail_server(authority.server) as box:
        yield box


@pytest.fixture
def gateway(authority: Authority) -> Iterator[Gateway]:
    with text_gateway(authority.server) as gateway:
        yield gateway


def settle(folder: Folder, text: str, password: str = PASSWORD, token: str = TOKEN) -> None:
    """Writes receipts.toml and the two secrets."""
    folder.receipts.write_text(text, encoding="utf-8")
    write_private(folder.path / "smtp-password", f"{password}\n".encode())
    write_private(folder.path / "text-token", f"{token}\n".encode())


@pytest.fixture
def data(tmp_path: Path) -> Folder:
    return Folder(tmp_path)
