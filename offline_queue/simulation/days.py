"""Many days: seeds shared out to processes, with progress, until they are done, one breaks a law, or the time is up."""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from rich.console import Console

from offline_queue.simulation.day import simulate
from offline_queue.simulation.laws import LawBroken
from offline_queue.simulation.template import Template, template

CHUNK = 25


@dataclass(frozen=True, slots=True)
class Broken:
    """The day of `seed` went wrong: `what` says how."""

    seed: int
    what: str


class Asked(argparse.Namespace):
    """What the command was asked: `seeds` days of so many `acts` from seed `first`, for at most `seconds`."""

    seeds: int
    first: int
    seconds: float
    acts: int
    processes: int


def lived(seeds: Sequence[int], made: Template, acts: int) -> list[Broken]:
    """Lives these days, each of so many `acts`, one after the other. A law that a day breaks is told; a bug is raised."""
    broken = []
    for seed in seeds:
        try:
            simulate(seed, made, acts)
        except LawBroken as error:
            broken.append(Broken(seed, str(error)))
        except Exception as error:
            error.add_note(f"on the day of seed {seed}")
            raise
    return broken


def chunks(first: int, count: int) -> Iterator[range]:
    for start in range(first, first + count, CHUNK):
        yield range(start, min(start + CHUNK, first + count))


def live(asked: Asked, console: Console) -> list[Broken]:
    """Lives the days that were asked for, and prints how fast it goes."""
    begun, done, broken = time.monotonic(), 0, list[Broken]()
    context = multiprocessing.get_context("spawn")
    with template() as made, context.Pool(asked.processes) as pool:
        shares = list(chunks(asked.first, asked.seeds))
        for seeds, found in zip(shares, pool.imap(partial(lived, made=made, acts=asked.acts), shares), strict=True):
            done, broken = done + len(seeds), broken + found
            passed = time.monotonic() - begun
            console.print(f"{done} of {asked.seeds} days, {done / passed:.1f} seeds/s, {len(broken)} broken", highlight=False)
            if passed > asked.seconds:
                break
    return broken


def main(arguments: Sequence[str]) -> int:
    """The command: exit 1 when a day broke a law."""
    parser = argparse.ArgumentParser(prog="python -m offline_queue.simulation", description=__doc__)
    parser.add_argument("--seeds", type=int, default=2_000, help="how many days (2000)")
    parser.add_argument("--first", type=int, default=0, help="the first seed (0)")
    parser.add_argument("--seconds", type=float, default=3_600.0, help="no longer than this (3600)")
    parser.add_argument("--acts", type=int, default=3, help="how long each day is (3)")
    parser.add_argument("--processes", type=int, default=os.cpu_count(), help="how many at once (one for each core)")
    asked = parser.parse_args(arguments, Asked())
    console = Console(file=sys.stderr)
    broken = live(asked, console)
    for day in broken:
        console.print(f"seed {day.seed}: {day.what}", highlight=False)
    return 1 if broken else 0
