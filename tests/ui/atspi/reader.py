"""A screen reader's eyes, by the system's Python and its Atspi: tells every screen's tree, and presses what it is told to.

Reads names of buttons, one a line; for each it writes the tree as JSON, rows of role, name and whether it can be pressed, once a
button of that name is there, and presses it.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from typing import Any

import gi  # type: ignore[import-not-found]

gi.require_version("Atspi", "2.0")
from gi.repository import Atspi  # type: ignore[import-not-found]  # noqa: E402

END = time.monotonic() + 60


def nodes(node: Any, depth: int = 0) -> Iterator[Any]:
    yield node
    for index in range(node.get_child_count()):
        child = node.get_child_at_index(index)
        if child is not None and depth < 40:
            yield from nodes(child, depth + 1)


def showing(node: Any) -> bool:
    states = node.get_state_set()
    return bool(states.contains(Atspi.StateType.SHOWING) and states.contains(Atspi.StateType.VISIBLE))


def seen() -> Iterator[Any]:
    desktop = Atspi.get_desktop(0)
    for index in range(desktop.get_child_count()):
        application = desktop.get_child_at_index(index)
        if application is not None and application.get_name() == "lobbypay":
            yield from (node for node in nodes(application) if showing(node))


def actions(node: Any) -> list[str]:
    action = node.get_action_iface()
    return [] if action is None else [action.get_action_name(number) for number in range(action.get_n_actions())]


for line in sys.stdin:
    wanted = line.strip()
    while True:
        if time.monotonic() > END:
            sys.exit("never saw " + wanted)
        try:
            tree = [(node, node.get_role_name(), node.get_name(), actions(node)) for node in seen()]
        except gi.repository.GLib.Error:  # the screen turned meanwhile
            continue
        found = [node for node, role, name, does in tree if name == wanted and "Press" in does]
        if found:
            break
    sys.stdout.write(json.dumps([row[1:] for row in tree]) + "\n")
    sys.stdout.flush()
    action = found[0].get_action_iface()
    action.do_action(actions(found[0]).index("Press"))
