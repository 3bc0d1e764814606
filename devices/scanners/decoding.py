"""Frames to codes: zxing-cpp for the symbologies that billers print, OpenCV to find what lies tilted.

A glance for QR codes first, then everything over the whole frame. Where that says nothing new, closer looks at regions
(devices.scanners.regions): bars at any tilt, PDF417 beyond the 4 degrees that zxing-cpp allows, symbols that it found but could
not read.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator
from dataclasses import replace

import numpy as np
import zxingcpp

from devices.scanners.opencv import cv2
from devices.scanners.port import Code, Corner, Sighting
from devices.scanners.regions import WHOLE, Frame, Place, Region, Search, around, enlarged, sharpened, shrunk

BARS = frozenset({"Code128", "Code39", "ITF"})
MATRIX = frozenset({"QRCode", "DataMatrix"})
SYMBOLOGIES = BARS | MATRIX | {"PDF417"}
"""What is printed on statements. EAN, UPC, Codabar and Aztec are not: they would only be misread (reference: scanning)."""
LONGEST_SIDE = 4096
"""Pixels; a larger frame is shrunk to this, or reading it would take minutes."""

__all__ = ["BARS", "LONGEST_SIDE", "MATRIX", "SYMBOLOGIES", "Frame", "decode"]

_FORMATS = {name: getattr(zxingcpp.BarcodeFormat, name) for name in SYMBOLOGIES} | {
    "QRCode": zxingcpp.BarcodeFormat.QRCodeModel2  # not the family: Micro QR is not on statements
}
_NOT_TEXT = (zxingcpp.ContentType.Binary, zxingcpp.ContentType.Mixed, zxingcpp.ContentType.UnknownECI)
_UPRIGHT = 3.0  # degrees; what is turned less was read with the whole frame
_MOST_OF = 0.65  # of the bars as the locator sees them, who adds a tenth at each end, for a reading to be of all of them
_NOISY = 3  # grey levels that half of the pixels change by when they are calmed: noise of 5 or more (sigma)
_NOISE_STEP = 8  # every eighth pixel each way is enough to tell
_DOUBTFUL_LEAST = 28  # pixels; print finds smaller "symbols" everywhere
_SMALL = 480 * 640  # pixels; a frame this small may be looked at once more as a whole
_LOCAL, _GLOBAL = zxingcpp.Binarizer.LocalAverage, zxingcpp.Binarizer.GlobalHistogram


def decode(
    frame: Frame, known: Collection[Code] = (), met: Collection[Code] = (), symbologies: frozenset[str] = SYMBOLOGIES
) -> tuple[Sighting, ...]:
    """The codes of `symbologies` (names of zxing-cpp) in `frame`, each once, in no order; costs only what these need.

    It ends with the first pass that finds something which is not `known`: a glance for QR codes, then everything, then closer
    looks. The glance is not enough either where it finds only what was `met` before: a QR code so hides the bars beside it for
    one frame, and whoever agrees on it has seen them too.
    """
    if not frame.size:
        return ()
    small, scale = shrunk(frame, LONGEST_SIDE)
    grey = small if small.ndim == 2 else np.asarray(cv2.cvtColor(small, cv2.COLOR_BGR2GRAY), np.uint8)
    whole, search = Region(grey, WHOLE * scale), Search(grey)
    calm = replace(whole, crop=np.asarray(cv2.GaussianBlur(grey, (3, 3), 0), np.uint8))
    found: dict[Code, Sighting] = {}
    if "QRCode" in symbologies:  # those that are sharp and dark on light, at a twentieth of what everything costs
        found |= {sighting.code: sighting for sighting in _read(calm, frozenset({"QRCode"}), thorough=False)}
        if found.keys() - {*known, *met}:
            return tuple(found.values())
    doubtful: list[zxingcpp.Barcode] = []
    for sighting in _without_fragments(_read_whole(whole, calm, symbologies, doubtful), whole, search):
        found[sighting.code] = sighting
    if not found.keys() - set(known):
        for sighting in _closer_looks(whole, search, doubtful, symbologies):
            found.setdefault(sighting.code, sighting)
    return tuple(found.values())


def _read_whole(whole: Region, calm: Region, symbologies: frozenset[str], doubtful: list[zxingcpp.Barcode]) -> list[Sighting]:
    """A sensor's noise is a pattern to zxing-cpp, which then takes five times as long and reads less: it gets the calmed frame
    where there is much of it. Only bars finer than the calming are looked for in the frame as it is."""
    step = slice(None, None, _NOISE_STEP)
    if np.median(cv2.absdiff(whole.crop[step, step], calm.crop[step, step])) < _NOISY:
        return _read(whole, symbologies, doubtful)
    sightings = _read(calm, symbologies, doubtful)
    if (bars := symbologies & BARS) and not any(sighting.code.symbology in bars for sighting in sightings):
        sightings += _read(whole, bars)
    return sightings


def _without_fragments(sightings: list[Sighting], whole: Region, search: Search) -> Iterator[Sighting]:
    """A line that leaves tilted bars half way reads an Interleaved 2 of 5 of fewer digits, which no check of its own betrays
    (reference: scanning, "Payment safety"). So what is shorter than the bars that the locator finds there is dropped, and
    tilted bars are read level or not at all."""
    if not any(sighting.code.symbology == "ITF" for sighting in sightings):
        yield from sightings
        return
    regions = [_within(region, whole) for region in search.bars]
    for sighting in sightings:
        if sighting.code.symbology != "ITF" or not any(
            region.holds(sighting.corners) and (region.tilt > _UPRIGHT or _part(sighting, region)) for region in regions
        ):
            yield sighting
    for region in regions:
        if region.tilt > _UPRIGHT:
            level = _look_at_bars(region, frozenset({"ITF"}))
            yield from (sighting for sighting in level if not _part(sighting, region))


def _part(sighting: Sighting, region: Region) -> bool:
    (left, top), (right, bottom) = sighting.corners[:2]
    return math.hypot(right - left, bottom - top) < _MOST_OF * region.length


def _closer_looks(
    whole: Region, search: Search, doubtful: Collection[zxingcpp.Barcode], symbologies: frozenset[str]
) -> Iterator[Sighting]:
    if bars := symbologies & BARS:
        for region in search.bars:
            placed = _within(region, whole)
            for sighting in _look_at_bars(placed, bars):
                if sighting.code.symbology != "ITF" or not _part(sighting, placed):
                    yield sighting
    if stacked := symbologies & {"PDF417"}:
        for region in search.stacked(_UPRIGHT):
            yield from _read(_within(region, whole), stacked)
    for barcode in doubtful:
        if surroundings := around(whole.crop, _corners(barcode.position, WHOLE), _DOUBTFUL_LEAST):
            yield from _look_harder(_within(surroundings, whole), frozenset({barcode.symbology.name}))
    if whole.crop.size <= _SMALL:
        yield from _look_harder(whole, symbologies)


def _look_at_bars(region: Region, symbologies: frozenset[str]) -> list[Sighting]:
    return _read(region, symbologies) or _read(sharpened(enlarged(region)), symbologies)


def _look_harder(region: Region, symbologies: frozenset[str]) -> list[Sighting]:
    """Larger, with another judgement of what is dark, and sharper, until something reads."""
    closer = enlarged(region)
    return _read(closer, symbologies) or _read(closer, symbologies, binarizer=_GLOBAL) or _read(sharpened(closer), symbologies)


def _within(region: Region, whole: Region) -> Region:
    """A region of `whole.crop`, placed in the frame."""
    place = whole.place[:, :2] @ region.place
    place[:, 2] += whole.place[:, 2]
    return replace(region, place=place, length=region.length * float(whole.place[0, 0]))


def _read(
    region: Region,
    symbologies: Collection[str],
    doubtful: list[zxingcpp.Barcode] | None = None,
    binarizer: zxingcpp.Binarizer = _LOCAL,
    thorough: bool = True,
) -> list[Sighting]:
    """The codes in one region; what was found there and could not be read goes to `doubtful`. Two readings of one place that
    disagree are none: a Code 128 read askew can pass its own checksum with wrong letters, and which is right cannot be told."""
    barcodes = zxingcpp.read_barcodes(
        region.crop,
        zxingcpp.BarcodeFormats([_FORMATS[name] for name in symbologies]),
        text_mode=zxingcpp.TextMode.Plain,  # the default rewrites GS1 codes
        binarizer=binarizer,
        try_invert=thorough,
        try_downscale=thorough,
        return_errors=doubtful is not None,
    )
    if doubtful is not None:
        doubtful += [barcode for barcode in barcodes if not barcode.valid]
    valid = [barcode for barcode in barcodes if barcode.valid]
    sightings = []
    for barcode in valid:
        if not any(barcode.text != other.text and _overlap(barcode.position, other.position) for other in valid):
            text = "" if barcode.content_type in _NOT_TEXT else barcode.text
            sightings.append(Sighting(Code(barcode.symbology.name, text), _corners(barcode.position, region.place)))
    return sightings


def _corners(at: zxingcpp.Position, place: Place) -> tuple[Corner, Corner, Corner, Corner]:
    points = (at.top_left, at.top_right, at.bottom_right, at.bottom_left)
    first, second, third, fourth = (place @ (point.x, point.y, 1.0) for point in points)
    return _corner(first), _corner(second), _corner(third), _corner(fourth)


def _corner(point: Place) -> Corner:
    return round(point[0]), round(point[1])


def _overlap(one: zxingcpp.Position, other: zxingcpp.Position) -> bool:
    """Whether the upright boxes around two symbols share a place."""
    (left, top), (right, bottom) = _box(one)
    (left2, top2), (right2, bottom2) = _box(other)
    return bool(left <= right2 and left2 <= right and top <= bottom2 and top2 <= bottom)


def _box(position: zxingcpp.Position) -> tuple[Place, Place]:
    corners = _corners(position, WHOLE)
    return np.min(corners, axis=0), np.max(corners, axis=0)
