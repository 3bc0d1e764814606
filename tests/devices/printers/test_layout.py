"""Blocks to rows: nothing is lost, nothing is too wide."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.printers.layout import Line, Row, Symbol, columns_of, lay_out, width_of
from domain.receipt import Block, Code, Pair, Rule, Style, Text

LETTERS = st.characters(exclude_categories=("Cc", "Cf", "Cs", "Zl", "Zp", "Zs", "Mn", "Me", "Mc"), include_characters=" ")
PRINTABLE = st.text(LETTERS, max_size=120)
COLUMNS = st.integers(24, 64)
STYLES = st.sampled_from(Style)


def rows(*blocks: Block, columns: int = 42) -> list[Row]:
    return [element for element in lay_out(blocks, columns) if isinstance(element, Row)]


def letters(*texts: str) -> str:
    return "".join("".join(texts).split())


def without_substitutes(text: str) -> bool:
    return letters(*(row.left for row in rows(Text(text), columns=64))) == letters(text)


@given(PRINTABLE.filter(without_substitutes), STYLES, COLUMNS)
def test_a_paragraph_keeps_every_letter_and_fits(text: str, style: Style, columns: int) -> None:
    laid = rows(Text(text, style), columns=columns)
    assert letters(*(row.left for row in laid)) == letters(text)
    assert all(width_of(row.left) <= columns_of(style, columns) and row.style is style for row in laid)


@given(PRINTABLE.filter(without_substitutes), PRINTABLE.filter(without_substitutes), STYLES, COLUMNS)
def test_a_pair_keeps_both_halves_and_they_never_touch(label: str, value: str, style: Style, columns: int) -> None:
    laid = rows(Pair(label, value, style), columns=columns)
    assert letters(*(row.left for row in laid)) == letters(label)
    assert letters(*(row.right for row in laid)) == letters(value)
    for row in laid:
        gap = 1 if row.left and row.right else 0
        assert width_of(row.left) + gap + width_of(row.right) <= columns_of(style, columns)


def test_words_stay_whole_where_they_can() -> None:
    laid = rows(Text("keep this receipt for your records"), columns=24)
    assert laid == [Row("keep this receipt for"), Row("your records")]


def test_a_pair_that_does_not_fit_puts_its_value_below_at_the_right() -> None:
    laid = rows(Pair("Amount accepted, not yet approved", "$1,125.50"), columns=36)
    assert laid == [Row("Amount accepted, not yet approved"), Row("", "$1,125.50")]


def test_a_large_pair_has_half_the_columns() -> None:
    assert rows(Pair("Paid", "$1,234,567.89", Style.LARGE), columns=42) == [Row("Paid", "$1,234,567.89", Style.LARGE)]
    assert len(rows(Pair("Paid today", "$1,234,567.89", Style.LARGE), columns=42)) == 2


def test_line_breaks_are_kept_and_an_empty_text_is_an_empty_row() -> None:
    assert rows(Text("one\n\ntwo")) == [Row("one"), Row(""), Row("two")]
    assert rows(Text("")) == [Row("")]


def test_wide_letters_take_two_columns() -> None:
    assert width_of("王小明") == 6
    assert [row.left for row in rows(Text("王" * 30), columns=24)] == ["王" * 12, "王" * 12, "王" * 6]


@pytest.mark.parametrize("hostile", ["\x1bp0", "\x10\x04\x01", "\x1d(L", "\u2068María\u2069", "a\u202eb", "\r\x00"])
def test_no_control_sign_reaches_a_row(hostile: str) -> None:
    for row in rows(Text(hostile), Pair(hostile, hostile)):
        assert (row.left + row.right).isprintable()


def test_typographic_signs_become_those_of_a_typewriter() -> None:
    assert rows(Text("\u201cIt\u2019s\u00a0paid\u201d \u2013 thanks\u2026")) == [Row('"It\'s paid" - thanks...')]


def test_letters_are_composed_so_that_a_code_page_can_spell_them() -> None:
    assert rows(Text("Pen\u0303a")) == [Row("Peña")]


def test_rules_and_codes_pass_through() -> None:
    assert lay_out((Rule(), Code("X")), 42) == (Line(), Symbol("X"))


def test_a_script_without_spaces_breaks_between_letters_and_never_before_a_full_stop() -> None:
    laid = rows(Text("账务办公室会在 3 个工作日内写信给您。如果您的卡已被扣款，就算已支付。"), columns=36)
    assert [row.left for row in laid] == ["账务办公室会在 3 个工作日内写信给", "您。如果您的卡已被扣款，就算已支付。"]


def test_what_is_isolated_takes_no_room_and_stays_isolated_beside_letters_from_right_to_left() -> None:
    assert rows(Text("\u0645\u0628\u0644\u063a \u2068$5\u2069")) == [Row("\u0645\u0628\u0644\u063a \u2068$5\u2069")]
    assert width_of("\u2068$5\u2069") == 2
