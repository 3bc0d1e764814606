"""Where what cards say would be written down, or a card could be put on from afar, none is read."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from devices.smartcards.safety import Unsafe, check_service

READER = "ACS ACR39U ICC Reader 00 00"


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A machine on which all is well: pcscd as Debian starts it, and the free driver's configuration."""
    (tmp_path / "proc" / "77").mkdir(parents=True)
    (tmp_path / "proc" / "78").mkdir()
    (tmp_path / "proc" / "self").mkdir()
    (tmp_path / "etc" / "reader.conf.d").mkdir(parents=True)
    (tmp_path / "etc" / "reader.conf.d" / "libccidtwin").write_text("# FRIENDLYNAME x\n")
    runs(tmp_path, "/usr/sbin/pcscd --foreground --auto-exit")
    return tmp_path


def runs(machine: Path, command: str) -> None:
    (machine / "proc" / "77" / "cmdline").write_text("\0".join(command.split()) + "\0")


def check(machine: Path, reader: str = READER) -> None:
    check_service(reader, machine / "proc", machine / "etc")


def test_a_kiosk_as_it_should_be(machine: Path) -> None:
    check(machine)


@pytest.mark.parametrize(
    "options", ["--apdu", "--debug", "-a", "-d", "-fad", "--foreground --apdu", "-f --deb", "--ap", "-x -d", "--a"]
)
def test_a_pcscd_that_logs_what_cards_say_is_refused(machine: Path, options: str) -> None:
    runs(machine, f"/usr/sbin/pcscd {options}")
    with pytest.raises(Unsafe, match="pcscd-logs"):
        check(machine)


@pytest.mark.parametrize("command", ["pcscd -f -x", "pcscd --info --error -C", "/bin/other --apdu", "grep pcscd --debug"])
def test_other_options_and_other_programs_are_not(machine: Path, command: str) -> None:
    runs(machine, command)
    check(machine)


def test_a_virtual_reader_is_refused_by_its_name_and_by_its_configuration(machine: Path) -> None:
    with pytest.raises(Unsafe, match="virtual-reader"):
        check(machine, "Virtual PCD 00 00")
    (machine / "etc" / "reader.conf.d" / "vpcd").write_text("LIBPATH /usr/lib/pcsc/drivers/serial/libifdvpcd.so\n")
    with pytest.raises(Unsafe, match="virtual-reader"):
        check(machine)


def test_a_spy_between_us_and_pcscd_is_refused(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (machine / "etc" / "ld.so.preload").write_text("/usr/lib/libpcscspy.so\n")
    with pytest.raises(Unsafe, match="pcsc-spied"):
        check(machine)
    (machine / "etc" / "ld.so.preload").unlink()
    check(machine)
    monkeypatch.setenv("LD_PRELOAD", "libpcscspy.so.0")
    with pytest.raises(Unsafe, match="pcsc-spied"):
        check(machine)


def test_a_process_that_reads_cards_leaves_no_core_and_shows_its_memory_to_nobody() -> None:
    look = (
        "import os, resource, ctypes, signal; from devices.own_process import leave_nothing; leave_nothing();"
        "print(resource.getrlimit(resource.RLIMIT_CORE), ctypes.CDLL(None).prctl(3, 0, 0, 0, 0));"
        "death = ctypes.c_int(); ctypes.CDLL(None).prctl(2, ctypes.byref(death), 0, 0, 0);"
        "print(signal.Signals(death.value).name)"
    )
    done = subprocess.run([sys.executable, "-c", look], check=True, stdout=subprocess.PIPE, text=True)
    assert done.stdout.split("\n")[:2] == ["(0, 0) 0", "SIGKILL"]
