"""The guard that keeps tests on this machine."""

from __future__ import annotations

import socket

import pytest

from tests.conftest import OutsideNetwork


def test_another_machine_cannot_be_reached() -> None:
    with socket.socket() as plug, pytest.raises(OutsideNetwork):
        plug.connect(("192.0.2.1", 80))


def test_nor_by_datagram() -> None:
    with socket.socket(type=socket.SOCK_DGRAM) as plug, pytest.raises(OutsideNetwork):
        plug.sendto(b"", ("192.0.2.1", 53))


def test_nor_looked_up() -> None:
    with pytest.raises(OutsideNetwork):
        socket.getaddrinfo("hub.example", 443)


def test_this_machine_can() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as plug:
        assert plug.getpeername() == server.getsockname()
