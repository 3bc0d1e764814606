"""A system call fails, falls short or is the last one: at any of those that a start and two payments make, nothing is lost and
nothing is made up, the failure has its name, and no payment begins on a disk that has failed."""

from __future__ import annotations

import errno
import json
import os
import random
import shutil
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from tests.offline_queue.power.cuts import MEMORY
from tests.offline_queue.power.disk import What, read_log
from tests.offline_queue.power.jobs import Calls, Ending, Fault, Job, Then, Victims
from tests.offline_queue.power.promises import Promises, broken
from tests.offline_queue.world import World

GROWING = Calls.OPEN | Calls.WRITE | Calls.RESIZE | Calls.SYNC | Calls.RENAME | Calls.MKDIR

FAULTS = {
    "an I/O error": Fault(0, Calls.ALL, Then.FAIL, errno.EIO),
    "I/O errors from then on": Fault(0, Calls.ALL, Then.FAIL, errno.EIO, always=True),
    "a failed sync": Fault(0, Calls.SYNC, Then.FAIL, errno.EIO),
    "no room for a moment": Fault(0, GROWING, Then.FAIL, errno.ENOSPC),
    "no room from then on": Fault(0, Calls.WRITE | Calls.RESIZE, Then.FAIL, errno.ENOSPC, always=True),
    "a kill": Fault(0, Calls.CHANGING, Then.KILL),
    "a torn write": Fault(0, Calls.WRITE, Then.TEAR),
    "a short write": Fault(0, Calls.WRITE, Then.SHORT),
}

AT_A_START = {"DatabaseDamaged", "DatabaseUnsafe"}
"""A start that cannot read a page, or cannot turn the log on, says so: it cannot tell why."""

QUICK = 3
"""Of the calls of each case, how many the quick run has fail."""


def names(fault: Fault, step: str) -> set[str]:
    """The errors that may be raised."""
    if fault.then is not Then.FAIL:
        return set()
    named = {"DiskFull"} if fault.error == errno.ENOSPC else {"DiskFailing"}
    if fault.error == errno.ENOSPC and not fault.always:
        named.add("DiskFailing")  # SQLite does not tell this reason from others, and the disk has room when it is asked
    if fault.error == errno.EIO and not fault.always and step == "start":
        named.add("DatabaseForeign")  # SQLCipher calls it so when it cannot read the first page, and it can be read again
    return named | AT_A_START if step == "start" else named


class Case:
    """A start with two payments, each delivered, on a memory that is as in the folder `before`; and its calls that may fail."""

    def __init__(self, machine: Victims, before: Path, scratch: Path, fault: Fault) -> None:
        self._machine, self._before, self._scratch, self._fault = machine, before, scratch, fault
        self._log = scratch.with_name("log")
        healthy = machine.run(self._job(0, str(self._log)))
        assert healthy.status == 0
        assert healthy.matched is not None
        self.calls = healthy.matched
        self._folder_syncs = self._find_folder_syncs()

    def _job(self, call: int, log: str = "") -> Job:
        shutil.rmtree(self._scratch, ignore_errors=True)
        shutil.copytree(self._before, self._scratch)
        fault = replace(self._fault, call=call)
        return Job(str(self._scratch), seed=1, number=2, payments=2, ending=Ending.CLOSED, deliver_every=1, log=log, fault=fault)

    def _find_folder_syncs(self) -> set[int]:
        """Which of the syncs (from 1) were of a folder. SQLite does not look at how those end."""
        opened: dict[int, bool] = {}
        syncs: list[bool] = []
        for call in read_log(self._log):
            if call.what is What.OPEN:
                opened[call.fd] = Path(os.fsdecode(call.data)).is_dir()
            elif call.what is What.SYNC:
                syncs.append(opened[call.fd])
        return {number for number, of_folder in enumerate(syncs, start=1) if of_folder}

    async def wrong(self, call: int) -> list[str]:
        """What is wrong when the `call`-th fails: nothing, or each thing in words."""
        status = self._machine.run(self._job(call)).status
        said = (self._scratch / "said").read_bytes().splitlines()
        found = [] if status == (-9 if self._fault.then in (Then.KILL, Then.TEAR) else 0) else [f"it ended with {status}"]
        failing = False
        for words in map(json.loads, said):
            if "raised" in words:
                if words["raised"] not in names(self._fault, words["to"]):
                    found.append(f"{words['to']} raised {words['raised']} {words['detail']}")
                failing |= words["raised"] == "DiskFailing"
            elif words.get("did") == "open" and failing:
                found.append("a payment began after the disk had failed")
            if self._fault.calls == Calls.SYNC and words["hits"] and call not in self._folder_syncs:
                failing = True
        found += await broken(self._scratch / MEMORY, Promises.of(said), World(), go_on=True)
        return [f"call {call}: {complaint}" for complaint in found]


def prepared(machine: Victims, root: Path, memory: str) -> Path:
    """A kiosk before its first start, or after one that ended so."""
    if memory != "none":
        machine.run(Job(str(root), seed=1, number=1, payments=2, ending=Ending(memory)))
    return root


EVERY_CASE = pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
EVERY_MEMORY = pytest.mark.parametrize("memory", ["none", "closed", "killed"])


@EVERY_CASE
@EVERY_MEMORY
async def test_some_calls_that_fail(machine: Victims, root: Path, scratch: Path, memory: str, fault: Fault) -> None:
    case = Case(machine, prepared(machine, root, memory), scratch, fault)
    some = random.Random(f"{memory} {fault}").sample(range(1, case.calls + 1), min(QUICK, case.calls))
    assert [complaint for call in some for complaint in await case.wrong(call)] == []


async def test_a_disk_that_cannot_be_read_is_not_called_foreign(machine: Victims, root: Path, scratch: Path) -> None:
    """The first calls of a start on a disk that is gone, the first page's read among them."""
    case = Case(machine, prepared(machine, root, "closed"), scratch, FAULTS["I/O errors from then on"])
    assert [complaint for call in range(1, 13) for complaint in await case.wrong(call)] == []


async def test_no_sync_of_a_very_first_start_fails_unnoticed(machine: Victims, root: Path, scratch: Path) -> None:
    """SQLite tells that the change to WAL could not be synced only to who reads its answer to the end."""
    case = Case(machine, root, scratch, FAULTS["a failed sync"])
    assert [complaint for call in range(1, 15) for complaint in await case.wrong(call)] == []


@pytest.mark.slow
@EVERY_CASE
@EVERY_MEMORY
async def test_every_call_that_may_fail(
    machine: Victims, root: Path, scratch: Path, memory: str, fault: Fault, capfd: pytest.CaptureFixture[str]
) -> None:
    case, begun = Case(machine, prepared(machine, root, memory), scratch, fault), time.monotonic()
    complaints = [complaint for call in range(1, case.calls + 1) for complaint in await case.wrong(call)]
    with capfd.disabled():
        sys.stderr.write(f"\nsyscall faults: {case.calls} calls, {case.calls / (time.monotonic() - begun):.0f} faults/s")
    assert complaints == []
