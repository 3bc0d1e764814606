"""The list of fully covered files fails both ways."""

from __future__ import annotations

from typing import Any

import pytest

from checks import perfect


@pytest.fixture(autouse=True)
def lists(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(perfect, "MONEY_ROOMS", ("vault/*",))
    monkeypatch.setattr(perfect, "KEPT", ("domain/*",))
    monkeypatch.setattr(perfect, "ONCE_PERFECT", ("domain/old.py",))


def measured(lines: list[int] | None = None, branches: list[list[int]] | None = None) -> dict[str, Any]:
    lines, branches = lines or [], branches or []
    summary = {"num_statements": 9, "missing_lines": len(lines), "missing_branches": len(branches)}
    return {"summary": summary, "missing_lines": lines, "missing_branches": branches}


WHOLE = {"vault/gold.py": measured(), "domain/old.py": measured()}


def said(files: dict[str, Any]) -> list[str]:
    return [str(finding) for finding in perfect.findings({"files": files})]


def test_nothing_to_say_when_all_is_whole() -> None:
    assert said(WHOLE) == []


def test_a_new_file_in_a_money_room_must_be_whole() -> None:
    assert said(WHOLE | {"vault/new.py": measured([4], [[5, 6]])}) == [
        "vault/new.py: must be covered whole; lines and branches that are not: 4, 5->6"
    ]


def test_a_file_that_was_whole_must_stay_so() -> None:
    assert len(said(WHOLE | {"domain/old.py": measured([4])})) == 1


def test_a_file_that_has_become_whole_must_be_entered() -> None:
    assert said(WHOLE | {"domain/new.py": measured()}) == [
        "domain/new.py: is covered whole now: enter it in ONCE_PERFECT in checks/perfect.py, so that it stays so"
    ]


def test_a_listed_file_that_is_gone_is_found() -> None:
    assert said({"domain/old.py": measured()}) == ["vault/*: in checks/perfect.py, but no such file was measured"]


def test_other_files_may_be_as_they_are() -> None:
    assert said(WHOLE | {"hub/web.py": measured([1, 2]), "domain/half.py": measured([3])}) == []


def test_a_long_list_is_cut() -> None:
    assert said(WHOLE | {"vault/new.py": measured(list(range(1, 31)))})[0].endswith("11, 12 and 18 more")
