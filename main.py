"""The commands, once the environment exists: each imports its room only when it runs, so that `--help` is quick."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from domain.errors import Known

app = typer.Typer(
    name="lobbypay",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="""A self-service payment kiosk for hospital and clinic lobbies, and the hub it syncs to.

    Start with ./lobbypay demo: everything runs on this machine, with simulated devices, and nothing is charged.""",
    epilog="Exit code: 0 done, 1 could not be done (one sentence on stderr says why), 2 wrong usage.",
)

PASS_ON = {"allow_extra_args": True, "ignore_unknown_options": True}
"""For commands that hand what they do not know to another command line."""


class Part(StrEnum):
    """Which process of a kiosk to run; both, when not said."""

    ENGINE = "engine"
    UI = "ui"


class Language(StrEnum):
    """The languages that the demo's patient speaks."""

    EN = "en"
    ES = "es"
    ZH = "zh"
    VI = "vi"
    AR = "ar"


@app.command()
def demo(
    headless: Annotated[bool, typer.Option("--headless", help="No window: play a whole visit alone.")] = False,
    out: Annotated[Path, typer.Option(metavar="DIR", help="Where pictures, receipt and summary.json go.")] = Path("demo-out"),
    offline: Annotated[bool, typer.Option("--offline", help="Cut the hub off before paying, bring it back after.")] = False,
    lang: Annotated[Language, typer.Option(help="The patient's language.")] = Language.EN,
    seed: Annotated[int, typer.Option(metavar="N", min=0, help="Another number pays another bill.")] = 1,
    windowed: Annotated[bool, typer.Option("--windowed", help="A window instead of the full screen.")] = False,
    gallery: Annotated[bool, typer.Option("--gallery", help="Only draw every screen and state into DIR.")] = False,
) -> None:
    """Play the whole thing: hub, terminal, camera, printer and kiosk on this machine.

    On a display the kiosk opens full screen, with a panel of the simulated devices beside it: show a bill to the camera,
    tap a card, run out of paper. Without one (or with --headless) it plays a visit by itself and leaves in DIR a picture
    of every screen, the receipt, and summary.json.
    """
    if gallery:
        from demo.contact_sheet import draw_gallery

        draw_gallery(out)
        return
    from demo.director import run

    run(headless=headless, out=out, offline=offline, language=lang.value, seed=seed, windowed=windowed)


@app.command(context_settings=PASS_ON, options_metavar="[--all] [PYTEST ARGUMENTS]")
def test(
    context: typer.Context,
    slow: Annotated[bool, typer.Option("--all", help="The slow tests too.")] = False,
) -> None:
    """Run every gate and every test: what must hold before a change goes in.

    Alone: the linters, the types, the floors, the banned patterns, all tests, and full coverage of the money rooms.
    With pytest arguments (a path, -k WORD, -x): those tests only, by pytest alone.
    """
    from checks.run import run

    raise typer.Exit(run(context.args, slow=slow))


@app.command()
def kiosk(
    config: Annotated[Path, typer.Option(metavar="FILE", help="The settings file (docs/technician.md).")],
    enrol: Annotated[bool, typer.Option("--enrol", help="Enrol at the hub with a one-time code, then stop.")] = False,
    part: Annotated[Part | None, typer.Option(help="Run one process only, as the services on a real kiosk do.")] = None,
) -> None:
    """Run a real kiosk on this machine, with the devices that its settings name."""
    from kiosk.process import run

    run(config=config, enrolling=enrol, part=part.value if part else None)


@app.command(context_settings=PASS_ON | {"help_option_names": []}, options_metavar="COMMAND [ARGS]")
def hub(context: typer.Context) -> None:
    """The back office: serve, migrate, enrol kiosks. `hub --help` lists its commands."""
    from hub.commands import app as hub_app

    hub_app(args=context.args, prog_name="lobbypay hub")


@app.command(context_settings=PASS_ON | {"help_option_names": []}, options_metavar="COMMAND [ARGS]")
def queue(context: typer.Context) -> None:
    """What waits at a kiosk for the hub: list it, audit it, export it, send it now. `queue --help` lists its commands."""
    from kiosk.queue_commands import app as queue_app

    queue_app(args=context.args, prog_name="lobbypay queue")


@app.command(context_settings=PASS_ON | {"help_option_names": []}, options_metavar="COMMAND [ARGS]")
def terminal(context: typer.Context) -> None:
    """One card terminal, for technicians: how it is, a test payment, taking it back, reading a capture. `terminal --help`."""
    from kiosk.terminal_commands import app as terminal_app

    terminal_app(args=context.args, prog_name="lobbypay terminal")


@app.command()
def scan(
    images: Annotated[list[str], typer.Argument(metavar="IMAGE|DIR|URL...", help="PNG, JPEG, BMP, WebP; a camera's stream too.")],
    as_json: Annotated[bool, typer.Option("--json", help="One line of JSON for each image, and nothing else.")] = False,
    profile: Annotated[
        list[str] | None,
        typer.Option(metavar="FILE", help="Try this biller profile instead of all shipped ones. May be given again."),
    ] = None,
    config: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A kiosk's settings: its profiles, its payees, its hub's keys.")
    ] = None,
) -> None:
    """Show which codes are in a picture, which biller profile takes them, and why the others do not.

    Nothing is looked up at a hub, and no link is ever opened. Our own signed links can be judged with --config only: the keys are
    in the kiosk's memory. docs/biller-profiles.md says how to write a profile; those that are shipped go by their names.
    """
    from kiosk.scan_command import run

    run(images, as_json=as_json, names=profile or [], config=config)


@app.command()
def bench(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[NAME]...",
            help="start, card, ui-tick, capture, drain, tlv, terminal, scan; all if left out. scan-wrong: scan.wrong alone.",
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One line of JSON for each figure, and nothing else.")] = False,
    images: Annotated[
        Path | None, typer.Option(metavar="DIR", help="scan: photographs of codes, and truth.json with what each says.")
    ] = None,
    long: Annotated[
        bool, typer.Option("--long", help="scan: 100,000 distorted frames instead of 2,000; some two hours.")
    ] = False,
) -> None:
    """Measure what was promised: each figure with its limit; exit 1 when one is not kept."""
    from benchmarks.runner import NAMES, PARTS, run

    if unknown := sorted(set(names or []) - {*NAMES, *PARTS}):
        raise typer.BadParameter(f"there is no benchmark {unknown[0]!r}; there are {', '.join(NAMES + PARTS)}")
    options: dict[str, dict[str, object]] = {"scan": {"images": images, "long": long}, "scan-wrong": {"long": long}}
    raise typer.Exit(0 if run(names or [], as_json=as_json, options=options) else 1)


def main() -> int:
    """Runs the command on the command line and returns its exit code."""
    try:
        app(prog_name="lobbypay")
    except Known as failure:
        print(f"lobbypay: {failure}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
