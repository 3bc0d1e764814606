"""The ways that receipts.toml names, ready to send; none of them is touched before there is a letter."""

from __future__ import annotations

from collections.abc import Mapping

from domain.letters import Channel
from hub.folder import Folder
from hub.receipts.mail import Mail
from hub.receipts.port import Post
from hub.receipts.settings import read_tables, secret, trust
from hub.receipts.texts import Texts


def open_posts(folder: Folder) -> Mapping[Channel, Post]:
    """Raises HubError when a setting, or a file that it names, cannot be used."""
    tables = read_tables(folder)
    posts: dict[Channel, Post] = {}
    if tables.email is not None:
        password = secret(folder, tables.email.password_file) if tables.email.user else ""
        posts[Channel.EMAIL] = Mail(tables.email, password, trust(folder, tables.email.ca_file))
    if tables.text is not None:
        posts[Channel.TEXT] = Texts(tables.text, secret(folder, tables.text.token_file), trust(folder, tables.text.ca_file))
    return posts
