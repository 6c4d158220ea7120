"""Folders of masks and photographs to arrays and back, against what NumPy and Pillow give."""
import json
import subprocess
import sys
import threading
import time
import zipfile
from pathlib import Path
from typing import Any, Dict, List

import numpy as np
import pytest
from numpy.typing import NDArray

import masklint
from masklint import _pictures

pillow = pytest.importorskip("PIL.Image", reason="Pillow is not installed")

from masklint import images  # noqa: E402

RNG = np.random.default_rng(20261101)
# As VOC's: colours that are dark for small numbers, and near white for 255.
PALETTE = np.stack([np.arange(256) * step % 256 for step in (37, 91, 151)], 1).astype(np.uint8)


def save_palette(path: Path, labels: NDArray[Any], palette: NDArray[np.uint8] = PALETTE, **options: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    image = pillow.fromarray(labels.astype(np.uint8)).convert("L")
    image.putpalette(palette.tobytes())
    image.save(path, **options)


def save_grey(path: Path, labels: NDArray[Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    pillow.fromarray(labels).save(path)


def opened(path: Any) -> Any:
    """A picture that is read whole, its file closed."""
    with pillow.open(path) as image:
        image.load()
        return image


def read(path: Path) -> Dict[str, NDArray[Any]]:
    with np.load(path) as arrays:
        return {name: arrays[name] for name in arrays.files if name != images.RECORD}


def command(*arguments: Any) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "masklint.images", *map(str, arguments)], capture_output=True, text=True,
        cwd=Path(masklint.__file__).parents[1])


@pytest.fixture
def voc(tmp_path: Path) -> Path:
    """Palette pictures of 21 classes with borders of 255, of unlike sizes, and the photographs."""
    for i, (h, w) in enumerate([(9, 7), (4, 11), (6, 6)]):
        labels = RNG.integers(0, 21, (h, w))
        labels[0] = 255
        save_palette(tmp_path / "SegmentationClass" / f"2007_{i + 8}.png", labels)
        (tmp_path / "JPEGImages").mkdir(exist_ok=True)
        pillow.fromarray(RNG.integers(0, 256, (h, w, 3), np.uint8)).save(tmp_path / "JPEGImages" / f"2007_{i + 8}.jpg")
    return tmp_path


@pytest.fixture
def cityscapes(tmp_path: Path) -> Path:
    """A folder for each city with four files for each picture: two of class numbers, 16-bit instances, colours."""
    for city, number in (("aachen", 3), ("zurich", 12), ("zurich", 2)):
        labels = RNG.integers(0, 34, (8, 16), np.uint8)
        stem = tmp_path / "gtFine" / "train" / city / f"{city}_{number}_gtFine"
        save_grey(Path(f"{stem}_labelIds.png"), labels)
        save_grey(Path(f"{stem}_labelTrainIds.png"), np.where(labels > 18, 255, labels).astype(np.uint8))
        save_grey(Path(f"{stem}_instanceIds.png"), labels.astype(np.uint16) * 1000 + 7)
        save_grey(Path(f"{stem}_color.png"), PALETTE[labels])
        Path(f"{stem}_polygons.json").write_text("{}")
    return tmp_path / "gtFine" / "train"


def test_voc_gives_the_palette_numbers(voc: Path) -> None:
    names = images.pack(voc / "SegmentationClass", voc / "labels.npz", verbose=False)
    # In natural order: 8 and 9 before 10.
    assert names == ["2007_8", "2007_9", "2007_10"]
    packed = read(voc / "labels.npz")
    assert list(packed) == names
    for name, labels in packed.items():
        assert labels.dtype == np.uint8
        np.testing.assert_array_equal(labels, np.asarray(opened(voc / "SegmentationClass" / f"{name}.png")))
        assert (labels[0] == 255).all()


def test_cityscapes_gives_the_files_of_one_suffix_by_city(cityscapes: Path, tmp_path: Path) -> None:
    names = images.pack(cityscapes, tmp_path / "l.npz", suffix="_gtFine_labelTrainIds.png", verbose=False)
    assert names == ["aachen/aachen_3", "zurich/zurich_2", "zurich/zurich_12"]
    for name, labels in read(tmp_path / "l.npz").items():
        np.testing.assert_array_equal(
            labels, np.asarray(opened(cityscapes / f"{name}_gtFine_labelTrainIds.png")))


def test_instances_of_16_bits_stay_whole(cityscapes: Path, tmp_path: Path) -> None:
    images.pack(cityscapes, tmp_path / "l.npz", suffix="_gtFine_instanceIds.png", verbose=False)
    classes = read(tmp_path / "l.npz")["aachen/aachen_3"]
    assert classes.dtype == np.uint16
    np.testing.assert_array_equal(
        classes // 1000, np.asarray(opened(cityscapes / "aachen" / "aachen_3_gtFine_labelIds.png")))


def test_ade20k_gives_grey_values_with_0_for_void(tmp_path: Path) -> None:
    labels = RNG.integers(0, 151, (5, 6), np.uint8)
    save_grey(tmp_path / "annotations" / "validation" / "ADE_val_00000001.png", labels)
    images.pack(tmp_path / "annotations", tmp_path / "l.npz", verbose=False)
    np.testing.assert_array_equal(read(tmp_path / "l.npz")["validation/ADE_val_00000001"], labels)


@pytest.mark.parametrize("kind, bits", [
    ("grey", 1), ("grey", 2), ("grey", 4), ("grey", 8), ("grey", 16), ("palette", 1), ("palette", 2), ("palette", 4),
    ("palette", 8)])
def test_pictures_of_any_bits_are_read_and_written_as_they_are(tmp_path: Path, kind: str, bits: int) -> None:
    labels = RNG.integers(0, 2 ** bits, (5, 7)).astype(np.uint16)
    palette = PALETTE[:2 ** bits] if kind == "palette" else None
    data = _pictures.png(labels, bits, palette, b"\x00\x80" if palette is not None else None)
    (tmp_path / "masks").mkdir()
    (tmp_path / "masks" / "a.png").write_bytes(data)
    images.pack(tmp_path / "masks", tmp_path / "l.npz", verbose=False)
    packed = read(tmp_path / "l.npz")["a"]
    assert packed.dtype == (np.uint16 if bits == 16 else np.uint8)
    np.testing.assert_array_equal(packed, labels)
    written = images.unpack(tmp_path / "l.npz", tmp_path / "out", verbose=False)
    assert written == [str(tmp_path / "out" / "a.png")]
    # Bits, palette, transparency and pixels.
    assert Path(written[0]).read_bytes() == data


@pytest.mark.parametrize("labels", [
    RNG.integers(0, 256, (5, 7), np.uint8), RNG.integers(0, 65536, (5, 7)).astype(np.uint16),
    RNG.integers(0, 70000, (5, 7)).astype(np.int32), RNG.random((5, 7)) < 0.5], ids=lambda a: str(a.dtype))
def test_tiff_gives_what_numpy_gives(tmp_path: Path, labels: Any) -> None:
    save_grey(tmp_path / "masks" / "a.tif", labels)
    save_palette(tmp_path / "masks" / "b.tiff", labels % 200, compression="tiff_lzw")
    images.pack(tmp_path / "masks", tmp_path / "l.npz", verbose=False)
    packed = read(tmp_path / "l.npz")
    np.testing.assert_array_equal(packed["a"], labels)
    np.testing.assert_array_equal(packed["b"], (labels % 200).astype(np.uint8))


@pytest.mark.parametrize("name", ["a.bmp", "a.gif", "a.PNG"])
def test_other_lossless_files_are_read(tmp_path: Path, name: str) -> None:
    labels = RNG.integers(0, 20, (5, 7))
    save_palette(tmp_path / "masks" / name, labels)
    images.pack(tmp_path / "masks", tmp_path / "l.npz", verbose=False)
    np.testing.assert_array_equal(read(tmp_path / "l.npz")["a"], np.asarray(opened(tmp_path / "masks" / name)))


COLOURS = [(128, 64, 128), (244, 35, 232), (0, 0, 0)]


@pytest.mark.parametrize("table, classes", [
    (COLOURS, [0, 1, 2]), ({COLOURS[0]: 7, COLOURS[1]: 0, COLOURS[2]: 255}, [7, 0, 255]),
    ({COLOURS[0]: 700, COLOURS[1]: 0, COLOURS[2]: -1}, [700, 0, -1]),
    ("128,64,128\n244,35,232\n\n0,0,0\n", [0, 1, 2]), ("128,64,128,7\n244, 35, 232, 0\n0,0,0,255\n", [7, 0, 255]),
    ("name,r,g,b\nroad,128,64,128\nwalk,244,35,232\nvoid,0,0,0\n", [0, 1, 2]),
    ("\ufeffclass,R,G,B\n7,128,64,128\n0,244,35,232\n255,0,0,0\n", [7, 0, 255])], ids=str)
@pytest.mark.parametrize("alpha", [False, True])
def test_colours_become_the_classes_of_a_table_and_colours_again(
        tmp_path: Path, table: Any, classes: Any, alpha: bool) -> None:
    numbers = RNG.integers(0, 3, (6, 5))
    pixels = np.array(COLOURS, np.uint8)[numbers]
    save_grey(tmp_path / "masks" / "a.png",
              np.concatenate([pixels, np.full((6, 5, 1), 255, np.uint8)], -1) if alpha else pixels)
    if isinstance(table, str):
        (tmp_path / "colours.csv").write_text(table, encoding="utf-8")
        table = tmp_path / "colours.csv"
    images.pack(tmp_path / "masks", tmp_path / "l.npz", colours=table, verbose=False)
    np.testing.assert_array_equal(read(tmp_path / "l.npz")["a"], np.array(classes)[numbers])
    images.unpack(tmp_path / "l.npz", tmp_path / "out", verbose=False)
    np.testing.assert_array_equal(np.asarray(opened(tmp_path / "out" / "a.png")), pixels)


def test_a_colour_that_is_in_no_table_is_told_by_its_place(tmp_path: Path) -> None:
    pixels = np.array(COLOURS, np.uint8)[np.zeros((3, 4), int)]
    pixels[1, 2], pixels[2, 0] = (1, 2, 3), (1, 2, 4)
    save_grey(tmp_path / "masks" / "a.png", pixels)
    with pytest.raises(ValueError, match=r"a.png: colour \(1, 2, 3\) at row 1 column 2 .* nor are those of 1 other"):
        images.pack(tmp_path / "masks", tmp_path / "l.npz", colours=COLOURS, verbose=False)
    assert not list(tmp_path.glob("l.npz*"))


@pytest.mark.parametrize("text, message", [
    ("1,2\n", "line 1 is no colour"), ("1,2,3\n1,2,300\n", "line 2 is no colour"), ("r,g,b\n1,2,x\n", "line 2 is no"),
    ("1,2,3,4,5\n", "line 1 is no colour"), ("", "no colours in it"), ("1,2,3\n1,2,3\n", "a colour is named twice")])
def test_tables_of_colours_that_are_none_are_told(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "c.csv").write_text(text)
    with pytest.raises(ValueError, match=message):
        images.pack(tmp_path, tmp_path / "l.npz", colours=tmp_path / "c.csv", verbose=False)


def faulty(folder: Path, name: str) -> None:
    """A file that holds no class numbers, of a kind for each name."""
    path = folder / name
    grey = RNG.integers(0, 256, (8, 9), np.uint8)
    if name == "cut.png":
        save_grey(path, grey)
        path.write_bytes(path.read_bytes()[:60])
    elif name == "text.png":
        path.write_text("no picture")
    elif name == "jpeg.png":
        pillow.fromarray(grey).save(path, "JPEG")
    elif name == "white.tif":
        pillow.fromarray(grey).save(path, tiffinfo={262: 0})
    elif name == "lossy.tif":
        pillow.fromarray(grey).save(path, compression="jpeg")
    elif name == "pages.tif":
        pillow.fromarray(grey).save(path, save_all=True, append_images=[pillow.fromarray(grey)])
    elif name == "fractions.tif":
        pillow.fromarray(grey.astype(np.float32)).save(path)
    elif name == "alpha.png":
        pillow.fromarray(grey).convert("LA").save(path)
    elif name == "photo.jpg":
        pillow.fromarray(grey).save(path)
    else:
        pillow.fromarray(PALETTE[grey]).save(path)


@pytest.mark.parametrize("name, message", [
    ("photo.jpg", "JPG changes colours.*export the masks as PNG, or pass suffix"),
    ("jpeg.png", "compressed in a way that changes colours"), ("lossy.tif", "compressed in a way that changes colours"),
    ("white.tif", "stores white as 0"), ("pages.tif", "holds 2 pictures"), ("fractions.tif", "holds fractions"),
    ("alpha.png", "transparency beside grey values"), ("colour.png", "no class numbers; pass colours"),
    ("cut.png", "cannot be read whole|cut short"), ("text.png", "is no picture")])
def test_a_file_that_holds_no_class_numbers_is_named_and_nothing_is_written(
        tmp_path: Path, name: str, message: str) -> None:
    save_grey(tmp_path / "masks" / "0.png", RNG.integers(0, 9, (3, 4), np.uint8))
    faulty(tmp_path / "masks", name)
    (tmp_path / "l.npz").write_text("what was there")
    with pytest.raises(ValueError, match=f"{name}: .*({message})"):
        images.pack(tmp_path / "masks", tmp_path / "l.npz", verbose=False)
    assert (tmp_path / "l.npz").read_text() == "what was there"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["l.npz", "masks"]


def test_transparent_colours_are_refused(tmp_path: Path) -> None:
    pixels = np.zeros((2, 2, 4), np.uint8)
    save_grey(tmp_path / "masks" / "a.png", pixels)
    with pytest.raises(ValueError, match="transparent pixels"):
        images.pack(tmp_path / "masks", tmp_path / "l.npz", colours=COLOURS, verbose=False)


@pytest.mark.parametrize("names, options, message", [
    ([], {}, "no pictures"), (["a.png"], {"suffix": "_b.png"}, "no pictures whose names end in _b.png"),
    (["a.png", "a.tif"], {}, "a.tif: has the name of .*a.png")])
def test_folders_without_one_picture_for_each_name_are_told(
        tmp_path: Path, names: Any, options: Any, message: str) -> None:
    (tmp_path / "masks").mkdir()
    for name in names:
        save_grey(tmp_path / "masks" / name, np.zeros((2, 3), np.uint8))
    with pytest.raises(ValueError, match=message):
        images.pack(tmp_path / "masks", tmp_path / "l.npz", verbose=False, **options)


def test_a_folder_that_is_none_is_told(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="is no folder"):
        images.pack(tmp_path / "nowhere", tmp_path / "l.npz", verbose=False)


def test_files_that_are_left_out_are_told_of_and_hidden_ones_are_not(tmp_path: Path) -> None:
    save_grey(tmp_path / "masks" / "a.png", np.zeros((2, 3), np.uint8))
    for name in ("notes.txt", ".DS_Store", "__MACOSX/._a.png"):
        path = tmp_path / "masks" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("")
    with pytest.warns(UserWarning, match="1 files are left out, first notes.txt") as caught:
        assert images.pack(tmp_path / "masks", tmp_path / "l.npz", verbose=False) == ["a"]
    assert caught[0].filename == __file__


def test_photographs_are_what_pillow_reads_and_pair_with_masks(voc: Path) -> None:
    names = images.pack_photographs(voc / "JPEGImages", voc / "images.npz", verbose=False)
    assert names == images.pack(voc / "SegmentationClass", voc / "labels.npz", verbose=False)
    for name, pixels in read(voc / "images.npz").items():
        np.testing.assert_array_equal(pixels, np.asarray(opened(voc / "JPEGImages" / f"{name}.jpg")))
    with zipfile.ZipFile(voc / "images.npz") as archive:
        assert {member.compress_type for member in archive.infolist()} == {zipfile.ZIP_STORED}


def test_grey_photographs_become_colours(tmp_path: Path) -> None:
    grey = RNG.integers(0, 256, (4, 5), np.uint8)
    save_grey(tmp_path / "p" / "a.png", grey)
    images.pack_photographs(tmp_path / "p", tmp_path / "i.npz", verbose=False)
    np.testing.assert_array_equal(read(tmp_path / "i.npz")["a"], np.repeat(grey[..., None], 3, -1))


def test_turned_photographs_are_left_with_a_warning_or_turned(tmp_path: Path) -> None:
    pixels = RNG.integers(0, 256, (4, 6, 3), np.uint8)
    exif = pillow.Exif()
    exif[274] = 6
    (tmp_path / "p").mkdir()
    pillow.fromarray(pixels).save(tmp_path / "p" / "a.png", exif=exif)
    with pytest.warns(UserWarning, match="1 of 1 photographs were taken with the camera turned.*turned=True"):
        images.pack_photographs(tmp_path / "p", tmp_path / "i.npz", verbose=False)
    np.testing.assert_array_equal(read(tmp_path / "i.npz")["a"], pixels)
    images.pack_photographs(tmp_path / "p", tmp_path / "i.npz", turned=True, verbose=False)
    np.testing.assert_array_equal(read(tmp_path / "i.npz")["a"], np.rot90(pixels, -1))


@pytest.mark.filterwarnings("ignore:no counted pixel")
def test_the_whole_way_from_masks_to_corrected_masks(voc: Path) -> None:
    images.pack(voc / "SegmentationClass", voc / "labels.npz", verbose=False)
    labels = read(voc / "labels.npz")
    probs = {}
    for name, image in labels.items():
        truth = np.where(image == 255, 0, image).astype(int)
        truth[2, 2] = (truth[2, 2] + 1) % 21
        probs[name] = np.moveaxis(np.eye(21)[truth], -1, 0) * 0.9 + 0.1 / 21
    np.savez(voc / "probs.npz", **probs)
    # What pack adds to the archive is no array, and no trouble to the binary.
    masklint.regions(voc / "labels.npz", voc / "probs.npz", ignore_label=255, corrected=voc / "corrected.npz",
                     verbose=False)
    corrected = read(voc / "corrected.npz")
    written = images.unpack(voc / "corrected.npz", voc / "fixed", verbose=False)
    assert written == [str(voc / "fixed" / f"{name}.png") for name in labels]
    for name, path in zip(labels, written):
        image, before = opened(path), opened(voc / "SegmentationClass" / f"{name}.png")
        np.testing.assert_array_equal(np.asarray(image), corrected[name])
        changed = np.argwhere(np.asarray(image) != np.asarray(before))
        assert changed.tolist() == [[2, 2]]
        assert (image.mode, image.getpalette()) == ("P", before.getpalette())


def test_suggestions_and_masks_of_an_archive_are_written_by_their_key(voc: Path) -> None:
    images.pack(voc / "SegmentationClass", voc / "labels.npz", verbose=False)
    labels = read(voc / "labels.npz")
    (voc / "other").mkdir()
    made: Any = {f"label_issues/{name}": image == 3 for name, image in labels.items()}
    np.savez(voc / "other" / "found.npz", **made)
    written = images.unpack(voc / "other" / "found.npz", voc / "masks", like=voc / "labels.npz", key="label_issues",
                            verbose=False)
    for path, image in zip(written, labels.values()):
        assert opened(path).mode == "1"
        np.testing.assert_array_equal(np.asarray(opened(path)), image == 3)


def test_a_folder_of_masks_says_how_they_were_stored_too(cityscapes: Path, tmp_path: Path) -> None:
    suffix = "_gtFine_labelIds.png"
    images.pack(cityscapes, tmp_path / "l.npz", suffix=suffix, verbose=False)
    made: Any = read(tmp_path / "l.npz")
    np.savez(tmp_path / "plain.npz", **made)
    written = images.unpack(tmp_path / "plain.npz", tmp_path / "out", like=cityscapes, suffix=suffix, verbose=False)
    assert written[0] == str(tmp_path / "out" / "aachen" / "aachen_3_gtFine_labelIds.png")
    for path in written:
        before = cityscapes / Path(path).relative_to(tmp_path / "out")
        np.testing.assert_array_equal(np.asarray(opened(path)), np.asarray(opened(before)))


def test_a_label_beyond_the_palette_or_its_bits_gets_room(tmp_path: Path) -> None:
    save_palette(tmp_path / "masks" / "a.png", np.zeros((2, 3)), PALETTE[:2], bits=1)
    images.pack(tmp_path / "masks", tmp_path / "l.npz", verbose=False)
    np.savez(tmp_path / "c.npz", a=np.array([[0, 1, 5]], np.uint8))
    path, = images.unpack(tmp_path / "c.npz", tmp_path / "out", verbose=False)
    image = opened(path)
    assert np.asarray(image).tolist() == [[0, 1, 5]]
    assert image.getpalette()[:6] == PALETTE[:2].reshape(-1).tolist()


@pytest.mark.parametrize("arrays, options, message", [
    ({"a": np.array([[300]])}, {}, r"c.npz\[a\]: label 300 does not fit into a palette PNG, which holds 0 to 255"),
    ({"a": np.array([[-1]])}, {}, "label -1 does not fit"),
    ({"a": np.zeros((1, 2, 3), np.uint8)}, {}, r"has shape \(1, 2, 3\)"),
    ({"a": np.zeros((2, 3), np.uint8), "b": np.zeros((2, 3), np.uint8)}, {"like": "l.npz"},
     "1 of 2 members have no mask in l.npz, first b"),
    ({"b": np.zeros((2, 3), np.uint8)}, {}, "no archive beside it that pack wrote of these names"),
    ({"a": np.zeros((2, 3), np.uint8)}, {"like": "c.npz"}, "c.npz: was not written by pack"),
    ({"a": np.zeros((2, 3), np.uint8)}, {"key": "k"}, "no members below the key k"),
    ({"a": np.zeros((2, 3), np.uint8)}, {"like": "no.npz"}, "no.npz: is no .npz archive"),
])
def test_labels_that_cannot_be_written_are_told(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arrays: Any, options: Any, message: str) -> None:
    monkeypatch.chdir(tmp_path)
    save_palette(tmp_path / "masks" / "a.png", np.zeros((2, 3)))
    images.pack("masks", "l.npz", verbose=False)
    np.savez("c.npz", **arrays)
    Path("no.npz").write_text("none")
    if "like" not in options:
        Path("no.npz").unlink()
    with pytest.raises(ValueError, match=message):
        images.unpack("c.npz", "out", verbose=False, **options)
    assert not list(Path("out").rglob("*.png*")) if Path("out").exists() else True


def test_two_archives_that_fit_are_not_chosen_between(tmp_path: Path) -> None:
    save_palette(tmp_path / "masks" / "a.png", np.zeros((2, 3)))
    for name in ("l.npz", "m.npz"):
        images.pack(tmp_path / "masks", tmp_path / name, verbose=False)
    np.savez(tmp_path / "c.npz", a=np.zeros((2, 3), np.uint8))
    with pytest.raises(ValueError, match="2 archives beside it that pack wrote of these names; name the one"):
        images.unpack(tmp_path / "c.npz", tmp_path / "out", verbose=False)


def test_files_that_are_there_stay_unless_they_may_be_replaced(tmp_path: Path) -> None:
    save_palette(tmp_path / "masks" / "a.png", np.zeros((2, 3)))
    save_palette(tmp_path / "masks" / "b.png", np.zeros((2, 3)))
    images.pack(tmp_path / "masks", tmp_path / "l.npz", verbose=False)
    (tmp_path / "masks" / "a.png").unlink()
    before = (tmp_path / "masks" / "b.png").read_bytes()
    with pytest.raises(FileExistsError, match="b.png: is there already; choose another folder"):
        images.unpack(tmp_path / "l.npz", tmp_path / "masks", verbose=False)
    assert not (tmp_path / "masks" / "a.png").exists()
    assert (tmp_path / "masks" / "b.png").read_bytes() == before
    assert len(images.unpack(tmp_path / "l.npz", tmp_path / "masks", overwrite=True, verbose=False)) == 2


@pytest.mark.parametrize("name", ["../a.png", "/a.png", "x/../../a.png", "c:a.png", "x\\a.png"])
def test_no_file_is_written_outside_of_the_folder(tmp_path: Path, name: str) -> None:
    with zipfile.ZipFile(tmp_path / "l.npz", "w") as archive:
        with archive.open("a.npy", "w") as member:
            np.lib.format.write_array(member, np.zeros((2, 3), np.uint8))
        archive.writestr(images.RECORD, json.dumps(
            {"images": {"a": {"file": name, "kind": "grey", "bits": 8}}, "colours": None}))
    with pytest.raises(ValueError, match="does not lie below the folder"):
        images.unpack(tmp_path / "l.npz", tmp_path / "deep" / "out", verbose=False)


def test_packing_again_gives_the_same_bytes_with_any_number_of_threads(voc: Path) -> None:
    for jobs in (1, 4):
        images.pack(voc / "SegmentationClass", voc / f"{jobs}.npz", n_jobs=jobs, verbose=False)
        time.sleep(0.01)
    assert (voc / "1.npz").read_bytes() == (voc / "4.npz").read_bytes()


def test_few_pictures_are_held_at_a_time_and_they_keep_their_order() -> None:
    lock = threading.Lock()
    held, most = 0, 0

    def work(item: int) -> int:
        nonlocal held, most
        with lock:
            held += 1
            most = max(most, held)
        time.sleep(0.001 * (item % 3))
        return item

    seen: List[int] = []
    for item in images._each(work, range(50), 3, False, "pack"):
        seen.append(item)
        time.sleep(0.001)
        with lock:
            held -= 1
    assert seen == list(range(50))
    assert 2 <= most <= 5


def test_the_command_packs_and_unpacks(voc: Path) -> None:
    packed = command("pack", voc / "SegmentationClass", "-o", voc / "labels.npz")
    assert (packed.returncode, packed.stderr) == (0, "")
    assert packed.stdout == f"3 pictures in {voc / 'labels.npz'}\n"
    assert command("pack", voc / "JPEGImages", "-o", voc / "images.npz", "--photographs", "-q").stdout == ""
    unpacked = command("unpack", voc / "labels.npz", voc / "out", "-j", "1")
    assert unpacked.stdout == f"3 pictures in {voc / 'out'}\n"
    assert len(list((voc / "out").glob("*.png"))) == 3


def test_the_command_names_the_fault_and_the_file(voc: Path) -> None:
    run = command("pack", voc / "JPEGImages", "-o", voc / "labels.npz")
    assert run.returncode == 2
    assert run.stderr.startswith(f"masklint.images: error: {voc / 'JPEGImages' / '2007_8.jpg'}: JPG changes colours")
    assert run.stderr.count("\n") == 1


def test_the_command_warns_on_standard_error(voc: Path) -> None:
    (voc / "SegmentationClass" / "readme.txt").write_text("")
    run = command("pack", voc / "SegmentationClass", "-o", voc / "labels.npz")
    assert run.returncode == 0
    assert run.stderr.startswith("masklint.images: warning: ") and "readme.txt" in run.stderr


def test_without_pillow_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save_grey(tmp_path / "masks" / "a.png", np.zeros((2, 3), np.uint8))
    monkeypatch.setitem(sys.modules, "PIL", None)
    with pytest.raises(ImportError, match=r"pip install masklint\[images\]"):
        images.pack(tmp_path / "masks", tmp_path / "l.npz", verbose=False)
