"""Names: however one and the same is written it is found, and another one is not."""

from __future__ import annotations

import random
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from domain.names import MOST_NAME, MOST_WORDS, initials, same_name, words

SAME = [
    ("Maria Alvarez", "MARIA ALVAREZ"),
    ("Maria Alvarez", "maría álvarez"),
    ("Maria Alvarez", "Alvarez, Maria"),
    ("Maria Alvarez", "  Maria\t Alvarez "),
    ("Maria Alvarez", "MariaAlvarez"),
    ("Maria Alvarez", "Maria E Alvarez"),
    ("Maria E. Alvarez", "Maria Elena Alvarez"),
    ("Maria Elena Alvarez", "Alvarez Maria"),
    ("James O'Connor", "James OConnor"),
    ("James O'Connor", "james o\N{RIGHT SINGLE QUOTATION MARK}connor"),
    ("James O'Connor", "James O Connor"),
    ("James O'Connor", "James O\N{MODIFIER LETTER APOSTROPHE}Connor"),
    ('Robert "Bob" Miller', "Robert Miller"),
    ("José Ángel Núñez-Peña", "JOSE NUNEZ PENA"),
    ("José Ángel Núñez-Peña", "Jose NunezPena"),
    ("Zoë Müller-Lüdenscheidt", "Zoe Mueller Luedenscheidt"),
    ("Jörg Strauß", "JOERG STRAUSS"),
    ("Søren Ågård", "Soeren Agard"),
    ("Łukasz Wójcik", "Lukasz Wojcik"),
    ("Trần Văn Đức", "TRAN VAN DUC"),
    ("Nguyễn Thị Ánh Tuyết", "Tuyet Nguyen"),
    ("Anh Dũng Phạm", unicodedata.normalize("NFD", "Anh Dũng Phạm")),
    ("Ian MacDonald", "Ian Mac Donald"),
    ("Ludwig van der Berg", "Ludwig Vanderberg"),
    ("Wolfeschlegelsteinhausenbergerdorff, Hubert Blaine", "Hubert Wolfeschlegelsteinhausenbergerdorff"),
    ("王秀英", "王 秀英"),
    ("محمد عبد الله", "مُحَمَّد عبدالله"),
    ("أحمد حسن", "احمد حسن"),
    ("\N{RIGHT-TO-LEFT OVERRIDE}Maria Alvarez", "Maria\N{ZERO WIDTH JOINER} Alvarez\N{POP DIRECTIONAL FORMATTING}"),
    ("Maria 😀 Alvarez", "Maria Alvarez"),
    ("Ｍaria Alvarez", "Maria Alvarez"),
    ("प्रिया शर्मा", "शर्मा प्रिया"),
    ("Ng", "NG"),
]

OTHERS = [
    ("Maria Alvarez", "Marie Alvarez"),
    ("Maria Alvarez", "Alvarez"),
    ("Maria Alvarez", "Maria"),
    ("Maria Alvarez", "M A"),
    ("Maria Alvarez", "M Alvarez"),
    ("Maria Alvarez", "Maria A"),
    ("Maria Alvarez", "Maria' OR '1'='1"),
    ("Maria Elena Alvarez", "Maria Laura Alvarez"),
    ("Maria E Alvarez", "Maria L Alvarez"),
    ("James O'Connor", "O Connor"),
    ("Ng", "Winston Ng"),
    ("Ng", "N"),
    ("प्रिया शर्मा", "प्रीया शर्मा"),
    ("Maria Alvarez", ""),
    ("", ""),
    ("😀", "😀"),
    ("%", "%"),
    ("Maria Alvarez" + " " * MOST_NAME, "Maria Alvarez"),
    ("A" * 300, "A" * 300),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_one_name_is_found_however_it_is_written(one: str, other: str) -> None:
    assert same_name(one, other)
    assert same_name(other, one)


@pytest.mark.parametrize(("one", "other"), OTHERS)
def test_another_name_is_another(one: str, other: str) -> None:
    assert not same_name(one, other)
    assert not same_name(other, one)


@pytest.mark.parametrize(
    ("name", "shown"),
    [("Maria Alvarez", "M. A."), ("josé ángel núñez-peña", "J. A. N. P."), ("王秀英", "王."), ("😀", ""), ("O'Connor", "O.")],
)
def test_initials_are_all_that_is_shown(name: str, shown: str) -> None:
    assert initials(name) == shown


anything = st.text(max_size=MOST_NAME + 5)
latin = st.text("abcdefghijklmnopqrstuvwxyzáçéëíïóöúüñßđøł", min_size=1, max_size=12)
names = st.lists(latin, min_size=2, max_size=MOST_WORDS).map(" ".join)


@given(anything, anything)
def test_whatever_is_typed_is_compared_either_way_round(one: str, other: str) -> None:
    assert same_name(one, other) == same_name(other, one)
    for word in words(one):
        assert word == "".join(word.split()) != ""
    assert len(words(one)) <= MOST_WORDS


@given(anything)
def test_every_name_is_its_own(name: str) -> None:
    assert same_name(name, name) == bool(words(name))


@given(names, st.randoms(use_true_random=False))
def test_order_case_and_accents_do_not_matter(name: str, chance: random.Random) -> None:
    parts = name.split()
    chance.shuffle(parts)
    typed = unicodedata.normalize("NFD", " ".join(parts)).upper()
    assert same_name(name, typed)


@given(names)
@example("a e")
@example("y o u yo")
def test_spaces_and_hyphens_do_not_matter(name: str) -> None:
    assert same_name(name, name.replace(" ", "-"))
    assert same_name(name, name.replace(" ", ""))


@given(names, st.text("ωψξ", min_size=2, max_size=6))
def test_a_word_that_is_in_neither_makes_another_name(name: str, stranger: str) -> None:
    first = name.split()[0]
    assert not same_name(name, f"{first} {stranger}")


def test_a_name_of_many_initials_is_compared_in_no_time() -> None:
    """A hundred single letters, on either side: places are taken as they come, nothing goes back and tries again."""
    assert same_name("Abe Ada Ali Amy Ann Art Asa Ava Abel Abby", "A " * 100) is False
    assert same_name("a " * 100, "a " * 100)
