"""`./lobbypay demo`: starts the world, opens the kiosk, and either hands it to a person or plays a whole visit alone."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rich.console import Console

from demo.bills import Paper, bill_to_pay, birth_digits
from demo.children import ChildFailed
from demo.signals import quitting_on_signals
from demo.world import World
from domain.errors import Known
from hub.demo_data import demo_bills
from hub.paper.language import Language
from hub.readers import posting_of
from offline_queue.reader import JournalReader

DRAINED_S = 120.0
"""The longest wait for the queue after the hub is back: the sync loop's backoff is at most a few seconds by then."""

SIZE = (1080, 1920)

INTERRUPTED = 130
"""The exit code after Ctrl-C (128 + SIGINT)."""

STOPPED = 143
"""The exit code of a process that was asked to end (128 + SIGTERM)."""


def run(*, headless: bool, out: Path, offline: bool, language: str, seed: int, windowed: bool) -> None:
    """See `./lobbypay demo --help`. Raises Known when a part of the demo fails."""
    alone = headless or not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
    console = Console(stderr=True)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(STOPPED))  # as Ctrl-C: everything is put away on the way out
    state = Path(tempfile.mkdtemp(prefix="lobbypay-demo-"))
    try:
        if alone:
            _tell(console, _play(console, state, out, offline, language, seed))
        else:
            _hand_over(console, state, seed, windowed)
    except KeyboardInterrupt:
        console.print("Stopped; everything is put away.")
        sys.exit(INTERRUPTED)
    finally:
        shutil.rmtree(state)


def _play(console: Console, state: Path, out: Path, offline: bool, language: str, seed: int) -> dict[str, Any]:
    """One visit, alone. Everything that a person would see is kept in `out`."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    _clear(out)
    started = time.monotonic()
    with console.status("Starting the hub, the devices and the kiosk ..."), World(state, seed) as world:
        up = round((time.monotonic() - started) * 1000)
        summary = _visit(console, world, out, offline, language, seed)
        summary["steps"].insert(0, {"name": "start", "ms": up})
    (out / "summary.json").write_text(json.dumps(summary, indent=2) + "\n", encoding="utf-8")
    return summary


def _clear(out: Path) -> None:
    """Makes the folder, without what an earlier demo left there."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        for old in (*out.glob("[0-9][0-9]-*.png"), *out.glob("receipt.*"), *out.glob("summary.json")):
            old.unlink()
        (out / "summary.json").touch()
    except OSError as error:
        raise Known(f"The demo cannot write to {out}: {error.strerror}. Name another folder with --out.") from error


def _visit(console: Console, world: World, out: Path, offline: bool, language: str, seed: int) -> dict[str, Any]:
    depths: list[int] = []

    def leave() -> None:
        depths.append(_depth(world))

    with quitting_on_signals() as signals:
        # Qt is imported only here: `--help` and a failing start have no use for it.
        from demo.patient import Patient
        from ui.app import Face
        from ui.early import application

        bill = bill_to_pay(demo_bills(world.hub_folder), seed)
        page = Paper(bill, Language(language) if language in {*Language} else Language.EN).shown()
        signals.app = app = application(sys.argv[:1])
        face = Face(str(world.socket), windowed=True, size=SIZE)
        face.show()
        cut: Callable[[], None] = world.cut_hub if offline else _nothing
        digits = birth_digits(bill.birth_date, language)
        patient = Patient(face, out, language, digits, lambda: world.camera.tell(show=page), cut, leave)
        patient.lost.connect(app.quit)
        patient.done.connect(app.quit)
        if signals.heard is None:
            patient.start()
            app.exec()
    face.close()
    if signals.heard == signal.SIGTERM:
        sys.exit(STOPPED)
    if signals.heard is not None:
        raise KeyboardInterrupt
    if not patient.left:
        raise ChildFailed(f"The visit did not get past the screen {patient.screen!r}. Its pictures are in {out}.")
    if offline:
        console.print("The hub is back; what was queued goes out by itself.")
        world.restore_hub()
    drained = time.monotonic()
    _wait_until(lambda: _depth(world) == 0, DRAINED_S, "The queue did not empty after the hub was back.")
    patient.steps.append({"name": "delivered", "ms": round((time.monotonic() - drained) * 1000)})
    return _summary(world, patient.pictures, patient.steps, depths[0], out)


def _summary(world: World, pictures: list[Path], steps: list[dict[str, str | int]], before: int, out: Path) -> dict[str, Any]:
    """What DESIGN's command contract asks for, read back from the kiosk's own journal and the hub's own books."""
    paper = world.printer.wait_report("printed", 10.0)
    shutil.copyfile(paper["png"], out / "receipt.png")
    shutil.copyfile(paper["raw"], out / "receipt.bin")
    with JournalReader(world.kiosk_folder) as reader:
        (attempt,) = reader.attempts()
        after = reader.queue().depth
    return {
        "payment_id": attempt.id,
        "amount_cents": attempt.amount.minor,
        "currency": attempt.amount.currency,
        "outcome": attempt.state.value,
        "offline": attempt.offline,
        "queue_depth_before": before,
        "queue_depth_after": after,
        "hub_posting_id": posting_of(world.hub_folder, attempt.id),
        "screens": [str(path) for path in pictures],
        "receipt_png": str(out / "receipt.png"),
        "receipt_raw": str(out / "receipt.bin"),
        "steps": steps,
    }


def _depth(world: World) -> int:
    with JournalReader(world.kiosk_folder) as reader:
        return reader.queue().depth


def _nothing() -> None:
    """The hub stays."""


def _wait_until(true: Callable[[], bool], seconds: float, otherwise: str) -> None:
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            raise ChildFailed(otherwise)
        time.sleep(0.05)


def _tell(console: Console, summary: dict[str, Any]) -> None:
    """The last lines: what happened, and where to look."""
    amount = f"{summary['amount_cents'] // 100}.{summary['amount_cents'] % 100:02d} {summary['currency']}"
    console.print(
        f"Payment {summary['payment_id']}: {amount} {summary['outcome']}, posted at the hub as {summary['hub_posting_id']}."
    )
    console.print(f"Queued when the patient left: {summary['queue_depth_before']}; now: {summary['queue_depth_after']}.")
    folder = Path(summary["receipt_png"]).parent
    console.print(f"{len(summary['screens'])} screens, the receipt and summary.json are in {folder}.")


def _hand_over(console: Console, state: Path, seed: int, windowed: bool) -> None:
    """The kiosk on the display, with the panel of its devices, until somebody closes it."""
    from demo.panel import show_kiosk

    with contextlib.ExitStack() as ending:
        with console.status("Starting the hub, the devices and the kiosk ..."):
            world = ending.enter_context(World(state, seed, person=True))
        password = (world.hub_folder / "demo-password").read_text(encoding="utf-8").strip()
        console.print(f"The hub's pages: {world.hub_url}, signed in to as demo with {password}")
        console.print(f"The staff screen (Call for help, Go to the staff screen): PIN {world.staff_pin}")
        show_kiosk(world, windowed)
