"""Who is locked out, and who asks for a person: the call comes to the hub's console, and goes once somebody went there."""

from __future__ import annotations

import re
import ssl
from collections.abc import Iterator

import httpx2
import pytest

from demo.bills import birth_digits
from demo.world import World
from hub.bills import Bill
from hub.folder import Folder
from kiosk.visit.finding import MOST_TRIES
from tests.journeys.hall import Hall
from tests.journeys.visitor import Visitor

pytestmark = pytest.mark.xdist_group("journeys")

CALLED = "A member of staff has been called."
NOT_CALLED = "We could not call anyone from here."
LOCKED = "needs help: too many wrong tries"
HELP = "has called for help"


class Desk:
    """A clerk at the hub's console, signed in."""

    def __init__(self, client: httpx2.Client, password: str) -> None:
        self._client = client
        client.post("/sign-in", data={"form": self._form("/sign-in"), "name": "demo", "password": password})

    def sees(self, path: str = "/") -> str:
        return self._client.get(path).text

    def goes(self, why: str) -> None:
        """Presses "I went there" beside the call that says `why`."""
        page = self.sees()
        number = re.findall(r'name="number" value="([0-9]+)"', page[: page.index(why)])[-1]
        done = self._client.post("/calls/answer", data={"form": self._form("/"), "number": number})
        assert done.status_code == 303

    def _form(self, path: str) -> str:
        return str(re.findall(r'name="form" value="([^"]+)"', self.sees(path))[0])


@pytest.fixture
def desk(kiosk: Hall) -> Iterator[Desk]:
    folder = Folder(kiosk.world.hub_folder)
    trust = ssl.create_default_context(cafile=folder.ca_certificate)
    with httpx2.Client(base_url=kiosk.world.hub_url, verify=trust, timeout=30) as client:
        at_desk = Desk(client, folder.demo_password.read_text().strip())
        for why in (LOCKED, HELP):  # of an earlier journey in the same hall
            if why in at_desk.sees():
                at_desk.goes(why)
        yield at_desk


def on_screen(visitor: Visitor) -> list[str]:
    at = visitor.snapshot["overlay"] or visitor.snapshot
    return [said["text"] for said in (at["title"], *at["lines"])]


def may_call(visitor: Visitor) -> bool:
    """True before help is open, too: its button may come with it."""
    overlay = visitor.snapshot["overlay"]
    return overlay is None or "call-staff" in [action["intent"] for action in overlay["actions"]]


def says(visitor: Visitor, sentence: str) -> None:
    while sentence not in on_screen(visitor):
        visitor.read()


def test_a_lock_out_is_on_the_console_until_somebody_went_there(
    kiosk: Hall, world: World, visitor: Visitor, bill: Bill, desk: Desk
) -> None:
    assert LOCKED not in desk.sees()
    kiosk.to_birth_date(visitor, bill)
    wrong = birth_digits(bill.birth_date.replace(year=bill.birth_date.year - 1, day=1), "en")
    for _ in range(MOST_TRIES):
        visitor.type(wrong)
        visitor.touch("next")
        visitor.wait("looking-up")
        visitor.wait("birth-date", "see-desk")
    assert visitor.snapshot["screen"] == "see-desk"
    says(visitor, CALLED)
    for path in ("/", "/calls", "/accounts"):
        assert LOCKED in desk.sees(path)
    assert bill.statement.number not in desk.sees()
    desk.goes(LOCKED)
    assert (LOCKED in desk.sees(), "<bdi>demo</bdi> went there" in desk.sees("/calls")) == (False, True)
    logs = "".join(path.read_text(encoding="utf-8") for path in world.folder.glob("*.log"))
    assert '"staff.called"' in logs


def test_a_touch_under_help_calls_staff_while_the_hub_is_there(kiosk: Hall, visitor: Visitor, bill: Bill, desk: Desk) -> None:
    kiosk.to_statement(visitor, bill)
    visitor.touch("help")
    visitor.touch("call-staff")
    visitor.touch("call-staff")
    says(visitor, CALLED)
    assert desk.sees().count(HELP) == 1
    desk.goes(HELP)
    assert HELP not in desk.sees()
    visitor.touch("stay")
    while visitor.snapshot["overlay"] is not None:
        visitor.read()
    assert visitor.snapshot["screen"] == "statement"


def test_with_the_hub_down_nobody_is_said_to_have_been_called(kiosk: Hall, world: World, visitor: Visitor, bill: Bill) -> None:
    """Whether or not the kiosk has noticed yet: then it offers no call, or says that it could not make it."""
    kiosk.to_statement(visitor, bill)
    world.cut_hub()
    visitor.touch("help")
    visitor.touch("call-staff")
    while NOT_CALLED not in on_screen(visitor) and may_call(visitor):
        visitor.read()
        assert CALLED not in on_screen(visitor)
    world.restore_hub()
