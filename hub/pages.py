"""The console: pages for the billing office behind a sign-in, and the public receipt check. Plain HTML, no scripts."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, TypeVar
from urllib.parse import parse_qsl

from fastapi import APIRouter, Query, Request
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sqlalchemy import Connection

from domain.money import Money, format_money
from domain.payment import attempt_id_of, receipt_code
from hub import views
from hub.bills import find_bill
from hub.calls import Call, answer_call, open_calls, past_calls
from hub.folder import HubError
from hub.hub import Hub
from hub.ledger import posting_id
from hub.paper.language import Language
from hub.requests import bounded_body
from hub.second_thoughts import DeclineReason, decline, try_again
from hub.signing_in import (
    FORM_COOKIE,
    SESSION_COOKIE,
    form_is_ours,
    new_token,
    set_cookie,
    sign_in,
    sign_out,
    signed_in_user,
    watching_user,
)
from hub.tasks import MOST_NOTE, close_by_hand, finish_task, open_again
from hub.tries import Tries

SIGN_IN_TRIES = 5
SIGN_IN_WINDOW_S = 900.0

_HERE = Path(__file__).parent
_LOCALE = "en_US"
_T = TypeVar("_T")
_Known = Callable[[Hub, Request], str | None]

CALLS_EVERY_S = 15
"""How often the page of calls asks for itself again."""


class SignInFirst(Exception):
    """A page that is for staff was asked for by nobody known."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Who looks at a page of the console; `calls` are the kiosks at which somebody waits, which every page says at its top."""

    name: str
    calls: tuple[Call, ...]


def page_routes(console: Console) -> APIRouter:
    router = APIRouter(include_in_schema=False)
    router.add_api_route("/sign-in", console.sign_in_page, methods=["GET"])
    router.add_api_route("/sign-in", console.post_sign_in, methods=["POST"])
    router.add_api_route("/sign-out", console.post_sign_out, methods=["POST"])
    router.add_api_route("/", console.dashboard, methods=["GET"])
    router.add_api_route("/accounts", console.accounts, methods=["GET"])
    router.add_api_route("/accounts/{number}", console.account, methods=["GET"])
    router.add_api_route("/statements/{number}.pdf", console.statement_pdf, methods=["GET"])
    router.add_api_route("/statements/{number}", console.statement, methods=["GET"])
    router.add_api_route("/payments", console.payments, methods=["GET"])
    router.add_api_route("/payments/{pid}", console.payment, methods=["GET"])
    router.add_api_route("/payments/{pid}/decline", console.post_decline, methods=["POST"])
    router.add_api_route("/tasks", console.tasks, methods=["GET"])
    router.add_api_route("/tasks/try-again", console.post_try_again, methods=["POST"])
    router.add_api_route("/tasks/close", console.post_close, methods=["POST"])
    router.add_api_route("/tasks/open-again", console.post_open_again, methods=["POST"])
    router.add_api_route("/tasks/done", console.post_done, methods=["POST"])
    router.add_api_route("/calls", console.calls, methods=["GET"])
    router.add_api_route("/calls/answer", console.post_answer, methods=["POST"])
    router.add_api_route("/R1/{code}", console.receipt, methods=["GET"])
    router.add_api_route("/r1/{code}", console.receipt, methods=["GET"])
    router.add_api_route("/style.css", _style, methods=["GET"])
    return router


async def _style() -> Response:
    return FileResponse(_HERE / "templates" / "style.css", media_type="text/css")


class Console:
    """What each page's address answers."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._tries = Tries(SIGN_IN_TRIES, SIGN_IN_WINDOW_S, hub.world.monotonic)
        self._templates = Environment(
            loader=FileSystemLoader(_HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.filters.update(
            money=_money, minor=_minor, day=_day, moment=_moment, day_here=_day_here, posting=posting_id, grouped=_grouped
        )
        self._templates.filters.update(receipt_code=receipt_code, hour=_hour)

    async def sign_in_page(self, request: Request) -> Response:
        return self._show(request, "sign_in.html", problem="")

    async def post_sign_in(self, request: Request) -> Response:
        form = await _posted(request)
        name = form.get("name", "")[:64]
        if not form_is_ours(request, form.get("form", "")):
            return self._show(request, "sign_in.html", 403, problem="This form had grown old. Please sign in again.")
        address = request.client.host if request.client else ""
        keys = (f"address {address}", f"name {name}")
        if any(self._tries.take(key) for key in keys):
            return self._show(request, "sign_in.html", 429, problem="Too many tries. Please wait a quarter of an hour.")
        token = await asyncio.to_thread(sign_in, self._hub, name, form.get("password", ""))
        if token is None:
            return self._show(request, "sign_in.html", 401, problem="Name or password is not right.")
        for key in keys:
            self._tries.give_back(key)
        response = RedirectResponse("/", 303)
        set_cookie(response, SESSION_COOKIE, token)
        return response

    async def post_sign_out(self, request: Request) -> Response:
        form = await _posted(request)
        if not form_is_ours(request, form.get("form", "")):
            return self._show(request, "problem.html", 403, problem="This form had grown old. Please go back and try again.")
        await asyncio.to_thread(sign_out, self._hub, request.cookies.get(SESSION_COOKIE, ""))
        response = RedirectResponse("/sign-in", 303)
        response.delete_cookie(SESSION_COOKIE, path="/", secure=True, httponly=True, samesite="strict")
        return response

    async def dashboard(self, request: Request) -> Response:
        user = await self._user(request)
        board = await self._read(lambda connection: views.dashboard(connection, self._midnight()))
        return self._show(request, "dashboard.html", user=user, board=board)

    def _midnight(self) -> dt.datetime:
        return self._hub.world.clock().astimezone().replace(hour=0, minute=0, second=0, microsecond=0)

    async def accounts(self, request: Request, q: Annotated[str, Query(max_length=100)] = "") -> Response:
        user = await self._user(request)
        found = await self._read(lambda connection: views.account_lines(connection, q))
        return self._show(
            request, "accounts.html", user=user, query=q, accounts=found[: views.MOST_ACCOUNTS], more=found[views.MOST_ACCOUNTS :]
        )

    async def account(self, request: Request, number: str) -> Response:
        user = await self._user(request)
        account = await self._read(lambda connection: views.account_page(connection, number))
        return self._found(request, "account.html", user, account=account)

    async def statement(self, request: Request, number: str) -> Response:
        user = await self._user(request)
        statement = await self._read(lambda connection: views.statement_page(connection, number))
        return self._found(request, "statement.html", user, statement=statement)

    async def statement_pdf(self, request: Request, number: str, lang: Language = Language.EN) -> Response:
        user = await self._user(request)
        try:
            pdf = await asyncio.to_thread(_drawn, self._hub, number, lang)
        except HubError as error:
            return self._show(request, "problem.html", 409, user=user, problem=str(error))
        if pdf is None:
            return self._found(request, "problem.html", user, problem=None)
        name = {"Content-Disposition": f'attachment; filename="statement-{number}.pdf"'}
        return Response(pdf, media_type="application/pdf", headers=name)

    async def payments(
        self,
        request: Request,
        page: Annotated[int, Query(ge=1, le=10_000)] = 1,
        q: Annotated[str, Query(max_length=100)] = "",
        unsent: bool = False,
    ) -> Response:
        """All, what `q` names, or those of which a receipt could not be sent."""
        user = await self._user(request)
        where = (views.unsent(self._midnight()),) if unsent else ()

        def look(connection: Connection) -> list[views.PaymentLine]:
            return views.payments_named(connection, q) if q.strip() else views.payment_lines(connection, *where, page=page)

        found = await self._read(look)
        return self._show(
            request, "payments.html", user=user, payments=found, page=page, query=q.strip(), unsent=unsent, most=views.PAGE
        )

    async def payment(self, request: Request, pid: str) -> Response:
        user = await self._user(request)
        payment = await self._read(lambda connection: views.payment_page(connection, pid))
        return self._found(request, "payment.html", user, payment=payment, reasons=tuple(DeclineReason))

    async def post_decline(self, request: Request, pid: str) -> Response:
        def run(form: dict[str, str], user: str) -> str:
            if form.get("reason") not in {reason.value for reason in DeclineReason}:
                raise HubError("no-reason", "Please choose what the bank said.")
            decline(self._hub, pid, DeclineReason(form["reason"]), user)
            return f"/payments/{pid}"

        return await self._act(request, run)

    async def tasks(self, request: Request) -> Response:
        user = await self._user(request)
        now = self._hub.world.clock()
        found = await self._read(lambda connection: views.open_tasks(connection, now))
        return self._show(request, "tasks.html", user=user, tasks=found, most=MOST_NOTE)

    async def post_try_again(self, request: Request) -> Response:
        def run(form: dict[str, str], user: str) -> str:
            try_again(self._hub, _number(form), user)
            return "/tasks"

        return await self._act(request, run)

    async def post_close(self, request: Request) -> Response:
        def run(form: dict[str, str], user: str) -> str:
            with self._hub.store.writing() as connection:
                close_by_hand(connection, _number(form), form.get("note", ""), user, self._hub.world.clock())
            return "/tasks"

        return await self._act(request, run)

    async def post_open_again(self, request: Request) -> Response:
        def run(form: dict[str, str], user: str) -> str:
            with self._hub.store.writing() as connection:
                open_again(connection, _number(form), user, self._hub.world.clock())
            return "/tasks"

        return await self._act(request, run)

    async def post_done(self, request: Request) -> Response:
        def run(form: dict[str, str], user: str) -> str:
            with self._hub.store.writing() as connection:
                finish_task(connection, _number(form), user, self._hub.world.clock())
            return "/tasks"

        return await self._act(request, run)

    async def calls(self, request: Request) -> Response:
        """Asks for itself again: it stands open at the front desk all day. Hence it shows nothing of any patient."""
        user = await self._user(request, watching_user)
        now = self._hub.world.clock()
        past = await self._read(lambda connection: past_calls(connection, now))
        return self._show(request, "calls.html", user=user, past=past, every=CALLS_EVERY_S)

    async def post_answer(self, request: Request) -> Response:
        def run(form: dict[str, str], user: str) -> str:
            with self._hub.store.writing() as connection:
                answer_call(connection, _number(form), user, self._hub.world.clock())
            return "/calls"

        return await self._act(request, run, watching_user)

    async def receipt(self, request: Request, code: str) -> Response:
        """Anyone who holds a receipt may ask; the answer names no person, no account and no card."""
        try:
            pid = attempt_id_of(code)
        except ValueError:
            pid = ""
        line = await self._read(lambda connection: views.receipt_line(connection, pid))
        return self._show(request, "receipt.html", code=code.upper()[:26], line=line)

    async def no_page(self, request: Request, status: int) -> Response:
        user = await self._reader(request, signed_in_user)
        return self._show(request, "problem.html", status, user=user, problem="There is no such page.")

    async def _act(self, request: Request, run: Callable[[dict[str, str], str], str], known: _Known = signed_in_user) -> Response:
        """Does what our form asks for, in the name of who is signed in; `run` returns the address of the page that follows."""
        user = await self._user(request, known)
        form = await _posted(request)
        if not form_is_ours(request, form.get("form", "")):
            said = "This form had grown old. Please go back and try again."
            return self._show(request, "problem.html", 403, user=user, problem=said)
        try:
            address = await asyncio.to_thread(run, form, user.name)
        except HubError as error:
            return self._show(request, "problem.html", 409, user=user, problem=str(error))
        return RedirectResponse(address, 303)

    async def _user(self, request: Request, known: _Known = signed_in_user) -> Reader:
        user = await self._reader(request, known)
        if user is None:
            raise SignInFirst
        return user

    async def _reader(self, request: Request, known: _Known) -> Reader | None:
        name = await asyncio.to_thread(known, self._hub, request)
        if name is None:
            return None
        now = self._hub.world.clock()
        return Reader(name, await self._read(lambda connection: open_calls(connection, now)))

    async def _read(self, view: Callable[[Connection], _T]) -> _T:
        def run() -> _T:
            with self._hub.store.reading() as connection:
                return view(connection)

        return await asyncio.to_thread(run)

    def _found(self, request: Request, template: str, user: Reader, **what: Any) -> Response:
        if None in what.values():
            return self._show(request, "problem.html", 404, user=user, problem="There is nothing here by that number.")
        return self._show(request, template, user=user, **what)

    def _show(self, request: Request, template: str, status: int = 200, *, user: Reader | None = None, **what: Any) -> Response:
        form = request.cookies.get(FORM_COOKIE) or new_token(self._hub)
        html = self._templates.get_template(template).render(user=user, form=form, path=request.url.path, **what)
        response = HTMLResponse(html, status)
        if FORM_COOKIE not in request.cookies:
            set_cookie(response, FORM_COOKIE, form)
        return response


def _drawn(hub: Hub, number: str, language: Language) -> bytes | None:
    """A statement as a PDF; None where there is none by that number. The drawing is loaded when somebody asks for the first."""
    from hub.paper.letterhead import read_letterhead
    from hub.paper.statement import statement_pdf

    bill = find_bill(hub, number)
    return None if bill is None else statement_pdf(bill, read_letterhead(hub.folder), language)


async def _posted(request: Request) -> dict[str, str]:
    """The fields of a posted form; empty when it is none."""
    try:
        return dict(parse_qsl((await bounded_body(request)).decode("utf-8"), max_num_fields=8))
    except ValueError:
        return {}


def _number(form: dict[str, str]) -> int:
    """Which task a form is about; 0, which none has, where it does not say."""
    number = form.get("number", "")
    return int(number) if number.isdecimal() and len(number) < 19 else 0


def _money(amount: Money) -> str:
    return format_money(amount, _LOCALE)


def _minor(minor: int, currency: str) -> str:
    return format_money(Money(minor, currency), _LOCALE)


def _grouped(code: str, between: str) -> str:
    """Letters in fours from the end, so that a receipt code ends in the short reference that people know it by."""
    start = len(code) % 4
    fours = [code[at : at + 4] for at in range(start, len(code), 4)]
    return between.join([code[:start], *fours] if start else fours)


def _day(date: dt.date) -> str:
    return f"{date:%b} {date.day}, {date.year}"


def _moment(time: dt.datetime) -> str:
    local = time.astimezone()
    return f"{_day(local.date())}, {local:%H:%M %Z}"


def _hour(time: dt.datetime) -> str:
    return f"{time.astimezone():%H:%M}"


def _day_here(time: dt.datetime) -> str:
    """The day on which `time` falls where this hub runs, and by which zone's midnight."""
    local = time.astimezone()
    return f"{_day(local.date())} ({local:%Z})"
