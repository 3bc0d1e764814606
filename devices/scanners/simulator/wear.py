"""What becomes of a printed code on its way to the sensor: turned, slanted, folded, faded, blurred, in glare, cut off. Seeded."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import zxingcpp
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from devices.lettering import Lettering
from devices.scanners.opencv import cv2

Grey = NDArray[np.uint8]
"""Height x width, 0 black to 255 white."""

DPI = 200
MODULES = {"QRCode": 5, "DataMatrix": 5, "Code128": 4, "Code39": 3, "ITF": 3, "PDF417": 3}
"""Pixels of the page to a module: 0.64 mm for our QR code, 15 to 20 mil for bars, as lockbox guides ask for."""
_BARS_HIGH = 100  # half an inch
_PAPER, _INK, _DESK = 250, 28, 88
_PAGE = (1700, 1100)
_QUIET = 10


@dataclass(frozen=True, slots=True)
class Wear:
    """How a page is filmed. `scale`: pixels of the frame to one of the page (0.93 fills 1080p with a US Letter sheet)."""

    turn: float = 0.0
    """Degrees."""
    scale: float = 0.93
    slant: tuple[float, float] = (0.0, 0.0)
    """How much nearer the camera is the right, and the lower, end of a page's width: 0.1 is a steep hold."""
    shift: tuple[float, float] = (0.0, 0.0)
    """Where the code's middle is, in parts of the frame from the frame's middle."""
    fold: tuple[float, float] | None = None
    """A crease: its direction in degrees, and how far from the code's middle in pixels of the page."""
    blur: float = 0.0
    """Sigma in pixels of the frame."""
    contrast: float = 1.0
    glare: tuple[float, float, float] | None = None
    """A lamp's reflection: x and y in parts of the frame from its middle, radius in parts of its width."""
    cover: float = 0.0
    """A thumb over this part of the code, from its left end."""
    noise: float = 0.0
    """Sigma in grey levels."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page in pixels and where on it the code is: left, top, right, bottom."""

    page: Grey
    code: tuple[int, int, int, int]


def print_sheet(symbology: str, text: str, module: int = 0) -> Sheet:
    """The upper half of a bill with one code of a symbology in MODULES, `module` pixels to a module, or as there when that is 0.
    Raises ValueError for text that the symbology cannot say."""
    module = module or MODULES[symbology]
    options = {"ec_level": "M"} if symbology == "QRCode" else {}
    barcode = zxingcpp.create_barcode(text, getattr(zxingcpp.BarcodeFormat, symbology), **options)
    cells = np.asarray(barcode.to_image(scale=1, add_quiet_zones=False), np.uint8)
    if symbology in ("Code128", "Code39", "ITF"):
        cells, high = cells[:1], _BARS_HIGH
    else:
        high = module
    picture = Image.fromarray(cells).resize((cells.shape[1] * module, cells.shape[0] * high), Image.Resampling.NEAREST)
    page = Image.new("L", _PAGE, _PAPER)
    canvas = ImageDraw.Draw(page)
    left, top = (_PAGE[0] - picture.width) // 2, (_PAGE[1] - picture.height) // 2
    for line in range(26):
        y = 60 + line * 40
        if not top - 50 < y < top + picture.height + 70:
            Lettering(29).draw(canvas, (120, y), f"Mar {line + 1}, 2026     Emergency visit, level {line % 5 + 1}", _INK)
            Lettering(29).draw_to(canvas, (_PAGE[0] - 120, y), f"${line * 137 % 911}.{line * 31 % 100:02d}", _INK)
    canvas.rounded_rectangle((120, top - 40, _PAGE[0] - 120, top + picture.height + 40), radius=24, outline=200, width=3)
    page.paste(_INK, (left, top), Image.eval(picture, lambda level: 255 - level))
    return Sheet(np.asarray(page, np.uint8), (left, top, left + picture.width, top + picture.height))


def film(sheet: Sheet, wear: Wear, chance: np.random.Generator, size: tuple[int, int] = (1920, 1080)) -> Grey:
    """The frame, `size` wide and high. `chance` gives the noise."""
    page = sheet.page
    left, top, right, bottom = sheet.code
    if wear.cover:
        page = page.copy()
        page[top - _QUIET : bottom + _QUIET, left - _QUIET : left + round(wear.cover * (right - left))] = 150
    bend = _bend(sheet, wear, size)
    frame = np.asarray(cv2.warpPerspective(page, bend, size, flags=cv2.INTER_AREA, borderValue=(_DESK,)), np.uint8)
    if wear.fold:
        frame = _fold(page, frame, bend, sheet, wear.fold)
    light = frame.astype(np.float32)
    if wear.glare:
        x, y, radius = wear.glare
        across, down = np.arange(size[0]) - size[0] * (0.5 + x), np.arange(size[1]) - size[1] * (0.5 + y)
        far = (across[None, :] ** 2 + (1.7 * down[:, None]) ** 2) / (radius * size[0]) ** 2
        light += 260.0 * np.exp(-(far**2)).astype(np.float32)
        light = np.minimum(light, 255.0)
    if wear.blur:
        light = np.asarray(cv2.GaussianBlur(light, (0, 0), wear.blur), np.float32)
    light = 150.0 + (light - 150.0) * wear.contrast if wear.contrast != 1.0 else light
    if wear.noise:
        light += chance.normal(0.0, wear.noise, light.shape).astype(np.float32)
    return light.clip(0, 255).astype(np.uint8)


def any_wear(chance: np.random.Generator) -> Wear:
    """What a lobby brings: most pages a little of everything, some pages too much of something."""
    some = chance.random
    return Wear(
        turn=float(chance.uniform(-180, 180) if some() < 0.4 else chance.normal(0, 8)),
        scale=float(chance.uniform(0.55, 1.2)),
        slant=(float(chance.normal(0, 0.04)), float(chance.normal(0, 0.04))),
        shift=(float(chance.uniform(-0.12, 0.12)), float(chance.uniform(-0.12, 0.12))),
        fold=(float(chance.uniform(0, 180)), float(chance.uniform(-150, 150))) if some() < 0.3 else None,
        blur=float(chance.uniform(0.3, 2.0)),
        contrast=float(chance.uniform(0.15, 1.0)),
        glare=(float(chance.uniform(-0.3, 0.3)), float(chance.uniform(-0.3, 0.3)), float(chance.uniform(0.05, 0.2)))
        if some() < 0.3
        else None,
        cover=float(chance.uniform(0.02, 0.5)) if some() < 0.2 else 0.0,
        noise=float(chance.uniform(1, 12)),
    )


def _bend(sheet: Sheet, wear: Wear, size: tuple[int, int]) -> NDArray[np.float64]:
    """What takes a point of the page to the frame."""
    left, top, right, bottom = sheet.code
    to_middle = np.array([[1.0, 0.0, -(left + right) / 2], [0.0, 1.0, -(top + bottom) / 2], [0.0, 0.0, 1.0]])
    angle = math.radians(wear.turn)
    sine, cosine = wear.scale * math.sin(angle), wear.scale * math.cos(angle)
    turn = np.array([[cosine, sine, 0.0], [-sine, cosine, 0.0], [0.0, 0.0, 1.0]])
    width = _PAGE[0] * wear.scale
    slant = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [-wear.slant[0] / width * 2, -wear.slant[1] / width * 2, 1.0]])
    place = np.array([[1.0, 0.0, size[0] * (0.5 + wear.shift[0])], [0.0, 1.0, size[1] * (0.5 + wear.shift[1])], [0.0, 0.0, 1.0]])
    bent: NDArray[np.float64] = place @ slant @ turn @ to_middle
    return bent


def _fold(page: Grey, frame: Grey, bend: NDArray[np.float64], sheet: Sheet, fold: tuple[float, float]) -> Grey:
    """Beyond the crease the paper leans away: it is narrower there, and darker."""
    left, top, right, bottom = sheet.code
    angle = math.radians(fold[0])
    normal = np.array([math.cos(angle), math.sin(angle)])
    reach = float(normal @ ((left + right) / 2, (top + bottom) / 2)) + fold[1]
    lean = np.eye(3)
    lean[:2, :2] -= 0.12 * np.outer(normal, normal)
    lean[:2, 2] = 0.12 * reach * normal
    size = (frame.shape[1], frame.shape[0])
    beyond = cv2.warpPerspective(page, bend @ lean, size, flags=cv2.INTER_AREA, borderValue=(_DESK,))
    height, width = page.shape
    side = (np.arange(width)[None, :] * normal[0] + np.arange(height)[:, None] * normal[1] > reach).astype(np.uint8)
    away = cv2.warpPerspective(side, bend, size, flags=cv2.INTER_NEAREST) > 0
    return np.where(away, (beyond * 0.8).astype(np.uint8), frame)
