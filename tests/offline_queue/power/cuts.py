"""Kiosks recorded call by call, and the power cut at many moments of what they did."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tests.offline_queue.power.disk import Call, Disk, Lie, Loss, read_log
from tests.offline_queue.power.jobs import Ending, Job, Victims
from tests.offline_queue.power.promises import Promises, broken
from tests.offline_queue.world import World

MEMORY = "memory"


@dataclass(frozen=True, slots=True)
class Recording:
    """What one or more starts of a kiosk did below the folder `root`, which was as it is in the folder `before`."""

    root: Path
    before: Path
    calls: list[Call]

    def disk(self, lie: Lie | None = None) -> Disk:
        """The disk before the first call."""
        return Disk(self.root, self.before, lie)


def record(victims: Victims, root: Path, starts: Sequence[tuple[int, Ending]], job: Job) -> Recording:
    """Starts a kiosk as often as there are `starts` (payments, and how it ends), each as `job` says otherwise."""
    before, log = root.with_name("before"), root.with_name("log")
    shutil.copytree(root, before)
    for number, (payments, ending) in enumerate(starts, start=job.number):
        done = victims.run(replace(job, root=str(root), log=str(log), number=number, payments=payments, ending=ending))
        assert done.status == (0 if ending is Ending.CLOSED else -9)
    return Recording(root, before, read_log(log))


@dataclass(frozen=True, slots=True)
class Cut:
    """The power goes after `calls` calls, and `loss` is what that does."""

    calls: int
    loss: Loss


def some_cuts(recording: Recording, count: int, dice: random.Random) -> list[Cut]:
    """That many different ones, from before the first call to after the last, in order."""
    every = [Cut(calls, loss) for calls in range(len(recording.calls) + 1) for loss in Loss]
    return [every[at] for at in sorted(dice.sample(range(len(every)), count))]


def restore(disk: Disk, loss: Loss, dice: random.Random, folder: Path) -> None:
    """Makes `folder` what the power cut leaves."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    for path, content in disk.cut(loss, dice):
        if content is None:
            (folder / path).mkdir(mode=0o700)
        else:
            (folder / path).write_bytes(content)
            (folder / path).chmod(0o600)


async def replay(
    recording: Recording,
    cuts: Sequence[Cut],
    dice: random.Random,
    scratch: Path,
    *,
    lie: Lie | None = None,
    on_cut: Callable[[], None] = lambda: None,
) -> list[str]:
    """Cuts the power at each of `cuts` (in order) and starts the kiosk on what is left, in the folder `scratch`. Returns every
    broken promise, with its cut."""
    disk, promises, world, heard, done, complaints = recording.disk(lie), Promises(), World(), 0, 0, []
    for cut in cuts:
        for call in recording.calls[done : cut.calls]:
            disk.do(call)
        done = cut.calls
        for line in disk.said[heard:]:
            promises.hear(line)
        heard = len(disk.said)
        restore(disk, cut.loss, dice, scratch)
        found = await broken(scratch / MEMORY, promises, world, go_on=dice.random() < 0.1)
        complaints += [f"after {cut.calls} calls, {cut.loss.value}: {complaint}" for complaint in found]
        on_cut()
    return complaints
