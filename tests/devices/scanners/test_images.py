"""Image files that anybody may hand in: read when they are whole and of a sensible size, refused by name otherwise."""

from __future__ import annotations

import io
import random
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from devices.scanners.images import LEAST_SIDE, MOST_BYTES, ImageError, read_image
from tests.devices.scanners.stderr import silenced


def encoded(form: str, size: tuple[int, int] = (120, 80), mode: str = "L", **options: object) -> bytes:
    """A picture of noise."""
    noise = np.random.default_rng(3).integers(0, 255, (size[1], size[0]), np.uint8)
    file = io.BytesIO()
    Image.fromarray(noise).convert(mode).save(file, form, **options)
    return file.getvalue()


def refusal(raw: bytes) -> str:
    with pytest.raises(ImageError) as refused:
        read_image(raw)
    return refused.value.code


def headed(width: int, height: int) -> bytes:
    """The beginning of a PNG that says it is so large."""
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    chunk = struct.pack(">I", 13) + header + struct.pack(">I", zlib.crc32(header))
    return b"\x89PNG\r\n\x1a\n" + chunk + b"\0\0\0\0IEND\xaeB`\x82"


@pytest.mark.parametrize("form", ["PNG", "JPEG", "BMP", "WEBP"])
@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_a_picture_is_a_grey_frame(form: str, mode: str) -> None:
    frame = read_image(encoded(form, mode=mode))
    assert frame.shape == (80, 120)
    assert frame.dtype == np.uint8
    assert frame.std() > 10


def test_a_phone_held_upright_is_read_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    assert read_image(encoded("JPEG", exif=exif)).shape == (120, 80)


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "image-unknown"),
        (b"not an image", "image-unknown"),
        (bytes(range(256)) * 40, "image-unknown"),
        (b"%PDF-1.7\n", "image-unknown"),
        (encoded("GIF"), "image-unknown"),  # no statement comes as one
        (encoded("PNG", (1, 1)), "image-too-small"),
        (encoded("PNG", (LEAST_SIDE - 1, 400)), "image-too-small"),
        (headed(20_000, 20_000), "image-too-large"),
        (headed(10_000, 10_000), "image-too-large"),
        (headed(8_500, 8_500), "image-too-large"),
        (headed(2**31 - 1, 2**31 - 1), "image-too-large"),
        (headed(500, 500), "image-broken"),
        (encoded("JPEG")[:-2], "image-truncated"),
        (encoded("JPEG")[:1500], "image-truncated"),
        (encoded("PNG")[:1500], "image-truncated"),
        (encoded("BMP")[:1500], "image-broken"),
        (bytes(MOST_BYTES + 1), "image-too-large"),
    ],
)
def test_what_cannot_be_looked_at_is_refused_by_name(raw: bytes, code: str) -> None:
    with silenced():
        assert refusal(raw) == code


def test_what_comes_after_the_end_does_no_harm() -> None:
    assert read_image(encoded("JPEG") + b"a motion photo's film").shape == (80, 120)


def test_damaged_files_are_pictures_or_refused() -> None:
    """Nothing but ImageError comes out, whatever is in the bytes."""
    chance = random.Random(11)
    whole = [encoded(form, (40, 30)) for form in ("PNG", "JPEG", "BMP", "WEBP")]
    outcomes = set[str]()
    with silenced():
        for _ in range(400):
            raw = bytearray(chance.choice(whole))
            for _ in range(chance.randrange(1, 5)):
                raw[chance.randrange(min(len(raw), 300))] = chance.randrange(256)
            try:
                read_image(bytes(raw[: chance.choice([len(raw), chance.randrange(len(raw))])]))
                outcomes.add("a picture")
            except ImageError as error:
                outcomes.add(error.code)
    assert {"a picture", "image-unknown", "image-truncated", "image-broken"} <= outcomes
