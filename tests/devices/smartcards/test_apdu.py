"""Commands and answers: pieces are put together, and nothing goes on without an end."""

from __future__ import annotations

import pytest

from devices.smartcards.apdu import MOST_PIECES, Answer, Command, ask, select, wipe
from devices.smartcards.port import CardError, Refusal
from tests.devices.smartcards.people import scripted

READ = Command(0x00, 0xB0, 0x81, 0x00, expects=16)


def test_one_command_one_answer() -> None:
    line, sent = scripted("AABB9000")
    assert ask(line, READ) == Answer(bytearray.fromhex("AABB"), 0x9000)
    assert sent == ["00b0810010"]


@pytest.mark.parametrize(
    ("command", "written"),
    [
        (Command(0x00, 0xA4, 0x04, 0x0C, b"\xaa\xbb", expects=0), "00a4040c02aabb"),
        (Command(0x00, 0xA4, 0x04, 0x00, b"\xaa\xbb"), "00a4040002aabb00"),
        (Command(0x00, 0xB0, 0x00, 0x00, expects=0), "00b00000"),
    ],
)
def test_lengths_are_written_where_there_are_any(command: Command, written: str) -> None:
    line, sent = scripted("9000")
    ask(line, command)
    assert sent == [written]


def test_more_that_waits_is_fetched_and_put_together() -> None:
    line, sent = scripted("AA6102", "BBCC6100", "DD9000")
    assert ask(line, READ).data == bytearray.fromhex("AABBCCDD")
    assert sent == ["00b0810010", "00c0000002", "00c0000000"]


def test_a_wrong_length_is_asked_again_with_the_right_one() -> None:
    line, sent = scripted("6C02", "AABB9000")
    assert ask(line, Command(0x00, 0xCA, 0x00, 0x00, b"\x5c")).data == bytearray.fromhex("AABB")
    assert sent == ["00ca0000015c00", "00ca0000015c02"]


def test_long_data_goes_in_a_chain_which_ends_at_a_refusal() -> None:
    command = Command(0x00, 0x87, 0x07, 0x9E, bytes(300))
    line, sent = scripted("9000", "AA9000")
    assert ask(line, command) == Answer(bytearray(b"\xaa"), 0x9000)
    assert [link[:10] for link in sent] == ["1087079eff", "0087079e2d"]
    assert sent[1].endswith("00" * 45 + "00")
    line, sent = scripted("6A80")
    assert ask(line, command).status == 0x6A80
    assert len(sent) == 1


@pytest.mark.parametrize("again", ["6C05", "6105", "AA6101"])
def test_a_card_that_never_ends_is_given_up(again: str) -> None:
    line, sent = scripted(*[again] * 100)
    with pytest.raises(CardError) as given_up:
        ask(line, READ)
    assert given_up.value.reason is Refusal.UNREADABLE
    assert len(sent) == MOST_PIECES


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ("", Refusal.TAKEN_AWAY),
        ("90", Refusal.TAKEN_AWAY),
        ("00" * 257 + "9000", Refusal.UNREADABLE),
        ("00" * 5000, Refusal.UNREADABLE),
    ],
)
def test_an_answer_has_a_status_and_no_more_than_fits(answer: str, reason: Refusal) -> None:
    line, _ = scripted(answer)
    with pytest.raises(CardError) as refused:
        ask(line, READ)
    assert refused.value.reason is reason


def test_the_longest_answer_fits() -> None:
    line, _ = scripted("00" * 256 + "9000")
    assert len(ask(line, READ).data) == 256


def test_what_a_card_said_is_overwritten_where_it_came_in() -> None:
    heard = [bytearray.fromhex("AABB6101"), bytearray.fromhex("CC9000")]
    kept = list(heard)
    answer = ask(lambda _command: heard.pop(0), READ)
    assert [bytes(each) for each in kept] == [bytes(4), bytes(3)]
    assert answer.data == bytearray.fromhex("AABBCC")
    wipe(answer.data)
    assert answer.data == bytes(3)


def test_an_application_is_selected_by_its_name() -> None:
    line, sent = scripted("6A82")
    assert not select(line, b"\xa0\x01").ok
    assert sent == ["00a4040002a00100"]
