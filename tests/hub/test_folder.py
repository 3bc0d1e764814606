"""The data folder: keys and database as a stranger with the disk sees them, and what happens when a part is missing."""

from __future__ import annotations

import datetime as dt
import json
import re
from pathlib import Path

import pytest
import sqlcipher3.dbapi2 as sqlcipher
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from cryptography import x509
from sqlalchemy import text

from hub.authority import issue_server_certificate
from hub.folder import Folder, HubError
from hub.hub import Hub, open_hub
from hub.schema import metadata
from hub.store import open_store

NOW = dt.datetime(2026, 11, 21, 15, 0, tzinfo=dt.UTC)


def test_the_migrated_schema_is_the_one_in_the_code(hub: Hub) -> None:
    with hub.store.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_a_short_reference_is_looked_up_by_an_index(hub: Hub) -> None:
    with hub.store.reading() as connection:
        plan = connection.exec_driver_sql("EXPLAIN QUERY PLAN SELECT * FROM payments WHERE reference = 'GVHYIWXE'").all()
    assert "USING INDEX ix_payments_reference" in str(plan)


def test_the_database_is_durable_and_foreign_keys_hold(hub: Hub) -> None:
    with hub.store.reading() as connection:
        pragmas = {
            name: connection.execute(text(f"PRAGMA {name}")).scalar() for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


def test_nothing_in_the_folder_is_readable_by_others_or_in_clear(hub: Hub, folder: Folder) -> None:
    files = [path for path in folder.path.iterdir() if path.name != "lock"]
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}
    assert not any(b"Alvarez" in path.read_bytes() or b"SQLite format" in path.read_bytes() for path in files)
    assert "Keys(...)" in repr(hub)


def test_the_folder_of_a_first_start_is_its_owners_alone(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "new")
    folder.make()
    assert folder.path.stat().st_mode & 0o777 == 0o700


def test_a_second_start_finds_what_the_first_made(hub: Hub, folder: Folder) -> None:
    again = open_hub(folder)
    assert again.keys.links == hub.keys.links
    assert again.keys.sealing.keys() == hub.keys.sealing.keys()
    assert again.keys.authority.fingerprint == hub.keys.authority.fingerprint
    assert again.generation == 1
    again.store.close()


def test_a_restored_hub_says_so(folder: Folder) -> None:
    folder.generation.write_text("7\n")
    hub = open_hub(folder)
    assert hub.generation == 7
    hub.store.close()


def test_a_public_host_is_printed_first_and_the_old_one_stays_good(folder: Folder) -> None:
    open_hub(folder, public_host="pay.city-hospital.example").store.close()
    hub = open_hub(folder)
    hub.store.close()
    assert hub.keys.hosts == ("pay.city-hospital.example", "pay.lobbypay.example")


def test_the_server_certificate_is_valid_now_for_every_host(hub: Hub, folder: Folder) -> None:
    issue_server_certificate(folder, hub.keys.hosts, NOW)
    ca = x509.load_pem_x509_certificate(folder.ca_certificate.read_bytes())
    server = x509.load_pem_x509_certificate(folder.server_certificate.read_bytes())
    server.verify_directly_issued_by(ca)
    assert server.not_valid_before_utc < NOW < server.not_valid_after_utc
    names = server.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert set(names.get_values_for_type(x509.DNSName)) == {"localhost", "pay.lobbypay.example"}
    assert str(names.get_values_for_type(x509.IPAddress)[0]) == "127.0.0.1"


def _no_key(folder: Folder) -> None:
    folder.database_key.unlink()


def _other_key(folder: Folder) -> None:
    folder.database_key.write_text("00" * 32)


def _torn_secrets(folder: Folder) -> None:
    folder.secrets.write_bytes(folder.secrets.read_bytes()[:40])


def _torn_generation(folder: Folder) -> None:
    folder.generation.write_text("many")


def _other_ca_key(folder: Folder) -> None:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    pem = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    folder.ca_key.write_bytes(Ed25519PrivateKey.generate().private_bytes(*pem))


@pytest.mark.parametrize(
    ("damage", "code"),
    [
        (_no_key, "database-key-missing"),
        (_other_key, "database-unreadable"),
        (_torn_secrets, "keys-unreadable"),
        (_torn_generation, "generation-unreadable"),
        (_other_ca_key, "ca-unreadable"),
    ],
)
def test_a_damaged_folder_is_refused_and_left_as_it_is(folder: Folder, damage: object, code: str) -> None:
    assert callable(damage)
    damage(folder)
    before = {path.name: path.read_bytes() for path in folder.path.iterdir() if not path.name.startswith("hub.db")}
    with pytest.raises(HubError) as caught:
        open_hub(folder)
    assert caught.value.code == code
    after = {path.name: path.read_bytes() for path in folder.path.iterdir() if not path.name.startswith("hub.db")}
    assert {name: after[name] for name in before if name != "lock"} == {n: b for n, b in before.items() if n != "lock"}


@pytest.mark.parametrize("host", ["", "Not A Host", "-x", "a" * 100])
def test_a_host_that_is_none_is_refused(folder: Folder, host: str) -> None:
    with pytest.raises(HubError):
        open_hub(folder, public_host=host)


def test_a_folder_that_cannot_be_made_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(HubError) as caught:
        open_hub(Folder(tmp_path / "file" / "data"))
    assert caught.value.code == "folder-unwritable"


def test_an_old_sqlite_is_not_trusted(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlcipher, "sqlite_version_info", (3, 40, 1))
    with pytest.raises(HubError) as caught:
        open_store(folder)
    assert caught.value.code == "sqlite-too-old"


def test_a_link_key_has_a_name_of_one_character(hub: Hub, folder: Folder) -> None:
    assert all(re.fullmatch("[A-Z2-7]", kid) and len(key) == 32 for kid, key in hub.keys.links.items())
    assert set(json.loads(folder.secrets.read_bytes())) == {"sealing", "links", "hosts", "pins"}
