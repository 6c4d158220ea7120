"""How arrays reach the binary."""
import os
import tempfile
from pathlib import Path
from typing import Any, Callable, Iterator

import numpy as np
import pytest
from numpy.typing import NDArray

import masklint
from masklint import _arrays, _memmaps

MakeView = Callable[[Any], Any]
IMAGES = np.arange(2 * 3 * 4 * 5, dtype=np.float32).reshape(2, 3, 4, 5)


def mapped(path: Path, array: NDArray[Any] = IMAGES, mode: Any = "r") -> Any:
    np.save(path, array)
    return np.load(path, mmap_mode=mode)


@pytest.mark.parametrize("view", [
    lambda a: a, np.asarray, lambda a: a[:], lambda a: a[...], lambda a: a.view(np.ndarray)])
def test_all_of_a_memory_map_goes_by_its_path(tmp_path: Path, view: MakeView) -> None:
    assert _memmaps.mapped_file(view(mapped(tmp_path / "a.npy"))) == str(tmp_path / "a.npy")


@pytest.mark.parametrize("mode", ["r", "r+"])
@pytest.mark.parametrize("dtype", ["u1", "<f2", "<f4", ">f8", "?"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_memory_maps_of_any_type_and_order_go_by_their_path(tmp_path: Path, mode: str, dtype: str, order: Any) -> None:
    array = np.asarray(np.ones((2, 3, 4)), dtype, order=order)
    assert _memmaps.mapped_file(mapped(tmp_path / "a.npy", array, mode)) is not None


@pytest.mark.parametrize("view", [
    lambda a: a[1:], lambda a: a[:, ::-1], lambda a: a[::-1], lambda a: a.reshape(2, 3, 20), lambda a: a.view(np.int32),
    lambda a: a.swapaxes(0, 1), lambda a: a + 0, lambda a: np.array(a), lambda a: a[:, :, :, ::2]])
def test_a_view_of_a_memory_map_does_not_go_by_its_path(tmp_path: Path, view: MakeView) -> None:
    assert _memmaps.mapped_file(view(mapped(tmp_path / "a.npy"))) is None


def test_a_view_of_the_same_shape_in_another_order_does_not_go_by_its_path(tmp_path: Path) -> None:
    square = mapped(tmp_path / "a.npy", np.arange(9).reshape(3, 3))
    assert _memmaps.mapped_file(square.T) is None


def test_copy_on_write_maps_are_written(tmp_path: Path) -> None:
    assert _memmaps.mapped_file(mapped(tmp_path / "a.npy", mode="c")) is None


def test_maps_of_files_without_a_header_are_written(tmp_path: Path) -> None:
    IMAGES.tofile(tmp_path / "raw")
    assert _memmaps.mapped_file(np.memmap(tmp_path / "raw", np.float32, "r", shape=IMAGES.shape)) is None


def test_a_map_of_a_part_of_the_file_is_written(tmp_path: Path) -> None:
    whole = mapped(tmp_path / "a.npy")
    part = np.memmap(tmp_path / "a.npy", np.float32, "r", offset=whole.offset + 240, shape=(1, 3, 4, 5))
    assert _memmaps.mapped_file(part) is None


@pytest.mark.skipif(not os.path.exists("/proc/self/maps"), reason="the system does not tell what is mapped")
def test_a_map_of_a_file_that_was_replaced_is_written(tmp_path: Path) -> None:
    old = mapped(tmp_path / "a.npy")
    np.save(tmp_path / "b.npy", IMAGES + 1)
    os.replace(tmp_path / "b.npy", tmp_path / "a.npy")
    assert _memmaps.mapped_file(old) is None


def test_a_map_of_a_file_that_is_gone_is_written(tmp_path: Path) -> None:
    old = mapped(tmp_path / "a.npy")
    (tmp_path / "a.npy").unlink()
    assert _memmaps.mapped_file(old) is None


@pytest.mark.parametrize("array", [
    IMAGES, np.asfortranarray(IMAGES), IMAGES[:, ::2], IMAGES[::-1], IMAGES.swapaxes(1, 2), IMAGES.astype(">f8"),
    IMAGES.astype(np.float16), IMAGES > 7, IMAGES[:0], np.float32(3), IMAGES[0, 0, 0],
    np.broadcast_to(IMAGES[:1], (3, 3, 4, 5)),
], ids=str)
def test_what_is_written_is_what_numpy_reads(tmp_path: Path, array: Any) -> None:
    with open(tmp_path / "a.npy", "wb") as file:
        _arrays.write_npy(file, np.asarray(array))
    read = np.load(tmp_path / "a.npy")
    assert read.dtype == array.dtype
    np.testing.assert_array_equal(read, array)


def test_a_fortran_array_stays_one(tmp_path: Path) -> None:
    with open(tmp_path / "a.npy", "wb") as file:
        _arrays.write_npy(file, np.asfortranarray(IMAGES))
    assert np.load(tmp_path / "a.npy").flags.f_contiguous


@pytest.mark.parametrize("value, text", [
    (np.ma.masked_equal([[1, 2]], 2), r"labels is a masked array; .*labels.filled\(255\).*ignore_label=255"),
    (np.array([["a"]]), "labels has dtype <U1, numbers are needed"),
    (np.array([[1, None]]), "labels has dtype object, numbers are needed$"),
    (np.array([[1j]]), "labels has dtype complex128"),
])
def test_what_holds_no_numbers_is_refused(value: Any, text: str) -> None:
    with pytest.raises(ValueError, match=text):
        _arrays.numbers(value, "labels")


def images_one_by_one() -> Iterator[NDArray[Any]]:
    yield from IMAGES


def archived(images: Any) -> str:
    np.savez("a.npz", **images)
    return "a.npz"


RAGGED = np.empty(2, object)
RAGGED[:] = [IMAGES[0], IMAGES[1, :, :2]]


@pytest.mark.parametrize("value, text, follow", [
    (dict(a=IMAGES[0], b=IMAGES[1]), r"is a dict; write it with numpy.savez\('a.npz', \*\*a\) and pass 'a.npz'",
     lambda a: archived(a)),
    (dict(a=IMAGES[0], b=IMAGES[1]), r"or pass list\(a.values\(\)\) if labels and pred_probs have the same order",
     lambda a: list(a.values())),
    ({0: IMAGES[0], 1: IMAGES[1]}, r"is a dict; pass list\(a.values\(\)\)", lambda a: list(a.values())),
    (np.array(dict(a=IMAGES[0])), r"holds a dict; write it with numpy.savez\('a.npz', \*\*a.item\(\)\)",
     lambda a: archived(a.item())),
    (RAGGED, r"images of unlike sizes; pass a list of arrays, \[numpy.asarray\(a\) for a in a\]",
     lambda a: [np.asarray(one) for one in a]),
    (IMAGES.astype(object), r"dtype object; convert it with a.astype\(float\)", lambda a: a.astype(float)),
    (images_one_by_one(), r"is a generator and no array; pass list\(a\) if its images fit into memory", list),
    (map(np.asarray, IMAGES), r"is a map and no array; pass list\(a\)", list),
    ([[1, 2], [3]], "is a list of unlike lengths; pass a list of arrays", lambda a: [np.array([b]) for b in a]),
], ids=lambda value: type(value).__name__)
def test_what_is_no_array_is_refused_with_advice_that_works(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: Any, text: str, follow: MakeView) -> None:
    monkeypatch.chdir(tmp_path)
    with _arrays.Handover() as handover, pytest.raises(ValueError, match=text):
        handover.paths(value, "a")
    # What cannot be read raises here.
    assert masklint.inspect(follow(value))


def test_an_archive_that_was_opened_is_told_from_a_dict(tmp_path: Path) -> None:
    np.savez(tmp_path / "labels.npz", a=IMAGES[0])
    with np.load(tmp_path / "labels.npz") as archive, pytest.raises(ValueError) as error:
        _arrays.numbers(archive, "labels")
    assert str(error.value) == f"labels is an archive that was opened; pass its path, '{tmp_path / 'labels.npz'}'"


def test_a_loader_of_batches_is_not_said_to_make_a_list() -> None:
    class Loader:
        def __iter__(self) -> Iterator[Any]:
            return iter([(IMAGES, IMAGES)])

    with pytest.raises(ValueError, match="labels is a Loader and no array; write its images to a file one by one"):
        _arrays.numbers(Loader(), "labels")


def test_extended_precision_becomes_double() -> None:
    assert _arrays.numbers(np.ones(3, np.longdouble), "pred_probs").dtype == np.float64


@pytest.mark.parametrize("value, expected", [
    ([IMAGES[0], IMAGES[1]], True), ((IMAGES[0],), True), ([[1, 2]], False), ([np.int64(1)], False), ([], False),
    (IMAGES, False), (["a.npy"], False)])
def test_lists_of_images_are_told_from_lists_of_numbers(value: Any, expected: bool) -> None:
    assert _arrays.is_list_of_images(value) == expected


@pytest.mark.parametrize("value, expected", [
    ("a.npy", ["a.npy"]), (Path("b/c.npz"), ["b/c.npz"]), (["x.npy", Path("y.npy")], ["x.npy", "y.npy"]),
    ("-", ["./-"]), ("-l", ["./-l"])])
def test_paths_go_as_they_are_and_never_look_like_options(value: Any, expected: Any) -> None:
    with _arrays.Handover() as handover:
        assert handover.paths(value, "labels") == expected


@pytest.mark.parametrize("named", [False, True])
def test_arrays_can_be_read_while_the_run_lasts_and_nothing_is_left(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch, named: bool) -> None:
    monkeypatch.setattr(_arrays, "MEMORY_FOLDER", str(tmp_path))
    if named:
        monkeypatch.setattr(_arrays, "OPEN_FILES", "/nowhere")
    with pytest.raises(KeyboardInterrupt), _arrays.Handover() as handover:
        path, = handover.paths(IMAGES, "pred_probs")
        np.testing.assert_array_equal(np.load(path), IMAGES)
        assert bool(list(tmp_path.iterdir())) == named
        assert handover.explain(f"{path}: NaN") == "pred_probs: NaN"
        raise KeyboardInterrupt
    assert list(tmp_path.iterdir()) == []
    assert not os.path.exists(path)


def test_images_of_one_shape_become_one_array() -> None:
    with _arrays.Handover() as handover:
        path, = handover.paths([IMAGES[0], np.asfortranarray(IMAGES[1])], "pred_probs")
        np.testing.assert_array_equal(np.load(path), IMAGES)


@pytest.mark.parametrize("images", [[IMAGES[0], IMAGES[1, :, :2]], [IMAGES[0], IMAGES[1].astype(np.float64)]])
def test_images_that_differ_become_an_archive(images: Any) -> None:
    with _arrays.Handover() as handover:
        path, = handover.paths(images, "pred_probs")
        with np.load(path) as archive:
            assert archive.files == ["0", "1"]
            for i in range(2):
                np.testing.assert_array_equal(archive[str(i)], images[i])


def test_memory_maps_of_one_image_each_become_a_folder_of_links(tmp_path: Path) -> None:
    maps = [mapped(tmp_path / f"{name}.npy", image) for name, image in (("x", IMAGES[0]), ("a", IMAGES[1, :, :2]))]
    with _arrays.Handover() as handover:
        folder, = handover.paths(maps, "pred_probs")
        assert [os.readlink(os.path.join(folder, f"{i}.npy")) for i in range(2)] == [str(m.filename) for m in maps]
    assert not os.path.exists(folder)


@pytest.mark.parametrize("array, expected", [
    (np.moveaxis(IMAGES, -1, 1), True), (IMAGES, False), (IMAGES[:, ::2], False), (IMAGES[0], False),
    (np.asfortranarray(IMAGES), False), ("path", False)])
def test_probabilities_with_classes_last_in_memory_are_seen(array: Any, expected: bool) -> None:
    assert _arrays.is_channels_last(array) == expected


@pytest.mark.parametrize("free, available, expected", [
    (1 << 30, 1 << 32, "memory"), (1 << 20, 1 << 32, "temporary"), (1 << 30, 1 << 22, "temporary")])
def test_the_memory_file_system_is_used_while_it_and_memory_have_room(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free: int, available: int, expected: str) -> None:
    memory, temporary = tmp_path / "memory", tmp_path / "temporary"
    memory.mkdir()
    temporary.mkdir()
    monkeypatch.setattr(_arrays, "MEMORY_FOLDER", str(memory))
    monkeypatch.setattr(_arrays, "_free", lambda folder: free if folder == str(memory) else 1 << 40)
    monkeypatch.setattr(_arrays, "_available_memory", lambda: available)
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    assert _arrays._folder_with_room(4 << 20) == str(tmp_path / expected)


def test_where_nothing_has_room_the_error_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_arrays, "_free", lambda folder: 0)
    with pytest.raises(OSError, match="no room for 4,000 bytes; save the arrays"):
        _arrays._folder_with_room(4000)


def test_a_file_with_lines_is_handed_over_too() -> None:
    with _arrays.Handover() as handover:
        assert Path(handover.text(["road", "tree"], "class_names")).read_text() == "road\ntree\n"
