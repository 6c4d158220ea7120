"""Hands arrays to the binary: what is in a file already by its path, what is in memory through a memory file system."""
import errno
import os
import shutil
import tempfile
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Dict, List, Mapping, Optional, Sequence, Type, Union

import numpy as np
from numpy.typing import NDArray

from ._memmaps import mapped_file, npy_format
from ._options import PathName
from ._words import spoken

Images = Union[NDArray[Any], PathName, Sequence[NDArray[Any]], Sequence[PathName]]

MEMORY_FOLDER = "/dev/shm"
OPEN_FILES = "/proc/self/fd"
# A memory file system takes the memory that everything else needs: no more than this share of what is left.
MEMORY_SHARE = 0.5
# Room that headers and a file system's own blocks take, generously.
SLACK_BYTES = 1 << 20


class Handover:
    """Files and paths for one run of the binary. A context manager: on leaving it nothing is left behind.

    Where the system shows a process its open files (Linux), files have no name from the start, so that not even a
    killed process leaves any; elsewhere they lie in a temporary folder.
    """

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._folders: Dict[str, str] = {}
        self.descriptors: List[int] = []
        # Paths of ours, and what the caller knows each by.
        self.shown: Dict[str, str] = {}

    def __enter__(self) -> "Handover":
        return self

    def __exit__(self, kind: Optional[Type[BaseException]], error: Optional[BaseException],
                 trace: Optional[TracebackType]) -> None:
        self._stack.close()

    def paths(self, value: Any, name: str) -> List[str]:
        """What to write after the option `name` for an array, a path, or a list of either.

        Arrays are written image by image; whole memory maps of .npy files go by their path. A list of arrays of one
        shape becomes one array, any other an archive (memory maps: a folder) with the images named 0, 1, ...

        Errors: ValueError for what holds no numbers; OSError where there is no room.
        """
        if isinstance(value, (str, os.PathLike)):
            return [argument(value)]
        if isinstance(value, (list, tuple)) and value:
            if all(isinstance(item, (str, os.PathLike)) for item in value):
                return [argument(item) for item in value]
            if is_list_of_images(value):
                return [self._list(value, name)]
        array = numbers(value, name)
        path = mapped_file(array)
        return [self._array(array, name) if path is None else argument(path)]

    def text(self, lines: Sequence[str], name: str) -> str:
        """Path of a file with these lines."""
        data = "".join(f"{line}\n" for line in lines).encode()
        file = self.file(len(data), ".txt")
        file.write(data)
        return self._path(file, name)

    def file(self, byte_count: Optional[int], suffix: str = "") -> IO[bytes]:
        """A temporary file, open for writing and reading, where there is room for so many bytes.

        Errors: OSError where there is none. None for the number leaves it to the folder for temporary files.
        """
        folder = tempfile.gettempdir() if byte_count is None else _folder_with_room(byte_count)
        if os.path.isdir(OPEN_FILES):
            return self._stack.enter_context(tempfile.TemporaryFile(dir=folder))
        return self._stack.enter_context(
            tempfile.NamedTemporaryFile(dir=self._named_folder(folder), suffix=suffix, delete=False))

    def folder(self) -> str:
        """A temporary folder, for files that the binary puts in place itself."""
        return self._stack.enter_context(tempfile.TemporaryDirectory(prefix="masklint-"))

    def explain(self, message: str) -> str:
        """The binary's message with the caller's names in place of our paths, and keywords in place of options."""
        for path, name in self.shown.items():
            message = message.replace(path, name)
        return spoken(message)

    def _array(self, array: NDArray[Any], name: str) -> str:
        file = self.file(array.nbytes, ".npy")
        write_npy(file, array)
        return self._path(file, name)

    def _list(self, images: Sequence[Any], name: str) -> str:
        arrays = [numbers(image, f"{name}[{i}]") for i, image in enumerate(images)]
        files = [mapped_file(array) for array in arrays]
        if all(files):
            folder = self.folder()
            for i, path in enumerate(files):
                os.symlink(str(path), os.path.join(folder, f"{i}.npy"))
            self.shown[folder] = name
            return folder
        byte_count = sum(array.nbytes for array in arrays)
        if len({(array.shape, array.dtype.str) for array in arrays}) == 1:
            file = self.file(byte_count, ".npy")
            _write_header(file, (len(arrays), *arrays[0].shape), arrays[0].dtype, False)
            for array in arrays:
                _write_bytes(file, np.ascontiguousarray(array))
        else:
            file = self.file(byte_count, ".npz")
            members: Dict[str, Any] = {str(i): array for i, array in enumerate(arrays)}
            np.savez(file, **members)
        return self._path(file, name)

    def _path(self, file: IO[bytes], name: str) -> str:
        file.flush()
        if os.path.isdir(OPEN_FILES):
            self.descriptors.append(file.fileno())
            path = f"{OPEN_FILES}/{file.fileno()}"
        else:
            path = str(file.name)
        self.shown[path] = name
        return path

    def _named_folder(self, place: str) -> str:
        if place not in self._folders:
            made = tempfile.mkdtemp(prefix="masklint-", dir=place)
            self._stack.callback(shutil.rmtree, made, ignore_errors=True)
            self._folders[place] = made
        return self._folders[place]


def is_list_of_images(value: Any) -> bool:
    """Whether this is a list of arrays, as opposed to a nested list of numbers or a list of paths."""
    return (isinstance(value, (list, tuple)) and len(value) > 0
            and all(hasattr(item, "__array__") and getattr(item, "ndim", 0) > 0 for item in value))


def numbers(value: Any, name: str) -> NDArray[Any]:
    """The value as an array of a type that the binary reads.

    Errors: ValueError for masked arrays, whose mask no file can hold, and for what is no array of numbers, with what
        to pass in its place.
    """
    if isinstance(value, np.ma.MaskedArray):
        raise ValueError(
            f"{name} is a masked array; fill it with a label that is none, {name}.filled(255), "
            "and pass ignore_label=255")
    if isinstance(value, Mapping):
        raise ValueError(_instead_of_mapping(value, name))
    if not isinstance(value, (list, tuple)) and not hasattr(value, "__array__") and hasattr(value, "__iter__"):
        listed = f"pass list({name}) if its images fit into memory, or " if hasattr(value, "__next__") else ""
        raise ValueError(
            f"{name} is a {type(value).__name__} and no array; {listed}write its images to a file one by one, as "
            "Scripts/export_torch.py does, and pass the path")
    try:
        array = np.asarray(value)
    except ValueError:
        raise ValueError(
            f"{name} is a list of unlike lengths; pass a list of arrays, one for each image") from None
    if array.dtype.kind == "O":
        raise ValueError(_instead_of_objects(array, name))
    if array.dtype.kind not in "biuf":
        raise ValueError(f"{name} has dtype {array.dtype}, numbers are needed; convert it with astype")
    if array.dtype.kind == "f" and array.dtype.itemsize > 8:
        array = array.astype(np.float64)
    return array


def _instead_of_mapping(value: Mapping[Any, Any], name: str) -> str:
    """What to pass in place of a dict, or of what numpy.load gives of an archive."""
    if isinstance(value, np.lib.npyio.NpzFile):
        path = getattr(value.fid, "name", None)
        return f"{name} is an archive that was opened; pass its path" + (f", {path!r}" if path else "")
    if all(isinstance(key, str) for key in value):
        return (f"{name} is a dict; write it with numpy.savez('{name}.npz', **{name}) and pass '{name}.npz', or pass "
                f"list({name}.values()) if labels and pred_probs have the same order")
    return f"{name} is a dict; pass list({name}.values()), labels and pred_probs in the same order"


def _instead_of_objects(array: NDArray[Any], name: str) -> str:
    """What to pass in place of an array of Python objects."""
    found = f"{name} has dtype object"
    if array.ndim == 0 and isinstance(array.item(), Mapping):
        return (f"{found} and holds a dict; write it with numpy.savez('{name}.npz', **{name}.item()) and pass "
                f"'{name}.npz'")
    if array.ndim == 1 and array.size > 0 and all(isinstance(image, (np.ndarray, list)) for image in array):
        return f"{found} and holds images of unlike sizes; pass a list of arrays, [numpy.asarray(a) for a in {name}]"
    if all(isinstance(item, (int, float, np.number)) for item in array.flat):
        return f"{found}; convert it with {name}.astype(float), or astype(int) for labels"
    return f"{found}, numbers are needed"


def is_channels_last(array: Any, volumes: bool = False) -> bool:
    """Whether these are probabilities (N,K,H,W) that lie in memory as (N,H,W,K), as np.moveaxis(a, -1, 1) gives.

    With volumes (N,K,D,H,W) and (N,D,H,W,K).
    """
    return (isinstance(array, np.ndarray) and array.ndim == (5 if volumes else 4) and not array.flags.c_contiguous
            and bool(np.moveaxis(array, 1, -1).flags.c_contiguous))


def write_npy(file: IO[bytes], array: NDArray[Any]) -> None:
    """Writes the array, in its own order where it is contiguous, else image by image; never a second copy of it all."""
    fortran = bool(array.flags.f_contiguous and not array.flags.c_contiguous)
    _write_header(file, array.shape, array.dtype, fortran)
    if fortran:
        _write_bytes(file, array.T)
    elif array.flags.c_contiguous:
        _write_bytes(file, array)
    else:
        for image in array:
            _write_bytes(file, np.ascontiguousarray(image))


def _write_header(file: IO[bytes], shape: Sequence[int], dtype: "np.dtype[Any]", fortran: bool) -> None:
    npy_format.write_array_header_1_0(
        file, {"shape": tuple(shape), "fortran_order": fortran, "descr": dtype.str})


def _write_bytes(file: IO[bytes], array: NDArray[Any]) -> None:
    file.write(array.reshape(-1).view(np.uint8).data)


def argument(path: PathName) -> str:
    """The path as the binary takes it: one that starts with a dash would be an option, or standard input."""
    text = os.fspath(path)
    return f"./{text}" if text.startswith("-") else text


def _folder_with_room(byte_count: int) -> str:
    """The memory file system, else the folder for temporary files."""
    needed = byte_count + SLACK_BYTES
    if os.access(MEMORY_FOLDER, os.W_OK) and needed < min(_free(MEMORY_FOLDER), MEMORY_SHARE * _available_memory()):
        return MEMORY_FOLDER
    folder = tempfile.gettempdir()
    if needed > _free(folder):
        raise OSError(
            errno.ENOSPC, f"{folder} has no room for {byte_count:,} bytes; save the arrays with np.save where there is "
            "and pass their paths, or set TMPDIR")
    return folder


def _free(folder: str) -> int:
    return shutil.disk_usage(folder).free


def _available_memory() -> float:
    """Bytes that can be taken without swapping, as Linux estimates them; without limit where it is not known."""
    try:
        for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines():
            if line.startswith("MemAvailable:"):
                return float(line.split()[1]) * 1024
    except OSError:
        pass
    return float("inf")
