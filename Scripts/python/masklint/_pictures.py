"""Small pictures without a drawing library: PNG files, class colours, and an image of labels with its issues."""
import base64
import colorsys
import struct
import zlib
from typing import Any, Optional, Sequence, Tuple

import numpy as np
from numpy.typing import NDArray

VOID = (190, 190, 190)
ISSUE = (255, 0, 0)
# Longest side of a picture in a notebook, in pixels.
LONGEST_SIDE = 480
# Steps of the golden ratio around the colour wheel keep neighbouring classes apart, however many there are.
GOLDEN_RATIO = 0.618034
PNG_MAGIC = b"\x89PNG\r\n\x1a\n"
GREY, COLOUR, PALETTE = 0, 2, 3


def class_colours(count: int) -> NDArray[np.uint8]:
    """Colours of classes, uint8 (K,3); none of them is that of void pixels or of issues."""
    # Red is left to issues: hues begin beyond it, and end before it.
    hues = 0.06 + 0.88 * (np.arange(count) * GOLDEN_RATIO % 1)
    colours = [colorsys.hsv_to_rgb(hue, 0.75, (0.95, 0.7)[k // 8 % 2]) for k, hue in enumerate(hues)]
    return np.array([[round(255 * part) for part in colour] for colour in colours], np.uint8).reshape(-1, 3)


def drawn_labels(labels: Any, colours: NDArray[np.uint8], void: Sequence[int] = ()) -> NDArray[np.uint8]:
    """A label image in class colours, uint8 (H,W,3); labels that are no class, and those in `void`, are grey."""
    labels = np.asarray(labels)
    known = (labels >= 0) & (labels < len(colours)) & ~np.isin(labels, list(void))
    picture = np.empty((*labels.shape, 3), np.uint8)
    picture[:] = VOID
    picture[known] = colours[labels[known].astype(np.int64)]
    return picture


def worst_slice(issues: NDArray[np.bool_]) -> int:
    """The slice of a volume's issues (D,H,W) that has most of them."""
    return int(np.count_nonzero(issues, axis=(1, 2)).argmax())


def worst_image(issues: NDArray[np.bool_], labels: Optional[Any], classes: int) -> NDArray[np.uint8]:
    """An image's issues in red over its labels, which are paled, or over white; made smaller to LONGEST_SIDE.

    Of a volume (D,H,W) the slice with most issues.
    """
    if issues.ndim == 3:
        worst = worst_slice(issues)
        issues, labels = issues[worst], None if labels is None else labels[worst]
    step = -(-max(issues.shape) // LONGEST_SIDE)
    if labels is None:
        picture = np.full((*issues[::step, ::step].shape, 3), 255, np.uint8)
    else:
        picture = 128 + drawn_labels(np.asarray(labels)[::step, ::step], class_colours(classes)) // 2
    picture[_any_in_blocks(issues, step)] = ISSUE
    return picture


def data_address(picture: NDArray[np.uint8]) -> str:
    """A picture as the address of an HTML image."""
    return "data:image/png;base64," + base64.b64encode(png(picture)).decode()


def png(pixels: NDArray[Any], bits: int = 8, palette: Optional[NDArray[np.uint8]] = None,
        transparency: Optional[bytes] = None) -> bytes:
    """A PNG file of grey values or palette numbers (H,W) of 1, 2, 4, 8 or 16 bits, or of colours, uint8 (H,W,3).

    Source: the PNG specification, sections 5, 7 and 11. Rows are not filtered, which suits label images.
    """
    height, width = pixels.shape[:2]
    kind = COLOUR if pixels.ndim == 3 else GREY if palette is None else PALETTE
    rows = _packed(pixels, bits).reshape(height, -1) if height > 0 else np.zeros((0, 0), np.uint8)
    unfiltered = np.concatenate([np.zeros((height, 1), np.uint8), rows], 1)
    parts = [PNG_MAGIC, _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, bits, kind, 0, 0, 0))]
    if palette is not None:
        parts.append(_chunk(b"PLTE", palette.tobytes()))
    if transparency is not None:
        parts.append(_chunk(b"tRNS", transparency))
    return b"".join([*parts, _chunk(b"IDAT", zlib.compress(unfiltered.tobytes(), 6)), _chunk(b"IEND", b"")])


def _packed(pixels: NDArray[Any], bits: int) -> NDArray[np.uint8]:
    """Rows as bytes: of less than 8 bits several pixels share one, the first in the highest bits."""
    if bits == 16:
        return pixels.astype(">u2").view(np.uint8)
    if bits == 8:
        return np.ascontiguousarray(pixels, np.uint8)
    singles = (pixels.astype(np.uint8)[..., None] >> np.arange(bits)[::-1]) & 1
    return np.packbits(singles.reshape(len(pixels), -1), axis=1)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _any_in_blocks(mask: NDArray[np.bool_], step: int) -> NDArray[np.bool_]:
    """Whether a block of step x step pixels holds a true one."""
    if step == 1:
        return mask
    height, width = (-(-side // step) for side in mask.shape)
    padded = np.zeros((height * step, width * step), bool)
    padded[:mask.shape[0], :mask.shape[1]] = mask
    return np.asarray(padded.reshape(height, step, width, step).any((1, 3)))


def size_of(picture: NDArray[np.uint8]) -> Tuple[int, int]:
    """Width and height at which a notebook shows a picture: small ones are enlarged by a whole factor."""
    height, width = picture.shape[:2]
    scale = max(1, LONGEST_SIDE // max(height, width, 1))
    return width * scale, height * scale
