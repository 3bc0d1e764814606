"""Readers of codes that others would take: zxing-cpp alone, pyzbar, OpenCV's own, and the first two together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import zxingcpp

from devices.scanners.decoding import SYMBOLOGIES, Frame, decode
from devices.scanners.opencv import cv2

SIX = zxingcpp.BarcodeFormats([getattr(zxingcpp.BarcodeFormat, name) for name in sorted(SYMBOLOGIES)])


@dataclass(frozen=True, slots=True)
class Reader:
    """`read` gives the texts in a grey frame."""

    name: str
    read: Callable[[Frame], set[str]]


def ours(frame: Frame) -> set[str]:
    return {sighting.code.text for sighting in decode(frame)}


def zxing(frame: Frame) -> set[str]:
    """As we call it, with the same formats, without our closer looks."""
    return {barcode.text for barcode in zxingcpp.read_barcodes(frame, SIX, text_mode=zxingcpp.TextMode.Plain)}


def others() -> tuple[tuple[Reader, ...], str]:
    """Those that can be had here, and what to say of one that cannot. pyzbar needs the system's libzbar0."""
    readers = [Reader("zxing-cpp", zxing), Reader("OpenCV QR", _opencv_qr), Reader("OpenCV Aruco", _opencv_aruco)]
    readers.append(Reader("OpenCV bars", _opencv_bars))
    try:
        from pyzbar import pyzbar
    except ImportError:
        return tuple(readers), "; without pyzbar, whose libzbar0 is not here"

    def zbar(frame: Frame) -> set[str]:
        return {symbol.data.decode("utf-8", "replace") for symbol in pyzbar.decode(frame)}

    readers += [Reader("pyzbar", zbar), Reader("zxing-cpp + pyzbar", lambda frame: zxing(frame) | zbar(frame))]
    return tuple(readers), ""


def _opencv_qr(frame: Frame) -> set[str]:
    return _tolerant(cv2.QRCodeDetector(), frame)


def _opencv_aruco(frame: Frame) -> set[str]:
    return _tolerant(cv2.QRCodeDetectorAruco(), frame)


def _opencv_bars(frame: Frame) -> set[str]:
    return {text for text in np.atleast_1d(cv2.barcode.BarcodeDetector().detectAndDecode(frame)[0]) if text}


def _tolerant(detector: cv2.QRCodeDetector | cv2.QRCodeDetectorAruco, frame: Frame) -> set[str]:
    """OpenCV raises for payloads that are not UTF-8, and for some pictures; neither is a reading."""
    try:
        found, texts, _, _ = detector.detectAndDecodeMulti(frame)
    except (UnicodeDecodeError, cv2.error):
        return set()
    return set(texts) - {""} if found else set()
