"""Our parser judges every case of the benchmark rightly, and the benchmark notices one that does not."""

from __future__ import annotations

import dataclasses

import pytest

from benchmarks.tlv import CASES, OURS, Case, judges_rightly
from devices.tlv import Tlv, TlvError, parse_flat


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.what)
def test_ours_judges_rightly(case: Case) -> None:
    assert judges_rightly(OURS, case)


def test_one_that_takes_everything_or_nothing_is_found_out() -> None:
    def refusing(_data: bytes) -> tuple[Tlv, ...]:
        raise TlvError("tlv-short", 0)

    takes_all = dataclasses.replace(OURS, read=lambda _data: ())
    takes_none = dataclasses.replace(OURS, read=refusing)
    opens_nothing = dataclasses.replace(OURS, read=parse_flat)
    assert not any(judges_rightly(takes_all, case) for case in CASES)
    assert [judges_rightly(takes_none, case) for case in CASES] == [case.leaves is None for case in CASES]
    assert not judges_rightly(opens_nothing, CASES[0])
