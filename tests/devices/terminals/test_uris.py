"""Terminal URIs: what they may say, and the plain sentence that anything else gets."""

from __future__ import annotations

import pytest

from devices.health import Condition
from devices.terminals.uris import open_terminal
from tests.devices.terminals.neo2.bank import Bank


@pytest.mark.parametrize(
    "uri",
    [
        "zvt+serial:///dev/ttyACM0",
        "zvt+serial:///dev/serial/by-id/usb-x?baud=115200&tid=52523535&t1=0.2&t4=20.5",
        "zvt+tcp://10.0.0.5",
        "zvt+tcp://terminal.example:22000/?tid=52523535",
        "zvt+tcp://[fd00::5]:20008?t2=2",
        "zvt+tls://10.0.0.5:22001",
        "zvt+tcp://10.0.0.5?profile=cardcomplete&serial=18632442&config=9e",
        "zvt+tcp://10.0.0.5?profile=gp-pax",
    ],
)
async def test_what_opens(uri: str) -> None:
    assert open_terminal(uri, password="123456", currency="USD").health().condition is Condition.AWAY


@pytest.mark.parametrize(
    ("uri", "says"),
    [
        ("", "no driver speaks"),
        ("/dev/ttyACM0", "no driver speaks"),
        ("neo2+tcp://10.0.0.5:1", "no driver speaks 'neo2"),
        ("zvt+serial://dev/ttyACM0", "names its device"),
        ("zvt+serial:///", "names its device"),
        ("zvt+serial:///dev/x?baud=fast", "baud"),
        ("zvt+serial:///dev/x?baud=", "baud"),
        ("zvt+serial:///dev/x?tid=1234", "tid"),
        ("zvt+serial:///dev/x?ca=/x", "no option ca"),
        ("zvt+tcp://10.0.0.5?baud=9600", "no option baud"),
        ("zvt+tcp://", "names its host"),
        ("zvt+tcp:///dev/x", "names its host"),
        ("zvt+tcp://10.0.0.5/dev/x", "names its host"),
        ("zvt+tcp://me@10.0.0.5", "names its host"),
        ("zvt+tcp://10.0.0.5:99999", "names its host"),
        ("zvt+tls://10.0.0.5", "names its host and port: zvt.tls"),
        ("zvt+tls://10.0.0.5:22001?ca=/nowhere", "no certificate"),
        ("zvt+tcp://10.0.0.5?profile=acme", "profile is one of plain, cardcomplete"),
        ("zvt+tcp://10.0.0.5?config=b", "two hex digits"),
        ("zvt+tcp://10.0.0.5?config=8e", "must have the bits 10 with the profile plain"),
        ("zvt+tcp://10.0.0.5?config=9e&profile=gp-pax", "must have the bits 30 with the profile gp-pax"),
        ("zvt+serial:///dev/x?t9=1", "nobody knows: t9"),
        ("zvt+serial:///dev/x?t4=soon", "number of seconds"),
        ("zvt+serial:///dev/x?t4=0", "longer than nothing"),
        ("zvt+serial:///dev/x?t4=1&t4=2", "twice"),
        ("zvt+serial:///dev/x?t4", "bad query field"),
    ],
)
async def test_what_does_not(uri: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        open_terminal(uri, password="123456", currency="USD")


@pytest.mark.parametrize(("password", "currency", "says"), [("12345", "USD", "six digits"), ("123456", "XXX", "XXX")])
async def test_settings_that_cannot_be(password: str, currency: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        open_terminal("zvt+serial:///dev/x", password=password, currency=currency)


NEO2 = "neo2+serial:///dev/ttyACM1"


@pytest.mark.parametrize(
    "uri",
    [
        NEO2,
        f"{NEO2}?serial=630Z000001&baud=9600&tamper=04f0&card=90&answer=2.5",
        "neo2+hid:///dev/hidraw0?serial=630Z000001",
    ],
)
async def test_what_opens_a_reader(uri: str) -> None:
    terminal = open_terminal(uri, password="", currency="USD", authorizer=Bank(), captures=True)
    assert terminal.health().condition is Condition.AWAY
    assert terminal.capabilities.protocol == "neo2"


@pytest.mark.parametrize(
    ("uri", "says"),
    [
        ("neo2+serial://dev/ttyACM1", "names its device"),
        ("neo2+hid:///", "names its device"),
        (f"{NEO2}?baud=fast", "baud"),
        ("neo2+hid:///dev/hidraw0?baud=9600", "nobody knows: baud"),
        (f"{NEO2}?serial=1234567890123456", "15 letters"),
        (f"{NEO2}?tamper=4", "four hex digits"),
        (f"{NEO2}?t4=1", "nobody knows: t4"),
        (f"{NEO2}?card=256", "1 to 255"),
        (f"{NEO2}?card=1.5", "1 to 255"),
        (f"{NEO2}?idle=61", "at most a minute"),
        (f"{NEO2}?answer=0", "longer than nothing"),
        (f"{NEO2}?recovery=20000", "hours"),
    ],
)
async def test_what_opens_no_reader(uri: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        open_terminal(uri, password="", currency="USD", authorizer=Bank())


async def test_a_reader_without_a_hub_or_for_money_that_nobody_knows() -> None:
    with pytest.raises(ValueError, match="needs a hub"):
        open_terminal(NEO2, password="123456", currency="USD")
    with pytest.raises(ValueError, match="XXX"):
        open_terminal(NEO2, password="123456", currency="XXX", authorizer=Bank())
