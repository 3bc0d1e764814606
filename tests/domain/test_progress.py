"""How far a long piece of work is: told every thousand rows, through all its loops."""

from __future__ import annotations

from domain.progress import EVERY, Rows, nobody


def test_a_word_now_and_then_counts_through_all_the_loops() -> None:
    told = list[tuple[int, int]]()
    rows = Rows(lambda done, of: told.append((done, of)), 5 * EVERY)
    assert list(rows.each(range(EVERY + 1))) == list(range(EVERY + 1))
    assert told == [(EVERY, 5 * EVERY)]
    assert len(list(rows.each("x" * (2 * EVERY)))) == 2 * EVERY
    assert told == [(EVERY, 5 * EVERY), (2 * EVERY, 5 * EVERY), (3 * EVERY, 5 * EVERY)]


def test_nobody_need_listen() -> None:
    assert sum(Rows(nobody, EVERY).each([1] * EVERY)) == EVERY
