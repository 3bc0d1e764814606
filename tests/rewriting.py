"""Shipped code with another text, for the length of a block: how a test takes a law out, to see that it is missed."""

from __future__ import annotations
import __future__ as future

import inspect
import textwrap
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from types import FunctionType
from typing import Any, cast


@dataclass(frozen=True, slots=True)
class Rewrite:
    """`old`, which stands once in the source of `function`, becomes `new`."""

    function: Callable[..., Any]
    old: str
    new: str


@contextmanager
def rewritten(*rewrites: Rewrite) -> Iterator[None]:
    """Whoever holds the function, by whatever name, runs it as rewritten."""
    with ExitStack() as stack:
        for rewrite in rewrites:
            stack.enter_context(_rewritten(rewrite))
        yield


@contextmanager
def _rewritten(rewrite: Rewrite) -> Iterator[None]:
    function = cast(FunctionType, inspect.unwrap(rewrite.function))
    source = textwrap.dedent(inspect.getsource(function))
    if source.count(rewrite.old) != 1:
        raise LookupError(f"{function.__qualname__} has {rewrite.old!r} {source.count(rewrite.old)} times")
    names: dict[str, Any] = dict(function.__globals__)
    code = compile(source.replace(rewrite.old, rewrite.new), function.__qualname__, "exec", future.annotations.compiler_flag)
    exec(code, names)
    new = cast(FunctionType, inspect.unwrap(names[function.__name__]))
    before, function.__code__ = function.__code__, new.__code__
    try:
        yield
    finally:
        function.__code__ = before
