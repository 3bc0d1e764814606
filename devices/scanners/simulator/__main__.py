"""A simulated camera over a shelf, as a process: `python -m devices.scanners.simulator [--port 0] [--seed N] [--size 1280x720]`.

Ready:    {"ready": {"url": "http://127.0.0.1:PORT/stream.mjpg", "still": "http://127.0.0.1:PORT/still.png"}}
Commands: {"show": {"png": "<base64>"}}                                      a printed page, as wide as a sheet of US Letter
          {"show_code": {"symbology": "QRCode" | "Code128", "text": "..."}}  a sheet with any code; "base64" for bytes
          {"show": null}                                                     the empty shelf
          {"lay": [..., ...], "distance": 1.0}                               pages and codes, as above, fanned out; far away
          {"fault": "hang" | "unplug" | "black" | "frozen" | "torn" | "blurred" | "dark" | "glare" | null}
Reports:  {"done": <the command's name>} when it is in force, {"error": "..."} for a command that cannot be carried out.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import io
import time
from typing import Any

import numpy as np
from PIL import Image

from devices.scanners.simulator.page import draw_code_sheet
from devices.scanners.simulator.scene import Picture, Scene
from devices.scanners.simulator.server import CameraServer, Fault
from devices.simulator_console import commands, report


def _sheets(shown: list[dict[str, Any]]) -> list[Picture]:
    return [np.asarray(_page(one).convert("RGB"), np.uint8) for one in shown]


def _page(shown: dict[str, Any]) -> Image.Image:
    """What was printed elsewhere, or a sheet with any code."""
    if "symbology" not in shown:
        return Image.open(io.BytesIO(base64.b64decode(shown["png"], validate=True)))
    data = base64.b64decode(shown["base64"], validate=True) if "base64" in shown else shown["text"]
    return draw_code_sheet(shown["symbology"], data)


async def _carry_out(server: CameraServer, command: dict[str, Any]) -> str:
    match command:
        case {"show": None}:
            await server.show()
        case {"show": dict(shown)} | {"show_code": dict(shown)}:
            await server.show(*await asyncio.to_thread(_sheets, [shown]))
        case {"lay": list(shown), **more}:
            await server.show(*await asyncio.to_thread(_sheets, shown), distance=float(more.get("distance", 1.0)))
        case {"fault": fault}:
            server.fail(None if fault is None else Fault(fault))
        case _:
            raise ValueError(f"no such command: {sorted(command)}")
    return next(iter(command))


async def _run(arguments: argparse.Namespace) -> None:
    width, height = (int(side) for side in arguments.size.split("x"))
    server = CameraServer(Scene((width, height), arguments.seed), time.monotonic)
    origin = f"http://127.0.0.1:{await server.start(arguments.port)}"
    filming = asyncio.create_task(server.keep_filming())
    report({"ready": {"url": f"{origin}/stream.mjpg", "still": f"{origin}/still.png"}})
    async for command in commands():
        if filming.done():
            filming.result()
        try:
            report({"done": await _carry_out(server, command)})
        except (ValueError, KeyError, TypeError, OSError) as error:
            report({"error": f"{type(error).__name__}: {error}"})
    filming.cancel()
    await server.stop()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m devices.scanners.simulator", description="A simulated camera over a shelf.")
    parser.add_argument("--port", type=int, default=0, help="loopback port; 0 lets the system choose")
    parser.add_argument("--seed", type=int, default=1, help="the same seed gives the same hand and noise")
    parser.add_argument("--size", default="1280x720", help="pixels of a frame")
    asyncio.run(_run(parser.parse_args()))


main()
