"""The power goes at every moment of a kiosk's life, and the disk forgets what it may: nothing that was promised is lost."""

from __future__ import annotations

import errno
import random
import sys
import time
from pathlib import Path

import pytest

from tests.offline_queue.power.cuts import MEMORY, Recording, record, replay, restore, some_cuts
from tests.offline_queue.power.disk import SHARED, Lie, Loss, What
from tests.offline_queue.power.jobs import Calls, Ending, Fault, Job, Then, Victims

LIFE = ((8, Ending.KILLED), (20, Ending.KILLED), (12, Ending.CLOSED), (3, Ending.KILLED))
"""The very first start, one on a log that nobody folded in, an orderly stop, and a start after that."""

PARTS, CUTS_A_PART = 4, 260
CUTS_AFTER_A_SYNC = 30
LONG_RUNS, CUTS_A_RUN = 50, 2_000
"""A hundred thousand, in shares that stay far from the five minutes that a test may take, on a slow machine too."""


def job(root: Path, seed: int, *, careless: bool = False) -> Job:
    return Job(root=str(root), seed=seed, number=1, payments=0, careless=careless)


def a_life(victims: Victims, root: Path, seed: int) -> Recording:
    """A few starts of some payments each, the last of which ends by kill."""
    dice = random.Random(seed)
    starts = [(dice.randint(8, 20), dice.choice(list(Ending))) for _ in range(dice.randint(3, 4))]
    return record(victims, root, [*starts, (dice.randint(1, 6), Ending.KILLED)], job(root, seed))


def test_the_log_tells_all_that_was_done(machine: Victims, root: Path) -> None:
    """What the kiosk did to its folder by a call that the shim does not know would be missing here."""
    recording = record(machine, root, LIFE, job(root, 1))
    disk = recording.disk()
    for call in recording.calls:
        disk.do(call)
    kept = {path: content for path, content in disk.cut(Loss.NONE, random.Random(1)) if not path.name.endswith(SHARED)}
    there = {
        path.relative_to(root): None if path.is_dir() else path.read_bytes()
        for path in (root / MEMORY, *(root / MEMORY).iterdir())
        if not path.name.endswith(SHARED)
    }
    assert kept == there
    assert b"".join(line for line in disk.said) == (root / "said").read_bytes()


@pytest.mark.parametrize("part", range(PARTS))
async def test_no_cut_loses_what_was_promised(machine: Victims, root: Path, scratch: Path, part: int) -> None:
    recording = record(machine, root, LIFE, job(root, part))
    dice = random.Random(part)
    cuts = some_cuts(recording, CUTS_A_PART, dice)
    assert await replay(recording, cuts, dice, scratch) == []


@pytest.mark.parametrize("seed", range(3))
async def test_the_power_goes_again_while_the_kiosk_recovers(machine: Victims, root: Path, scratch: Path, seed: int) -> None:
    first = record(machine, root, LIFE, job(root, seed))
    dice = random.Random(seed)
    cut = dice.randint(len(first.calls) // 2, len(first.calls))
    disk = first.disk()
    for call in first.calls[:cut]:
        disk.do(call)
    again = root.with_name("again") / "kiosk"
    again.parent.mkdir()
    restore(disk, Loss.SECTORS, dice, again)
    (again / "said").write_bytes(b"".join(disk.said))
    recording = record(machine, again, ((2, Ending.KILLED),), Job(root=str(again), seed=seed, number=9, payments=0))
    assert await replay(recording, some_cuts(recording, 80, dice), dice, scratch) == []


@pytest.mark.parametrize("sync", range(1, 14, 2))
async def test_a_sync_fails_and_then_the_power(machine: Victims, root: Path, scratch: Path, sync: int) -> None:
    """What the kiosk said after a failed sync it must not have taken from pages that never arrived."""
    machine.run(Job(str(root), seed=1, number=1, payments=3, ending=Ending.KILLED))
    fault = Fault(sync, Calls.SYNC, Then.FAIL, errno.EIO)
    recording = record(machine, root, ((2, Ending.CLOSED),), Job(str(root), 1, 2, 0, deliver_every=1, fault=fault))
    failed = next(number for number, call in enumerate(recording.calls) if call.what is What.FAILED_SYNC)
    dice = random.Random(sync)
    cuts = [cut for cut in some_cuts(recording, 2 * len(recording.calls), dice) if cut.calls >= failed]
    cuts = [cuts[at] for at in sorted(dice.sample(range(len(cuts)), min(len(cuts), CUTS_AFTER_A_SYNC)))]
    assert await replay(recording, cuts, dice, scratch) == []


@pytest.mark.parametrize(("lie", "careless"), [(Lie.FILES, False), (Lie.FOLDERS, False), (None, True)])
async def test_a_disk_that_lies_or_a_database_that_does_not_wait_is_found_out(
    machine: Victims, root: Path, scratch: Path, lie: Lie | None, careless: bool
) -> None:
    """The mutations: with what makes it durable taken away, records that were acknowledged are lost, and this harness sees it."""
    recording = record(machine, root, LIFE, job(root, 1, careless=careless))
    dice = random.Random(1)
    complaints = await replay(recording, some_cuts(recording, 60, dice), dice, scratch, lie=lie)
    assert any(", and was promised to be" in complaint for complaint in complaints)


@pytest.mark.slow
async def test_the_log_is_folded_in_between_two_payments(machine: Victims, root: Path, scratch: Path) -> None:
    """After a thousand pages SQLite folds the log in by itself, and then writes it again from its start."""
    recording = record(machine, root, ((110, Ending.KILLED),), job(root, 1))
    log, begins = -1, []
    for number, call in enumerate(recording.calls):
        if call.what is What.OPEN and call.data.endswith(b".db-wal"):
            log = call.fd
        if call.what is What.WRITE and (call.fd, call.number) == (log, 0):
            begins.append(number)
    assert len(begins) > 1, "too few payments to fill the log"
    dice = random.Random(1)
    cuts = [cut for cut in some_cuts(recording, len(recording.calls) // 2, dice) if -150 < cut.calls - begins[-1] < 100]
    assert await replay(recording, cuts, dice, scratch) == []


@pytest.mark.slow
@pytest.mark.parametrize("run", range(LONG_RUNS))
async def test_a_hundred_thousand_cuts(
    machine: Victims, root: Path, scratch: Path, run: int, capfd: pytest.CaptureFixture[str]
) -> None:
    recording = a_life(machine, root, 100 + run)
    dice, begun, done = random.Random(run), time.monotonic(), 0

    def say() -> None:
        nonlocal done
        done += 1
        if done % 500 == 0:
            speed = done / (time.monotonic() - begun)
            with capfd.disabled():
                sys.stderr.write(f"\npower cuts, life {run + 1} of {LONG_RUNS}: {done} of {len(cuts)}, {speed:.0f} cuts/s")

    cuts = some_cuts(recording, CUTS_A_RUN, dice)
    assert await replay(recording, cuts, dice, scratch, on_cut=say) == []
