"""Many days: seeds shared out to processes, with progress, until they are done, one breaks a law, or the time is up."""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.console import Console

from offline_queue.simulation.day import simulate
from offline_queue.simulation.template import template

CHUNK = 25


@dataclass(frozen=True, slots=True)
class Broken:
    """The day of `seed` went wrong: `what` says how."""

    seed: int
    what: str


def lived(seeds: Sequence[int]) -> list[Broken]:
    """Lives these days, one after the other. Whatever a day raises is what it shows, a law broken or a bug."""
    broken = []
    with template() as made:
        for seed in seeds:
            try:
                simulate(seed, made)
            except AssertionError as error:
                broken.append(Broken(seed, str(error)))
            except Exception as error:
                error.add_note(f"on the day of seed {seed}")
                raise
    return broken


def chunks(first: int, count: int) -> Iterator[range]:
    for start in range(first, first + count, CHUNK):
        yield range(start, min(start + CHUNK, first + count))


def live(first: int, count: int, *, seconds: float, console: Console) -> list[Broken]:
    """The days from seed `first`, at most `count` of them, for at most `seconds`, on every core. Prints how fast it goes."""
    begun, done, broken = time.monotonic(), 0, list[Broken]()
    context = multiprocessing.get_context("spawn")
    with context.Pool(os.cpu_count()) as pool:
        for seeds, found in zip(chunks(first, count), pool.imap(lived, chunks(first, count)), strict=False):
            done, broken = done + len(seeds), broken + found
            passed = time.monotonic() - begun
            console.print(f"{done} of {count} days, {done / passed:.1f} seeds/s, {len(broken)} broken", highlight=False)
            if passed > seconds:
                break
    return broken


def main(arguments: Sequence[str]) -> int:
    """The command: exit 1 when a day broke a law."""
    parser = argparse.ArgumentParser(prog="python -m offline_queue.simulation", description=__doc__)
    parser.add_argument("--seeds", type=int, default=2_000, help="how many days (2000)")
    parser.add_argument("--first", type=int, default=0, help="the first seed (0)")
    parser.add_argument("--seconds", type=float, default=3_600.0, help="no longer than this (3600)")
    asked = parser.parse_args(arguments)
    console = Console(file=sys.stderr)
    broken = live(asked.first, asked.seeds, seconds=asked.seconds, console=console)
    for day in broken:
        console.print(f"seed {day.seed}: {day.what}", highlight=False)
    return 1 if broken else 0
