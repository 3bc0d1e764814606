"""Whether a camera is out of focus for good: a fault for the technician, where a blurred picture is a hint for the patient."""

from __future__ import annotations

BLURRED_LOOKS = 40
"""Looks at something with edges (two a second), none of them sharp and nothing read meanwhile: the lens, not the hand."""


class Focus:
    """Whether the lens is out of focus. Looked at only while paper is asked for: what is behind it may well be blurred."""

    def __init__(self) -> None:
        self._blurred = 0

    def looked(self, sharp: bool) -> None:
        self._blurred = 0 if sharp else self._blurred + 1

    @property
    def lost(self) -> bool:
        return self._blurred >= BLURRED_LOOKS
