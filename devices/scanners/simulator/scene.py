"""What the camera sees: a shelf in uneven light, and the sheets of paper that a hand is moving over it."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from devices.scanners.opencv import cv2

Picture = NDArray[np.uint8]
VIEW_MM = 262.0
"""Width of shelf that the camera sees: a US Letter sheet (216 mm) and a margin at each side."""
SHEET_MM = 216.0
FAN_MM = 95.0
"""How far each further sheet lies to the right of the one below it: both sheets' codes at the left stay in view."""
_ENTER_S = 0.7
_BLUR = 5.0  # pixels of standard deviation: nothing reads
_DARK = 0.1
_NOISE = 7.0
_NOISE_MARGIN = 64
_SHADOW_SCALE = 8
_SHADOW_FALL = np.array([14.0, 16.0])


class Scene:
    """Frames of `size` (width, height) pixels. The same seed gives the same shelf, hand and noise."""

    def __init__(self, size: tuple[int, int], seed: int) -> None:
        self._width, self._height = size
        self._random = np.random.default_rng(seed)
        self._light = self._make_light()
        self._shelf = self._make_shelf()
        shape = (self._height + _NOISE_MARGIN, self._width + _NOISE_MARGIN, 3)
        noise = self._random.normal(128.0, _NOISE, shape)
        self._noise: Picture = noise.clip(0, 255).astype(np.uint8)
        self._sheets: tuple[Picture, ...] = ()
        self._distance = 1.0
        self._phases = self._random.uniform(0.0, 2 * math.pi, 8)
        self._lean = float(self._random.uniform(-3.0, 3.0))

    def show(self, *sheets: Picture, distance: float = 1.0) -> None:
        """Puts sheets (RGB pixels, US Letter) under the camera instead of what was there, fanned out; none leaves the shelf
        empty. `distance` is how many times as far away as they should be."""
        self._sheets = tuple(self._printed(sheet, distance) for sheet in sheets)
        self._distance = distance
        if sheets:
            self._lean = float(self._random.uniform(-4.0, 4.0))

    def _printed(self, sheet: Picture, distance: float) -> Picture:
        """Shrunk once to the scale at which the camera sees it, or thin bars would shimmer in every frame."""
        scale = 1.25 * self._width * SHEET_MM / VIEW_MM / sheet.shape[1] / distance
        small = cv2.resize(sheet, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) if scale < 1 else sheet
        return np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2BGR), np.uint8)

    def frame(self, since: float) -> Picture:
        """The picture `since` seconds after the last `show`, BGR."""
        return self._add_noise(self._lit(since))

    def _lit(self, since: float) -> Picture:
        frame = self._shelf.copy()
        for place, sheet in enumerate(self._sheets):
            corners = self._corners(since, place)
            self._cast_shadow(frame, corners)
            self._lay_sheet(frame, sheet, corners)
        return np.asarray(cv2.multiply(frame, self._light, scale=1 / 255), np.uint8)

    def black(self) -> Picture:
        """A covered lens: nothing but a little noise of the sensor."""
        return self._add_noise(np.full((self._height, self._width, 3), 4, np.uint8))

    def blurred(self, since: float) -> Picture:
        """As `frame`, with the lens out of focus."""
        return self._add_noise(np.asarray(cv2.GaussianBlur(self._lit(since), (0, 0), _BLUR), np.uint8))

    def dark(self, since: float) -> Picture:
        """As `frame`, with the lamp out: little is left but the sensor's noise."""
        return self._add_noise(np.asarray(cv2.convertScaleAbs(self._lit(since), alpha=_DARK), np.uint8))

    def glaring(self, since: float) -> Picture:
        """As `frame`, with a lamp mirrored by the paper, over most of its upper half."""
        shine = np.zeros((self._height // _SHADOW_SCALE, self._width // _SHADOW_SCALE), np.uint8)
        height, width = shine.shape
        cv2.ellipse(shine, (width // 2, height // 2), (width // 3, height // 3), 0.0, 0.0, 360.0, (255,), -1)
        soft = cv2.resize(cv2.GaussianBlur(shine, (0, 0), 4.0), (self._width, self._height))
        return np.asarray(cv2.add(self.frame(since), cv2.merge([soft, soft, soft])), np.uint8)

    def _add_noise(self, frame: Picture) -> Picture:
        y, x = self._random.integers(0, _NOISE_MARGIN, 2)
        grain = self._noise[y : y + self._height, x : x + self._width]
        return np.asarray(cv2.addWeighted(frame, 1.0, grain, 1.0, -128.0), np.uint8)

    def _corners(self, since: float, place: int) -> NDArray[np.float32]:
        """Where a sheet's corners are in the frame: it slides in from below, then drifts, tilts and trembles."""
        wave = [math.sin(2 * math.pi * rate * since + phase) for rate, phase in zip(_RATES, self._phases, strict=True)]
        per_mm = self._width / VIEW_MM
        enter = max(0.0, 1.0 - since / _ENTER_S) ** 3
        width = SHEET_MM * per_mm / self._distance
        height = width * 11 / 8.5
        centre_x = self._width / 2 + (6.0 * wave[0] + 0.25 * wave[5] + FAN_MM * place) * per_mm
        top = (4.0 + 5.0 * wave[1] + 0.25 * wave[6]) * per_mm + enter * self._height * 1.1
        angle = math.radians(self._lean + 1.5 * wave[2] + 0.1 * wave[7])
        near, skew = 0.03 + 0.012 * wave[3], 0.012 * wave[4]
        square = np.array([[-0.5, 0.0], [0.5, 0.0], [0.5, 1.0], [-0.5, 1.0]]) * np.array([width, height])
        square[:2, 0] *= 1.0 - near  # the far edge is shorter: the camera looks down at a slant
        square[1:3, 1] *= 1.0 + skew
        turn = np.array([[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]])
        placed: NDArray[np.float32] = (square @ turn + np.array([centre_x, top])).astype(np.float32)
        return placed

    def _lay_sheet(self, frame: Picture, sheet: Picture, corners: NDArray[np.float32]) -> None:
        height, width = sheet.shape[:2]
        flat = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
        bend = cv2.getPerspectiveTransform(flat, corners)
        size = (self._width, self._height)
        cv2.warpPerspective(sheet, bend, size, dst=frame, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_TRANSPARENT)

    def _cast_shadow(self, frame: Picture, corners: NDArray[np.float32]) -> None:
        small = np.full((self._height // _SHADOW_SCALE, self._width // _SHADOW_SCALE), 255, np.uint8)
        outline = ((corners + _SHADOW_FALL) / _SHADOW_SCALE).astype(np.int32)
        cv2.fillConvexPoly(small, outline, (120,))
        soft = cv2.resize(cv2.GaussianBlur(small, (0, 0), 2.0), (self._width, self._height))
        cv2.multiply(frame, cv2.merge([soft, soft, soft]), dst=frame, scale=1 / 255)

    def _make_light(self) -> Picture:
        """A lamp at the upper left, the corners falling off."""
        y, x = np.mgrid[0 : self._height, 0 : self._width].astype(np.float32)
        x, y = x / self._width - 0.35, y / self._height - 0.3
        fall = 250.0 - 95.0 * (x * x + y * y)
        warm = np.stack([fall * 0.94, fall * 0.98, fall], axis=2)
        return np.asarray(warm.clip(0, 255), np.uint8)

    def _make_shelf(self) -> Picture:
        """A grey rubber mat, the place for the paper marked by four corners."""
        grain = self._random.normal(0.0, 6.0, (self._height // 2, self._width // 2)).astype(np.float32)
        grain = np.asarray(cv2.GaussianBlur(grain, (0, 0), 1.2), np.float32) * 2.0
        mat = np.asarray(cv2.resize(grain, (self._width, self._height)), np.float32)
        shelf: Picture = (np.array([92.0, 88.0, 82.0]) + mat[:, :, None]).clip(0, 255).astype(np.uint8)
        reach, inset = self._width // 14, self._width // 24
        for left in (True, False):
            for upper in (True, False):
                x = inset if left else self._width - inset
                y = inset if upper else self._height - inset
                across, down = (reach if left else -reach), (reach if upper else -reach)
                cv2.polylines(shelf, [np.array([[x + across, y], [x, y], [x, y + down]])], False, (168, 172, 170), 5, cv2.LINE_AA)
        return shelf


_RATES = (0.11, 0.17, 0.13, 0.09, 0.07, 5.3, 6.1, 4.7)
"""Hertz: five slow drifts of an arm, then three of a tremor."""
