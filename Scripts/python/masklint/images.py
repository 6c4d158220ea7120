"""Turn folders of masks and photographs into arrays for masklint, and corrected labels back into masks.

usage::

    python -m masklint.images pack masks/ -o labels.npz
    python -m masklint.images pack photographs/ -o images.npz --photographs
    python -m masklint.images unpack corrected.npz masks_fixed/

Masks are PNG, TIFF, BMP or GIF files: palette pictures, grey values of 1 to 16 bits, or colours with a table. Files are
read with Pillow (``pip install masklint[images]``), several at a time, and written one after the other: no more than a
few pictures are in memory.
"""
from __future__ import annotations

import argparse
import base64
import csv
import json
import os
import re
import sys
import threading
import warnings
import zipfile
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import (
    TYPE_CHECKING, Any, Callable, Deque, Dict, Iterable, Iterator, List, Mapping, Optional, Sequence, Tuple, TypeVar,
    Union)

import numpy as np
from numpy.typing import NDArray

from . import _progress
from ._memmaps import npy_format
from ._options import PathName
from ._pictures import png
from ._run import warn

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["pack", "pack_photographs", "unpack"]

Item = TypeVar("Item")
Result = TypeVar("Result")
Colours = Union[PathName, Mapping[Tuple[int, int, int], int], Sequence[Sequence[int]]]

LOSSLESS = (".png", ".tif", ".tiff", ".bmp", ".gif")
LOSSY = (".jpg", ".jpeg", ".jpe", ".webp", ".jp2", ".avif", ".heic")
# The member of a packed archive that says how its pictures were stored.
RECORD = "masklint-images.json"
# Members have a fixed time, so that packing again gives the same bytes.
MEMBER_TIME = (1980, 1, 1, 0, 0, 0)
# Tags of TIFF files, and the compressions among their values that change colours.
BITS, COMPRESSION, PHOTOMETRIC, WHITE_IS_ZERO = 258, 259, 262, 0
LOSSY_COMPRESSIONS = (6, 7, 34712, 50001, 50002)
ORIENTATION = 274


@dataclass(frozen=True)
class Stored:
    """How a mask was stored: its file's name in the folder, the kind of its pixels, their bits, and its palette.

    `kind` is "grey", "palette" or "colour"; `palette` and `transparency` are in base 64.
    """

    file: str
    kind: str
    bits: int
    palette: Optional[str] = None
    transparency: Optional[str] = None


def pack(
        masks: PathName, output: PathName, *, suffix: str = "", colours: Optional[Colours] = None,
        n_jobs: Optional[int] = None, verbose: bool = True) -> List[str]:
    """Write the masks of a folder to one archive of labels.

    Parameters
    ----------
    masks : path
        The folder. Pictures in folders below it are taken too. JPEG and other files whose compression changes colours
        are refused.
    output : path
        The .npz file to write: a member for each picture, (H,W), named by its path in the folder without the ending;
        uint8, or uint16 for pictures of 16 bits.
    suffix : str, default ''
        Takes only files whose names end so, such as ``"_gtFine_labelTrainIds.png"``, and leaves it out of the names of
        the members.
    colours : path, dict of (r, g, b) to int, or sequence of (r, g, b), optional
        The class of each colour, for masks that are stored as colours. A sequence has class 0 first. A file is CSV with
        the columns r, g, b and class; without the last, the first line is class 0.
    n_jobs : int, optional
        Pictures that are read at a time. As many as there are cores by default.
    verbose : bool, default True
        Shows progress in terminals and notebooks.

    Returns
    -------
    list of str
        The names of the members.

    Raises
    ------
    ValueError
        For a picture that is no mask, with its name and what to do. Nothing is written then.
    ImportError
        Without Pillow.

    Examples
    --------
    >>> from masklint import images
    >>> images.pack("SegmentationClass", "labels.npz")  # doctest: +SKIP
    ['2007_000032', '2007_000033', '2007_000039']
    """
    table = None if colours is None else _ColourTable(colours)
    files = _files(Path(masks), suffix, lossy_allowed=False)
    root = Path(masks)

    def read(file: Path) -> Tuple[NDArray[Any], Stored]:
        return _read_mask(file, file.relative_to(root).as_posix(), table)

    record: Dict[str, Any] = {}
    with _Archive(output, zipfile.ZIP_DEFLATED) as archive:
        for (name, _), (labels, stored) in zip(files.items(), _each(read, files.values(), n_jobs, verbose, "pack")):
            archive.append(name, labels)
            record[name] = {key: value for key, value in asdict(stored).items() if value is not None}
        archive.record({"version": 1, "images": record, "colours": None if table is None else table.listed()})
    return list(files)


def pack_photographs(
        photographs: PathName, output: PathName, *, suffix: str = "", turned: bool = False,
        n_jobs: Optional[int] = None, verbose: bool = True) -> List[str]:
    """Write the photographs of a folder to one archive, for `report`'s ``images``.

    Parameters
    ----------
    photographs : path
        The folder. Pictures in folders below it are taken too.
    output : path
        The .npz file to write: a member for each picture, uint8 (H,W,3), named as by `pack`, not compressed.
    suffix : str, default ''
        Takes only files whose names end so, and leaves it out of the names of the members.
    turned : bool, default False
        Turns pictures as their camera says. By default pixels stay as they are stored, as most programs that train
        models read them; a warning says how many pictures would be turned.
    n_jobs : int, optional
        Pictures that are read at a time. As many as there are cores by default.
    verbose : bool, default True
        Shows progress in terminals and notebooks.

    Returns
    -------
    list of str
        The names of the members.

    Raises
    ------
    ValueError
        For a file that is no picture.
    ImportError
        Without Pillow.

    Examples
    --------
    >>> from masklint import images
    >>> images.pack_photographs("JPEGImages", "images.npz")  # doctest: +SKIP
    ['2007_000032', '2007_000033', '2007_000039']
    """
    files = _files(Path(photographs), suffix, lossy_allowed=True)
    held = 0
    with _Archive(output, zipfile.ZIP_STORED) as archive:
        pictures = _each(lambda file: _read_photograph(file, turned), files.values(), n_jobs, verbose, "pack")
        for name, (pixels, orientation) in zip(files, pictures):
            archive.append(name, pixels)
            held += orientation != 1
    if held and not turned:
        warn(f"{photographs}: {held} of {len(files)} photographs were taken with the camera turned and are left as "
             "they are stored; pass turned=True (--turned) if the masks belong to the turned ones")
    return list(files)


def unpack(
        archive: PathName, folder: PathName, *, like: Optional[PathName] = None, key: str = "", suffix: str = "",
        overwrite: bool = False, n_jobs: Optional[int] = None, verbose: bool = True) -> List[str]:
    """Write labels as PNG files with the names, palettes and bits that the masks had.

    Parameters
    ----------
    archive : path
        Labels as `pack` writes them, such as the corrected labels of `regions`. Masks of bool are written as black and
        white.
    folder : path
        Where the files go. It is made if it is not there.
    like : path, optional
        What says how the masks were stored: the archive that `pack` wrote, or the folder of masks. By default the
        archive itself, or the only packed archive beside it that has all of its names.
    key : str, default ''
        Takes the members below this key, such as ``"suggested_labels"`` of `audit`'s output.
    suffix : str, default ''
        With a folder as like: as of `pack`.
    overwrite : bool, default False
        Replaces files that are there. By default they are an error, and nothing is written.
    n_jobs : int, optional
        Pictures that are written at a time. As many as there are cores by default.
    verbose : bool, default True
        Shows progress in terminals and notebooks.

    Returns
    -------
    list of str
        The paths of the files.

    Raises
    ------
    ValueError
        For members without a mask that they belong to, and labels that a palette does not hold.
    FileExistsError
        For files that are there.

    Examples
    --------
    >>> from masklint import images
    >>> images.unpack("corrected.npz", "masks_fixed")  # doctest: +SKIP
    ['masks_fixed/2007_000032.png', 'masks_fixed/2007_000033.png', 'masks_fixed/2007_000039.png']
    """
    source, prefix = os.fspath(archive), f"{key}/" if key else ""
    with np.load(source, allow_pickle=False) as arrays:
        members = {name[len(prefix):]: name for name in arrays.files if name.startswith(prefix) and name != RECORD}
        if not members:
            raise ValueError(f"{source}: no members" + (f" below the key {key}" if key else ""))
        stored, colours = _stored_as(source, list(members), like, suffix)
        root = Path(folder)
        targets = {name: root / _below(f"{os.path.splitext(stored[name].file)[0]}.png", source) for name in members}
        there = [target for target in targets.values() if target.exists()]
        if there and not overwrite:
            raise FileExistsError(f"{there[0]}: is there already; choose another folder, or pass overwrite=True "
                                  "(--overwrite)")

        labels = _OneByOne(arrays, members)

        def write(name: str) -> str:
            data = _drawn(labels[name], stored[name], colours, f"{source}[{members[name]}]")
            targets[name].parent.mkdir(parents=True, exist_ok=True)
            _put(targets[name], data)
            return str(targets[name])

        return list(_each(write, members, n_jobs, verbose, "unpack"))


def main(arguments: Optional[Sequence[str]] = None) -> None:
    """The command ``python -m masklint.images``."""
    parser = argparse.ArgumentParser(
        prog="python -m masklint.images", description=(__doc__ or "").split("\n")[0])
    commands = parser.add_subparsers(dest="command", required=True, metavar="pack|unpack")
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--suffix", default="", help="only files whose names end so; it is left out of the names")
    common.add_argument("-j", "--jobs", type=int, help="pictures at a time; as many as there are cores by default")
    common.add_argument("-q", "--quiet", action="store_true", help="no progress and no summary")
    packing = commands.add_parser("pack", parents=[common], help="a folder of masks or photographs to an archive")
    packing.add_argument("folder")
    packing.add_argument("-o", "--output", required=True, help="the .npz file to write")
    packing.add_argument("--photographs", action="store_true", help="the pictures are photographs: uint8 (H,W,3)")
    packing.add_argument("--colours", "--colors", metavar="FILE",
                         help="CSV of r, g, b and class, for masks stored as colours")
    packing.add_argument("--turned", action="store_true", help="turn photographs as their camera says")
    unpacking = commands.add_parser("unpack", parents=[common], help="an archive of labels to a folder of PNG masks")
    unpacking.add_argument("archive")
    unpacking.add_argument("folder")
    unpacking.add_argument("--like", help="the archive that pack wrote, or the folder of masks")
    unpacking.add_argument("--key", default="", help="the members below this key, such as suggested_labels")
    unpacking.add_argument("--overwrite", action="store_true", help="replace files that are there")
    given = parser.parse_args(arguments)
    shared = {"suffix": given.suffix, "n_jobs": given.jobs, "verbose": not given.quiet}
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", UserWarning)
        try:
            if given.command == "unpack":
                names = unpack(given.archive, given.folder, like=given.like, key=given.key, overwrite=given.overwrite,
                               **shared)
            elif given.photographs:
                names = pack_photographs(given.folder, given.output, turned=given.turned, **shared)
            else:
                names = pack(given.folder, given.output, colours=given.colours, **shared)
        except (ValueError, OSError, ImportError) as error:
            print(f"masklint.images: error: {error}", file=sys.stderr)
            sys.exit(2)
    if not given.quiet:
        for warning in caught:
            print(f"masklint.images: warning: {warning.message}", file=sys.stderr)
        print(f"{len(names)} pictures in {given.folder if given.command == 'unpack' else given.output}")


class _Archive:
    """An .npz that grows picture by picture and gets its name when it is whole. A context manager."""

    def __init__(self, path: PathName, compression: int) -> None:
        self._path, self._compression = os.fspath(path), compression

    def __enter__(self) -> "_Archive":
        self._file = zipfile.ZipFile(self._path + ".part", "w")
        return self

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        self._file.close()
        if kind is None:
            os.replace(self._path + ".part", self._path)
        else:
            os.remove(self._path + ".part")

    def append(self, name: str, array: NDArray[Any]) -> None:
        with self._file.open(self._member(f"{name}.npy"), "w", force_zip64=True) as member:
            npy_format.write_array(member, array, allow_pickle=False)

    def record(self, facts: Mapping[str, Any]) -> None:
        self._file.writestr(self._member(RECORD), json.dumps(facts))

    def _member(self, name: str) -> zipfile.ZipInfo:
        member = zipfile.ZipInfo(name, MEMBER_TIME)
        member.compress_type = self._compression
        return member


class _OneByOne:
    """Members of an archive, read by one thread at a time: its file has one place that is read from."""

    def __init__(self, arrays: Any, members: Mapping[str, str]) -> None:
        self._arrays, self._members, self._lock = arrays, members, threading.Lock()

    def __getitem__(self, name: str) -> NDArray[Any]:
        with self._lock:
            array: NDArray[Any] = self._arrays[self._members[name]]
        return array


class _ColourTable:
    """The class of each colour, and back.

    Errors: ValueError for a colour or a line that is none.
    """

    def __init__(self, colours: Colours) -> None:
        if isinstance(colours, (str, os.PathLike)):
            pairs = _read_colours(os.fspath(colours))
        elif isinstance(colours, Mapping):
            pairs = [(tuple(colour), number) for colour, number in colours.items()]
        else:
            pairs = [(tuple(colour), number) for number, colour in enumerate(colours)]
        codes = np.array([_code(colour) for colour, _ in pairs], np.int64)
        order = np.argsort(codes)
        self._codes, self._classes = codes[order], np.array([number for _, number in pairs], np.int64)[order]
        if len(codes) == 0 or (np.diff(self._codes) == 0).any():
            raise ValueError("colours: " + ("no colours in it" if len(codes) == 0 else "a colour is named twice"))

    def classes(self, pixels: NDArray[np.uint8], name: str) -> NDArray[Any]:
        """Classes of an image's colours (H,W,3). Errors: ValueError for a colour that the table does not have."""
        codes = (pixels.astype(np.int64) << [16, 8, 0]).sum(-1)
        places = np.minimum(np.searchsorted(self._codes, codes), len(self._codes) - 1)
        unknown = self._codes[places] != codes
        if unknown.any():
            row, column = np.argwhere(unknown)[0]
            raise ValueError(
                f"{name}: colour {tuple(map(int, pixels[row, column]))} at row {row} column {column} is not in the "
                f"table of colours, nor are those of {np.count_nonzero(unknown) - 1} other pixels; add them to it, or "
                "save the mask without smoothing its edges")
        classes = self._classes[places]
        small = 0 <= classes.min(initial=0) and classes.max(initial=0) < 256
        return np.asarray(classes, np.uint8 if small else np.int32)

    def listed(self) -> List[List[int]]:
        """Lines r, g, b, class."""
        return [[code >> 16, code >> 8 & 255, code & 255, number]
                for code, number in zip(self._codes.tolist(), self._classes.tolist())]


def _code(colour: Sequence[int]) -> int:
    if len(colour) != 3 or not all(0 <= int(part) <= 255 for part in colour):
        raise ValueError(f"colours: {tuple(colour)} is no colour; three numbers from 0 to 255 are needed")
    return int(colour[0]) << 16 | int(colour[1]) << 8 | int(colour[2])


def _read_colours(path: str) -> List[Tuple[Tuple[int, ...], int]]:
    """Colours and classes of a CSV file. Errors: ValueError with the line that has none."""
    with open(path, newline="", encoding="utf-8-sig") as file:
        rows = [[cell.strip() for cell in row] for row in csv.reader(file)]
    heading = [cell.lower() for cell in rows[0]] if rows else []
    places = [heading.index(name) for name in ("r", "g", "b", "class") if name in heading]
    first = 1 if len(places) >= 3 else 0
    found: List[Tuple[Tuple[int, ...], int]] = []
    for line, row in enumerate(rows[first:], first + 1):
        if any(row):
            try:
                numbers = [int(row[place]) for place in places or range(len(row))]
                if not 3 <= len(numbers) <= 4:
                    raise ValueError
                _code(numbers[:3])
            except (ValueError, IndexError):
                raise ValueError(f"{path}: line {line} is no colour; write r,g,b or r,g,b,class") from None
            found.append((tuple(numbers[:3]), numbers[3] if len(numbers) == 4 else len(found)))
    return found


def _files(root: Path, suffix: str, lossy_allowed: bool) -> Dict[str, Path]:
    """Pictures below a folder by the names that their members get, in natural order.

    Errors: ValueError for a folder without any, for two of one name, and for files that cannot hold masks.
    """
    if not root.is_dir():
        raise ValueError(f"{root}: is no folder")
    found: Dict[str, Path] = {}
    others: List[Path] = []
    for file in sorted(root.rglob("*"), key=_natural):
        place = file.relative_to(root)
        if file.is_dir() or any(part.startswith(".") or part == "__MACOSX" for part in place.parts):
            continue
        ending = file.suffix.lower()
        if not file.name.endswith(suffix):
            continue
        if ending not in LOSSLESS + LOSSY:
            others.append(file)
            continue
        if ending in LOSSY and not lossy_allowed:
            raise ValueError(
                f"{file}: {ending[1:].upper()} changes colours, so that its pixels are not the classes that were "
                "drawn; export the masks as PNG, or pass suffix (--suffix) to take other files of the folder alone")
        name = place.as_posix()
        name = name[:-len(suffix)] if suffix else name[:-len(ending)]
        if name in found:
            raise ValueError(f"{file}: has the name of {found[name]}; pass suffix (--suffix) to take one of them")
        found[name] = file
    if not found:
        raise ValueError(f"{root}: no pictures" + (f" whose names end in {suffix}" if suffix else ""))
    if others:
        warn(f"{root}: {len(others)} files are left out, first {others[0].name}: they are none of {', '.join(LOSSLESS)}"
             + (", or a photograph's" if lossy_allowed else ""))
    return found


def _natural(path: Path) -> List[Tuple[int, Union[int, str]]]:
    """Orders numbers in names by their value, as masklint orders images."""
    return [(0, int(text)) if text.isdecimal() else (1, text) for text in re.split(r"(\d+)", path.as_posix())]


def _open(file: Path) -> "Image":
    """Errors: ValueError for what is no picture, ImportError without Pillow."""
    try:
        from PIL import Image, UnidentifiedImageError
    except ImportError:
        raise ImportError("masklint.images reads pictures with Pillow: pip install masklint[images]") from None
    try:
        return Image.open(file)
    except (UnidentifiedImageError, SyntaxError, EOFError):
        raise ValueError(f"{file}: is no picture that Pillow reads, or it is cut short") from None


def _pixels(image: "Image", name: str) -> NDArray[Any]:
    """The picture's numbers as they are stored. Errors: ValueError for a file that is cut short."""
    try:
        return np.asarray(image)
    except (OSError, SyntaxError) as error:
        raise ValueError(f"{name}: cannot be read whole: {error}") from None


def _read_mask(file: Path, place: str, table: Optional[_ColourTable]) -> Tuple[NDArray[Any], Stored]:
    """Class numbers (H,W) as stored in the file, and how."""
    with _open(file) as image:
        stored = _described(image, file, place, table is not None)
        pixels = _pixels(image, str(file))
    if stored.kind == "colour":
        if pixels.shape[-1] == 4:
            if (pixels[..., 3] != 255).any():
                raise ValueError(f"{file}: has transparent pixels, whose colours mean nothing; save it without")
            pixels = pixels[..., :3]
        assert table is not None
        return table.classes(pixels, str(file)), stored
    if stored.kind == "grey" and stored.bits in (2, 4):
        # Pillow stretches these to 8 bits.
        pixels = pixels // (255 // (2 ** stored.bits - 1))
    return pixels.astype(np.int32 if stored.bits > 16 else np.uint16 if stored.bits == 16 else np.uint8), stored


def _described(image: "Image", file: Path, place: str, with_table: bool) -> Stored:
    """How a mask is stored. Errors: ValueError for a picture that holds no class numbers."""
    tags: Mapping[int, Any] = getattr(image, "tag_v2", {})
    if image.format in ("JPEG", "WEBP", "JPEG2000", "MPO", "AVIF") or tags.get(COMPRESSION) in LOSSY_COMPRESSIONS:
        raise ValueError(f"{file}: is compressed in a way that changes colours; export the mask as PNG")
    if getattr(image, "n_frames", 1) > 1:
        raise ValueError(f"{file}: holds {getattr(image, 'n_frames')} pictures; save each as a file of its own")
    if tags.get(PHOTOMETRIC) == WHITE_IS_ZERO:
        raise ValueError(f"{file}: stores white as 0, so that its numbers are turned around when read; save it as PNG")
    if image.mode == "P":
        palette = np.array(image.getpalette("RGB"), np.uint8)
        transparency = image.info.get("transparency")
        if isinstance(transparency, int):
            transparency = b"\xff" * transparency + b"\0"
        return Stored(place, "palette", _bits(file, tags), _text(palette.tobytes()),
                      None if transparency is None else _text(transparency))
    if image.mode in ("RGB", "RGBA"):
        if not with_table:
            raise ValueError(
                f"{file}: holds colours and no class numbers; pass colours (--colours), a table of the class of each")
        return Stored(place, "colour", 8)
    bits = {"1": 1, "L": _bits(file, tags), "I;16": 16, "I;16B": 16, "I;16L": 16, "I": 32}.get(image.mode)
    if bits is None:
        reason = {"F": "fractions", "LA": "transparency beside grey values"}.get(image.mode, f"{image.mode} pixels")
        raise ValueError(f"{file}: holds {reason}; save class numbers, as grey values or with a palette")
    if bits == 32 and image.format == "PNG":
        # What older Pillows call grey values of 16 bits.
        bits = 16
    return Stored(place, "grey", bits)


def _bits(file: Path, tags: Mapping[int, Any]) -> int:
    """Bits of a pixel of up to 8, which Pillow does not tell of PNG files: byte 24, after the size."""
    if BITS in tags:
        return int(tags[BITS][0])
    with open(file, "rb") as opened:
        head = opened.read(25)
    return head[24] if head.startswith(b"\x89PNG") and len(head) == 25 else 8


def _read_photograph(file: Path, turned: bool) -> Tuple[NDArray[np.uint8], int]:
    """A photograph, uint8 (H,W,3), and how the camera was held (1: upright)."""
    with _open(file) as image:
        orientation = int(image.getexif().get(ORIENTATION, 1))
        try:
            if turned and orientation != 1:
                from PIL import ImageOps

                image = ImageOps.exif_transpose(image)
            if image.mode.startswith("I") or image.mode == "F":
                raise ValueError(f"{file}: holds {image.mode} pixels; photographs of 8 bits are needed")
            return _pixels(image.convert("RGB"), str(file)), orientation
        except (OSError, SyntaxError) as error:
            raise ValueError(f"{file}: cannot be read whole: {error}") from None


def _stored_as(
        source: str, names: Sequence[str], like: Optional[PathName],
        suffix: str) -> Tuple[Dict[str, Stored], List[List[int]]]:
    """How the masks of these names were stored, and the table of colours if there was one.

    Errors: ValueError if nothing says so of all of them.
    """
    if like is not None and os.path.isdir(like):
        root = Path(like)
        files = _files(root, suffix, lossy_allowed=False)
        found: Dict[str, Stored] = {}
        for name in names:
            if name in files:
                with _open(files[name]) as image:
                    found[name] = _described(image, files[name], files[name].relative_to(root).as_posix(), True)
        if any(stored.kind == "colour" for stored in found.values()):
            raise ValueError(f"{root}: holds masks stored as colours; name the archive that pack wrote of them instead")
        colours: List[List[int]] = []
        place = str(root)
    else:
        place, record = _record(source, names, None if like is None else os.fspath(like))
        found = {name: Stored(**facts) for name, facts in record["images"].items()}
        colours = record["colours"] or []
    missing = [name for name in names if name not in found]
    if missing:
        raise ValueError(
            f"{source}: {len(missing)} of {len(names)} members have no mask in {place}, first {missing[0]}")
    return found, colours


def _record(source: str, names: Sequence[str], like: Optional[str]) -> Tuple[str, Any]:
    """The record of a packed archive and its path: of `like`, else of the archive, else of the one beside it."""
    if like is not None or _record_of(source) is not None:
        chosen = source if like is None else like
        record = _record_of(chosen)
        if record is None:
            raise ValueError(f"{chosen}: was not written by pack, so it does not say how masks are stored")
        return chosen, record
    beside = []
    for path in sorted(Path(source).absolute().parent.glob("*.npz")):
        record = _record_of(str(path))
        if record is not None and set(names) <= set(record["images"]):
            beside.append((str(path), record))
    if len(beside) != 1:
        said = "no archive" if not beside else f"{len(beside)} archives"
        raise ValueError(f"{source}: {said} beside it that pack wrote of these names; name the one to take palettes "
                         "and names from, or the folder of masks, with like (--like)")
    return beside[0]


def _record_of(path: str) -> Optional[Any]:
    """The record of an archive; None if it has none. Errors: OSError, ValueError for what is no archive."""
    try:
        with zipfile.ZipFile(path) as archive:
            return json.loads(archive.read(RECORD)) if RECORD in archive.NameToInfo else None
    except zipfile.BadZipFile:
        raise ValueError(f"{path}: is no .npz archive") from None


def _below(name: str, source: str) -> str:
    """The name, which must stay within the folder that it is joined to."""
    if os.path.isabs(name) or ".." in Path(name).parts or ":" in name or "\\" in name:
        raise ValueError(f"{source}: a mask is named {name}, which does not lie below the folder")
    return name


def _drawn(labels: NDArray[Any], stored: Stored, colours: Sequence[Sequence[int]], place: str) -> bytes:
    """A PNG file of the labels. Errors: ValueError for labels that it does not hold."""
    if labels.ndim != 2:
        raise ValueError(f"{place}: has shape {labels.shape}; labels of one image, (H,W), are needed")
    if labels.dtype == bool:
        return png(labels, 1)
    smallest, largest = int(labels.min(initial=0)), int(labels.max(initial=0))
    if stored.kind == "colour":
        table = {number: (r, g, b) for r, g, b, number in colours}
        classes = np.unique(labels)
        unknown = [int(k) for k in classes if int(k) not in table]
        if unknown:
            raise ValueError(f"{place}: label {unknown[0]} has no colour in the table")
        numbered = np.array([table[int(k)] for k in classes], np.uint8).reshape(-1, 3)
        return png(numbered[np.searchsorted(classes, labels)])
    most = 255 if stored.kind == "palette" else 65535
    if smallest < 0 or largest > most:
        raise ValueError(f"{place}: label {smallest if smallest < 0 else largest} does not fit into a "
                         f"{stored.kind} PNG, which holds 0 to {most}")
    bits = next(bits for bits in (1, 2, 4, 8, 16) if bits >= min(stored.bits, 16) and largest < 2 ** bits)
    if stored.kind == "grey":
        return png(labels, bits)
    palette = np.frombuffer(base64.b64decode(stored.palette or ""), np.uint8).reshape(-1, 3)
    if largest >= len(palette):
        palette = np.concatenate([palette, np.zeros((largest + 1 - len(palette), 3), np.uint8)])
    transparency = None if stored.transparency is None else base64.b64decode(stored.transparency)
    return png(labels, bits, palette[:2 ** bits], transparency)


def _put(target: Path, data: bytes) -> None:
    """Writes a file whole or not at all."""
    part = target.with_name(target.name + ".part")
    try:
        part.write_bytes(data)
        os.replace(part, target)
    except BaseException:
        if part.exists():
            part.unlink()
        raise


def _each(
        work: Callable[[Item], Result], items: Iterable[Item], n_jobs: Optional[int], verbose: bool,
        what: str) -> Iterator[Result]:
    """Results in the order of the items, a few of which are worked on at a time."""
    listed = list(items)
    jobs = n_jobs or os.cpu_count() or 1
    display = _progress.display() if verbose else None
    waiting: Deque[Any] = deque()
    with ThreadPoolExecutor(jobs) as pool:
        try:
            for done, item in enumerate(listed):
                waiting.append(pool.submit(work, item))
                if len(waiting) > jobs:
                    yield waiting.popleft().result()
                if display is not None:
                    display.count(done + 1, len(listed), what)
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()
            if display is not None:
                display.close()


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


if __name__ == "__main__":
    main()
