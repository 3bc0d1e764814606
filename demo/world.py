"""The demo's world: hub, simulated devices and engine, each its own process, wired by a real settings file on loopback."""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import shutil
import sys
from pathlib import Path
from types import TracebackType
from typing import Any

from demo.children import Child
from demo.gallery import SITE
from demo.signals import held
from hub.enrolment import add_kiosk
from hub.folder import Folder
from hub.hub import open_hub
from kiosk.enrolling import enrol_kiosk
from kiosk.settings import read_settings
from kiosk.staff import hash_pin
from offline_queue.keeping import IN_FILE

KIOSK = "demo-kiosk"
CAMERA_NICENESS = 15
TERMINAL_PASSWORD = "123456"

SOUND = """\
[sound]
player = ["aplay", "-q"]
"""

SETTINGS = """\
[kiosk]
name = "{kiosk}"
data = "{data}"
zone = "America/Chicago"

[site]
name = "Riverside Community Hospital"
desk = {{ {desk} }}
phone = "555-0142"
answer_days = 3
currency = "USD"
languages = {languages}
check_host = "{check_host}"

[site.help_paying]
phone = "{help_phone}"
summary = {{ {help_summary} }}

[hub]
url = "{hub_url}"
ca_file = "{ca_file}"

[terminal]
uri = "{terminal}"
password_file = "{password_file}"
day_ends_at = 03:30:00
capture = {capture}

[scanner]
uri = "camera:{camera}"

[printer]
uri = "{printer}"

[billers]
profiles = ["lobbypay-link", "lobbypay-number", "rf-creditor-reference"]
payees = []

{sound}
[offline]
payment = 50000
total = 500000
count = 50
age_hours = 72

[pace]
idle_s = 60
warning_s = 20
thanks_s = 15

[screen]
motion = {motion}
windowed = false

[staff]
pin_hash = "{pin_hash}"
"""


class World:
    """Use as a context manager: everything is up inside, everything has ended after."""

    def __init__(
        self, folder: Path, seed: int, person: bool = False, card_delay_ms: int | None = 1500, protocol: str = "zvt"
    ) -> None:
        """`folder` holds all state and logs. With a `person` at the screen, the simulated card waits for a command, and the
        screen may move; without one the card comes by itself after `card_delay_ms` (None: it waits for a command all the
        same) and every picture is a finished one. `staff_pin` opens the staff screen, which only a person has. `protocol` is the
        terminal's, "zvt" or "neo2": the hub authorises what the latter reads, and cards are captured while it is away."""
        self.folder = folder
        self._seed = seed
        self._person = person
        self._protocol = protocol
        self._card_delay_ms = None if person else card_delay_ms
        self.staff_pin = f"{secrets.randbelow(1_000_000):06}" if person else ""
        self._children: list[Child] = []
        self.hub: Child
        self.terminal: Child
        self.camera: Child
        self.printer: Child
        self.engine: Child
        self.hub_port = 0
        self.hub_url = ""
        self.still_url = ""

    @property
    def hub_folder(self) -> Path:
        return self.folder / "hub"

    @property
    def kiosk_folder(self) -> Path:
        return self.folder / "kiosk"

    @property
    def socket(self) -> Path:
        return self.kiosk_folder / "ui.sock"

    @property
    def settings(self) -> Path:
        return self.folder / "kiosk.toml"

    @property
    def _cable(self) -> Path:
        return self.folder / "terminal-cable"

    def __enter__(self) -> World:
        self.folder.mkdir(parents=True, exist_ok=True)
        try:
            self._start()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for child in reversed(self._children):
            child.stop()

    def _child(self, name: str, *arguments: str) -> Child:
        with held():
            child = Child(name, list(arguments), self.folder / f"{name}.log")
            self._children.append(child)
        return child

    def _leashed(self, name: str, *command: str) -> Child:
        """One of our own commands, which ends with us even when we are killed."""
        return self._child(name, "-m", "demo.leash", sys.executable, "main.py", *command)

    def _start(self) -> None:
        """All at once where nothing depends on the other; the engine last."""
        self.hub = self._start_hub()
        self.terminal = self._start_terminal()
        self.camera = self._child("camera", "-m", "devices.scanners.simulator", "--port", "0", "--seed", str(self._seed))
        # A real camera is no process: drawing and encoding its pictures must not take the kiosk's time.
        os.setpriority(os.PRIO_PROCESS, self.camera.pid, CAMERA_NICENESS)
        paper = str(self.folder / "paper")
        self.printer = self._child("printer", "-m", "devices.printers.simulator", "--port", "0", "--out", paper)
        ready = self._hub_ready()
        camera = self.camera.wait_ready()
        self.still_url = camera["still"]
        self.terminal.wait_ready()
        self._write_settings(ready["ca_file"], camera["url"], self.printer.wait_ready()["uri"])
        self._enrol()
        self.start_engine()

    def _start_hub(self) -> Child:
        arguments = ["hub", "serve", "--data", str(self.hub_folder), "--port", str(self.hub_port), "--demo", "--json"]
        return self._leashed("hub", *arguments)

    def _start_terminal(self) -> Child:
        card = ["--manual"] if self._card_delay_ms is None else ["--card-delay-ms", str(self._card_delay_ms)]
        arguments = ["--protocol", self._protocol, "--link", str(self._cable), "--seed", str(self._seed), *card]
        return self._child("terminal", "-m", "devices.terminals.simulator", *arguments)

    def _hub_ready(self) -> dict[str, Any]:
        ready = self.hub.wait_ready()
        self.hub_url = ready["url"]
        self.hub_port = int(self.hub_url.rsplit(":", 1)[1])
        return ready

    def _write_settings(self, ca_file: str, camera: str, printer: str) -> None:
        password = self.folder / "terminal-password"
        password.write_text(TERMINAL_PASSWORD + "\n", encoding="ascii")
        password.chmod(0o600)
        help_paying = SITE.help_paying
        assert help_paying is not None, "the demo's hospital helps"
        text = SETTINGS.format(
            languages=json.dumps(list(SITE.desk)),
            desk=", ".join(f'{language} = "{where}"' for language, where in SITE.desk.items()),
            help_phone=help_paying.phone,
            help_summary=", ".join(f"{language} = {json.dumps(told)}" for language, told in help_paying.summary.items()),
            kiosk=KIOSK,
            data=self.kiosk_folder,
            check_host=f"LOCALHOST:{self.hub_port}",
            hub_url=self.hub_url,
            ca_file=ca_file,
            terminal=self._terminal_uri(),
            password_file=password,
            capture=str(self._protocol == "neo2").lower(),
            camera=camera,
            printer=printer,
            sound=SOUND if self._person and shutil.which("aplay") else "",
            motion=str(self._person).lower(),
            pin_hash=hash_pin(self.staff_pin, os.urandom) if self.staff_pin else "",
        )
        self.settings.write_text(text, encoding="utf-8")

    def _terminal_uri(self) -> str:
        if self._protocol == "neo2":
            return f"neo2+serial://{self._cable}"
        return f"zvt+serial://{self._cable}?baud=115200&t4={90 if self._person else 5}"

    def _enrol(self) -> None:
        """What staff and a technician do with two commands and a one-time code that one reads to the other."""
        hub = open_hub(Folder(self.hub_folder))
        try:
            _, code = add_kiosk(hub, KIOSK)
        finally:
            hub.store.close()
        asyncio.run(enrol_kiosk(read_settings(self.settings), lambda _: code, IN_FILE))

    def start_engine(self) -> None:
        self.engine = self._leashed("engine", "kiosk", "--config", str(self.settings), "--part", "engine")
        self.engine.wait_ready()

    def cut_hub(self) -> None:
        """The hospital's computer is gone, without a word."""
        self.hub.kill()

    def restore_hub(self) -> None:
        """It is back, at the same address."""
        self.hub = self._start_hub()
        self._hub_ready()

    def restore_terminal(self) -> None:
        """Another one on the same cable, which remembers nothing."""
        self.terminal = self._start_terminal()
        self.terminal.wait_ready()
