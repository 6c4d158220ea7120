"""Tells which file an array is a memory map of."""
import mmap
import os
from typing import Any, Optional

import numpy as np
from numpy.typing import NDArray

# NumPy's own reader and writer of headers, which not every version of it has annotated.
npy_format: Any = np.lib.format


def mapped_file(array: NDArray[Any]) -> Optional[str]:
    """Path of the .npy file that holds this very array, if it is all of a memory map of all of one.

    Edge cases: None for views of a part or in another order, for files without a header, for files that were replaced
    since they were mapped, and for copy-on-write maps, whose changes are in no file.
    """
    mapped: Any = array
    while mapped is not None and not (isinstance(mapped, np.memmap) and isinstance(mapped.base, mmap.mmap)):
        mapped = getattr(mapped, "base", None)
    if mapped is None or mapped.mode == "c" or not isinstance(mapped.filename, (str, os.PathLike)):
        return None
    here, there = array.__array_interface__, mapped.__array_interface__
    if any(here[key] != there[key] for key in ("data", "shape", "strides", "typestr")):
        return None
    try:
        with open(mapped.filename, "rb") as file:
            version = npy_format.read_magic(file)
            read = npy_format.read_array_header_1_0 if version == (1, 0) else npy_format.read_array_header_2_0
            shape, fortran, dtype = read(file)
            whole = shape == mapped.shape and dtype == mapped.dtype and file.tell() == mapped.offset
            ordered = mapped.flags.f_contiguous if fortran else mapped.flags.c_contiguous
            if not (whole and ordered and _is_mapped_from(there["data"][0], mapped.filename)):
                return None
    except (OSError, ValueError):
        return None
    return os.fspath(mapped.filename)


def _is_mapped_from(address: int, path: Any) -> bool:
    """Whether the memory at this address is a map of the file of that name, not of one that had the name before.

    Where the system does not tell (Linux does), it is taken for granted. Device and inode would not do: some file
    systems give others here than to stat.
    """
    try:
        with open("/proc/self/maps", encoding="utf-8", errors="surrogateescape") as maps:
            for line in maps:
                fields = line.rstrip("\n").split(None, 5)
                first, last = (int(bound, 16) for bound in fields[0].split("-"))
                if first <= address < last:
                    return fields[5:] == [os.path.realpath(path)]
    except OSError:
        pass
    return True
