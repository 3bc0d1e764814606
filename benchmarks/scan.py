"""`scan`: how much is read, that nothing is read wrong, what it costs, and how soon a code is known.

Recall on photographs needs `--images DIR`: pictures and a truth.json there, [{"file", "symbology", "text"}, ...]. Each is read as
it is and letterboxed to 1280 x 720, by us and by what others would take; the limit is the best of theirs on the same pictures.
Recall on what a lobby does to a page is on drawn statements, one of each symbology, filmed at 1920 x 1080: better than zxing-cpp
alone in every row, or all of it.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.figure import Figure
from benchmarks.peers import install
from benchmarks.runner import Progress
from benchmarks.scan_readers import Reader, others, ours, zxing
from benchmarks.scan_speed import cost, soon
from benchmarks.scan_wrong import HOST, KEY, KEY_ID
from benchmarks.scan_wrong import figures as wrong
from devices.scanners.decoding import Frame
from devices.scanners.opencv import cv2
from devices.scanners.simulator.wear import Wear, film, print_sheet
from domain.errors import Known
from domain.statement_codes import link_text

LINK = link_text(KEY, HOST, KEY_ID, "ABCDEFGHIJKLMNOP")
TEXTS = {
    "QRCode": LINK, "Code128": "LP400012345656", "Code39": "RF25123456789012", "ITF": "5000056789012345",
    "DataMatrix": "5000056789012345", "PDF417": "LOCKBOX 00123456789 0000012550",
}  # fmt: skip
VARIANTS = 12
SMALL = (1280, 720)


@dataclass(frozen=True, slots=True)
class Photograph:
    """A grey picture and what it says."""

    symbology: str
    text: str
    picture: Frame


def figures(progress: Progress, images: Path | None = None, long: bool = False) -> Iterator[Figure]:
    """Yields scan.event_p95_ms, scan.cpu_ratio, scan.qr_ms, scan.recall.* and scan.wrong; recall of photographs where `images`
    is a folder of them. `long` as in benchmarks.scan_wrong. Raises Known for a folder that is none."""
    photographs = read_photographs(images) if images else []
    install(progress)
    yield from soon(progress, LINK)
    yield from cost(progress, LINK)
    readers, absent = others()
    yield from _photographs(progress, photographs, readers, absent)
    yield from _rows(progress)
    yield from wrong(progress, long)


def read_photographs(folder: Path) -> list[Photograph]:
    """What truth.json in `folder` lists. Raises Known where something is missing or is no picture."""
    try:
        entries = json.loads((folder / "truth.json").read_bytes())
        return [Photograph(entry["symbology"], entry["text"], _picture(folder / entry["file"])) for entry in entries]
    except OSError as error:
        raise Known(f"{error.filename} cannot be read: {error.strerror}.") from error
    except (ValueError, KeyError, TypeError) as error:
        raise Known(f'{folder}/truth.json is not a list of {{"file", "symbology", "text"}}: {error}.') from error


def letterboxed(picture: Frame) -> Frame:
    """In the middle of 1280 x 720, as large as fits."""
    scale = min(SMALL[0] / picture.shape[1], SMALL[1] / picture.shape[0])
    size = max(1, round(picture.shape[1] * scale)), max(1, round(picture.shape[0] * scale))
    fitted = cv2.resize(picture, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    left, top = (SMALL[0] - size[0]) // 2, (SMALL[1] - size[1]) // 2
    frame = np.full(SMALL[::-1], 128, np.uint8)
    frame[top : top + size[1], left : left + size[0]] = fitted
    return frame


def rows(chance: np.random.Generator) -> Mapping[str, list[Wear]]:
    """What is done to a statement, by the row's name."""

    def somewhere() -> tuple[float, float]:
        return float(chance.uniform(-0.1, 0.1)), float(chance.uniform(-0.1, 0.1))

    def variants(one: Callable[[], Wear]) -> list[Wear]:
        return [one() for _ in range(VARIANTS)]

    def held(turn: float, **more: object) -> Wear:
        wear = {"scale": float(chance.uniform(0.8, 1.0)), "shift": somewhere(), "blur": 0.5, "noise": 3.0} | more
        return Wear(turn=turn, **wear)  # type: ignore[arg-type]

    def nearly_level() -> float:
        return float(chance.normal(0, 4))

    def glare() -> tuple[float, float, float]:
        return float(chance.uniform(-0.12, 0.12)), float(chance.uniform(-0.05, 0.05)), float(chance.uniform(0.03, 0.08))

    def slant() -> tuple[float, float]:
        return float(chance.uniform(-0.35, 0.35)), float(chance.uniform(-0.35, 0.35))

    return {f"rotated-{turn:03}": [held(turn), held(turn)] for turn in range(0, 360, 15)} | {
        "blurred-1.0": variants(lambda: held(nearly_level(), blur=1.0)),
        "blurred-1.5": variants(lambda: held(nearly_level(), blur=1.5)),
        "low-contrast-0.2": variants(lambda: held(nearly_level(), contrast=0.2)),
        # a lamp's reflection takes away what nobody can read: what is left is read on paper as it is held, not quite level
        "glare": variants(lambda: held(2.5 * nearly_level(), shift=(0.0, 0.0), scale=0.93, glare=glare())),
        "perspective": variants(lambda: held(nearly_level(), slant=slant())),
    }


def _photographs(
    progress: Callable[[str], None], photographs: list[Photograph], readers: tuple[Reader, ...], absent: str
) -> Iterator[Figure]:
    by_symbology: dict[str, list[Photograph]] = defaultdict(list)
    for photograph in photographs:
        by_symbology[photograph.symbology.lower()].append(photograph)
    for symbology, those in by_symbology.items():
        name = "qr" if symbology == "qrcode" else symbology
        for size, shown in (("720", letterboxed), ("native", lambda picture: picture)):
            progress(f"{len(those)} photographs of {symbology}, {size}")
            read = {reader.name: _share(reader.read, those, shown) for reader in (Reader("ours", ours), *readers)}
            mine = read.pop("ours")
            columns = ", ".join(f"{reader} {share:.1%}" for reader, share in read.items())
            note = f"{len(those)} photographs; the limit is the best on these same: {columns}{absent}"
            yield Figure(f"scan.recall.{name}.{size}", round(mine, 4), round(max(read.values()), 4), "higher", note)


def _share(read: Callable[[Frame], set[str]], those: list[Photograph], shown: Callable[[Frame], Frame]) -> float:
    return sum(photograph.text in read(shown(photograph.picture)) for photograph in those) / len(those)


def _rows(progress: Callable[[str], None]) -> Iterator[Figure]:
    chance = np.random.default_rng(1)
    sheets = [(text, print_sheet(symbology, text)) for symbology, text in TEXTS.items()]
    for row, wears in rows(chance).items():
        progress(f"a statement, {row}")
        frames = [(text, film(sheet, wear, chance)) for text, sheet in sheets for wear in wears]
        mine = sum(text in ours(frame) for text, frame in frames)
        alone = sum(text in zxing(frame) for text, frame in frames)
        limit = min(len(frames), alone + 1)
        note = f"of {len(frames)} frames of 1920 x 1080 we read {mine} and zxing-cpp alone {alone}; the limit is one more, or all"
        yield Figure(f"scan.recall.{row}", round(mine / len(frames), 4), round(limit / len(frames), 4), "higher", note)


def _picture(path: Path) -> Frame:
    # not imread, which falls over a file name that is not UTF-8 (reference: scanning)
    picture = cv2.imdecode(np.frombuffer(path.read_bytes(), np.uint8), cv2.IMREAD_GRAYSCALE)
    if picture is None:
        raise Known(f"{path} is no picture.")
    return np.asarray(picture, np.uint8)
