"""The patterns that our laws ban and no linter knows: each is a function from a parsed file to the lines that break it."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True)
class Source:
    """One Python file: its text, its tree, its comments."""

    text: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @cached_property
    def comments(self) -> tuple[tuple[int, str], ...]:
        tokens = tokenize.generate_tokens(io.StringIO(self.text).readline)
        return tuple((token.start[0], token.string) for token in tokens if token.type == tokenize.COMMENT)

    def calls(self) -> Iterator[tuple[ast.Call, str]]:
        """Every call, with the dotted name of what is called ("time.sleep", "print"), as it is written."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Call):
                yield node, dotted(node.func)


Find = Callable[[Source], Iterator[int]]


def dotted(node: ast.expr) -> str:
    """ "a.b.c" of such an expression; what is not a name is "?"."""
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else "?"


def any_float(source: Source) -> Iterator[int]:
    """A float literal, the names `float` and `round`, or a true division."""
    for node in ast.walk(source.tree):
        literal = isinstance(node, ast.Constant) and type(node.value) is float
        name = isinstance(node, ast.Name) and node.id in ("float", "round")
        division = isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.Div)
        if isinstance(node, ast.expr | ast.stmt) and (literal or name or division):
            yield node.lineno


_MONEY = re.compile(r"(^|_)(amounts?|balance|cents|due|fee|limit_payment|minor|money|owed|paid|price|refund|subtotal)(_|$)")


def money_float(source: Source) -> Iterator[int]:
    """float(), round(), a true division or a float literal in one expression with a name of money."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call) and dotted(node.func) in ("float", "round") and _names_money(node):
            yield node.lineno
        elif isinstance(node, ast.BinOp | ast.AugAssign) and _names_money(node):
            operands = (node.left, node.right) if isinstance(node, ast.BinOp) else (node.value,)
            floats = any(isinstance(side, ast.Constant) and type(side.value) is float for side in operands)
            texts = any(isinstance(side, ast.JoinedStr | ast.Constant) and not _is_number(side) for side in operands)
            if floats or (isinstance(node.op, ast.Div) and not texts):
                yield node.lineno


def _names_money(tree: ast.AST) -> bool:
    names = (
        node.id if isinstance(node, ast.Name) else node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Name | ast.Attribute)
    )
    return any(_MONEY.search(name.lower()) for name in names)


def _is_number(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, int | float)


_BROAD = {"Exception", "BaseException"}


def broad_except(source: Source) -> Iterator[int]:
    """An `except` for everything that does not end by raising again, or suppress(Exception)."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.ExceptHandler) and _is_broad(node.type) and not isinstance(node.body[-1], ast.Raise):
            yield node.lineno
    for call, name in source.calls():
        if name.endswith("suppress") and any(_is_broad(argument) for argument in call.args):
            yield call.lineno


def _is_broad(kind: ast.expr | None) -> bool:
    if isinstance(kind, ast.Tuple):
        return any(_is_broad(each) for each in kind.elts)
    return kind is None or (isinstance(kind, ast.Name) and kind.id in _BROAD)


def fixed_nap(source: Source) -> Iterator[int]:
    """A wait of a fixed length. asyncio.sleep(0) is none, it only lets others run; nor is a pause between two looks at a
    condition, `while not ...: sleep`."""
    looking = {
        id(node)
        for loop in ast.walk(source.tree)
        if isinstance(loop, ast.While) and not isinstance(loop.test, ast.Constant)
        for node in ast.walk(loop)
    }
    for call, name in source.calls():
        zero = len(call.args) == 1 and isinstance(call.args[0], ast.Constant) and call.args[0].value == 0
        nap = name in ("time.sleep", "sleep", "QTest.qWait", "qtbot.wait") or (name == "asyncio.sleep" and not zero)
        if nap and id(call) not in looking:
            yield call.lineno


def global_random(source: Source) -> Iterator[int]:
    """The module-wide generator, which no seed of ours reaches."""
    for call, name in source.calls():
        if name.startswith("random.") and name.count(".") == 1 and name not in ("random.Random", "random.SystemRandom"):
            yield call.lineno
    for node in ast.walk(source.tree):
        if (
            isinstance(node, ast.ImportFrom)
            and node.module == "random"
            and {n.name for n in node.names} - {"Random", "SystemRandom"}
        ):
            yield node.lineno


_OUTSIDE = {
    "asyncio", "concurrent", "http", "io", "logging", "multiprocessing", "os", "pathlib", "random", "secrets", "select", "shutil",
    "signal", "socket", "sqlite3", "ssl", "structlog", "subprocess", "sys", "tempfile", "threading", "time", "urllib",
}  # fmt: skip


def impure(source: Source) -> Iterator[int]:
    """I/O, clocks and randomness where only pure values live."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or ""]
            if any(module.split(".")[0] in _OUTSIDE for module in modules):
                yield node.lineno
    for call, name in source.calls():
        if name in ("open", "print", "input") or name.split(".")[-1] in ("now", "today", "utcnow", "uuid1", "uuid4"):
            yield call.lineno


def waved_off(source: Source) -> Iterator[int]:
    """A noqa for what no comment may wave off: handlers for everything, print, ignores without a code, notes to oneself."""
    yield from (line for line, text in source.comments if re.search(r"noqa:.*\b(BLE|E722|T20|PGH|FIX)", text))


def zone_waved_off(source: Source) -> Iterator[int]:
    """A noqa for a time without its zone."""
    yield from (line for line, text in source.comments if re.search(r"noqa:.*\bDTZ", text))


def uncovered(source: Source) -> Iterator[int]:
    """A pragma that hides lines from coverage."""
    yield from (line for line, text in source.comments if re.search(r"pragma: *no *(cover|branch)", text))
