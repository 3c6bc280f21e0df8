# SPDX-License-Identifier: MIT
"""numpy arrays as surfaces of the library."""

import errno
import operator
from typing import Any, Optional, Union

import numpy as np
from numpy.typing import DTypeLike, NDArray

from ascdev._errors import error
from ascdev._library import DTYPES, ffi, lib
from ascdev._params import ParamsLike, params_of

Array = NDArray[Any]

_NUMPY: dict[str, Any] = {"u8": np.uint8, "s8": np.int8, "u16": np.uint16, "s16": np.int16,
                          "f16": np.float16, "bf16": np.uint16}
_NUMBERS = {name: number for number, name in DTYPES.items()}
# For each axis of an array of four, which of N, C, H, W it is; fewer are the last of these.
_LAYOUTS = {"nchw": (0, 1, 2, 3), "nhwc": (0, 2, 3, 1)}
_STRIDE_LIMIT = 1 << 32


def dtype_name(dtype: DTypeLike) -> str:
    """"u8" and so on, of such a name or of a numpy type."""
    if isinstance(dtype, str) and dtype in _NUMPY:
        return dtype
    kind = np.dtype(dtype)
    for name, known in _NUMPY.items():
        if kind.newbyteorder("=") == known:
            return name
    raise TypeError(f"values of {kind}; the codecs take uint8, int8, uint16, int16, float16, and "
                    "bf16 as uint16")


def numpy_dtype(name: str) -> "np.dtype[Any]":
    return np.dtype(_NUMPY[name])


def array_dtype(array: Array, dtype: Optional[DTypeLike]) -> str:
    """Name of the type of an array's values, that is @dtype if it is given."""
    name = dtype_name(array.dtype if dtype is None else dtype)
    if array.dtype.newbyteorder("=") != numpy_dtype(name):
        raise TypeError(f"an array of {array.dtype} for values of {name}, "
                        f"which are {numpy_dtype(name)}")
    return name


def axes(layout: str, ndim: int) -> tuple[int, ...]:
    """For each axis of an array, which of N, C, H, W it is."""
    if layout not in _LAYOUTS:
        raise ValueError(f"layout {layout!r}: none of {', '.join(_LAYOUTS)}")
    if not 1 <= ndim <= 4:
        raise ValueError(f"an array of {ndim} axes: 1 to 4 can be compressed")
    return _LAYOUTS[layout][4 - ndim:]


def readable_in_place(array: Array) -> bool:
    """Whether four strides of the library can say how the array lies in memory."""
    return array.dtype.isnative and all(
        n == 1 or 0 <= stride < _STRIDE_LIMIT for n, stride in zip(array.shape, array.strides))


def writable_in_place(array: Array) -> bool:
    """Likewise, where strides must nest: no two values overlap."""
    if not readable_in_place(array):
        return False
    reach = array.itemsize
    for stride, n in sorted((stride, n) for n, stride in zip(array.shape, array.strides) if n > 1):
        if stride < reach:
            return False
        reach += stride * (n - 1)
    return True


def in_place(array: Array) -> Array:
    """The array, or a dense copy in native byte order if the library cannot read it."""
    if readable_in_place(array):
        return array
    return np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("="))


def surface(dtype: str, layout: str, shape: tuple[int, ...], memory: Optional[Array]) -> Any:
    """A struct ascdev_surface, of an array of that shape; the strides are those of @memory.

    That is the array, or receives a part of it; None where strides do not matter.
    """
    described = ffi.new("struct ascdev_surface *")
    described.dtype = _NUMBERS[dtype]
    described.dim = [1] * 4
    for i, (axis, n) in enumerate(zip(axes(layout, len(shape)), shape)):
        if n >= 1 << 32:
            raise error(errno.EOVERFLOW, f"an extent of {n}")
        described.dim[axis] = n
        if memory is not None and memory.shape[i] > 1:
            described.stride[axis] = memory.strides[i]
    return described


def address(array: Array) -> Any:
    return ffi.cast("void *", array.__array_interface__["data"][0])


def span(array: Array) -> int:
    """Bytes from the first to the last value of an array that is readable in place."""
    return array.itemsize + sum((n - 1) * stride
                                for n, stride in zip(array.shape, array.strides) if n > 1)


class Part:
    """A box of an array, by what numpy would index it with: integers and slices of step 1."""

    def __init__(self, index: Any, shape: tuple[int, ...]) -> None:
        self.at: list[int] = []
        self.extents: list[int] = []
        self.dropped: list[bool] = []
        for item, n in zip(self._expand(index, len(shape)), shape):
            if isinstance(item, slice):
                start, stop, step = item.indices(n)
                if step != 1:
                    raise ValueError(f"a part with a step of {step}")
                self._add(start, max(stop - start, 0), False)
            else:
                position = operator.index(item)
                if not -n <= position < n:
                    raise IndexError(f"index {position} is out of {n}")
                self._add(position % n, 1, True)

    @staticmethod
    def _expand(index: Any, ndim: int) -> tuple[Any, ...]:
        items = index if isinstance(index, tuple) else (index,)
        gaps = [i for i, item in enumerate(items) if item is Ellipsis]
        if len(gaps) > 1 or len(items) - len(gaps) > ndim:
            raise IndexError(f"{index!r} for {ndim} axes")
        at = gaps[0] if gaps else len(items)
        rest = (slice(None),) * (ndim - len(items) + len(gaps))
        return items[:at] + rest + items[at + 1:]

    def _add(self, at: int, extent: int, dropped: bool) -> None:
        self.at.append(at)
        self.extents.append(extent)
        self.dropped.append(dropped)

    @property
    def shape(self) -> tuple[int, ...]:
        """Of the array that numpy would give."""
        return tuple(n for n, dropped in zip(self.extents, self.dropped) if not dropped)

    def with_all_axes(self, array: Array) -> Array:
        """A view of an array of that shape that has the axes of the whole."""
        return array[tuple(None if dropped else slice(None) for dropped in self.dropped)]

    def struct(self, layout: str) -> Any:
        part = ffi.new("struct ascdev_part *")
        part.dim = [1] * 4
        for axis, at, n in zip(axes(layout, len(self.at)), self.at, self.extents):
            part.at[axis] = at
            part.dim[axis] = n
        return part


def bound(array: Union[Array, tuple[int, ...]], params: ParamsLike = "", *,
          dtype: Optional[DTypeLike] = None, layout: str = "nchw") -> int:
    """The largest payload, in bytes, that compressing an array may give.

    array is one, or its shape if dtype is given.  Exact for codec=raw, and for asc-cbr where
    endpoints, block and profile are given.
    """
    if isinstance(array, tuple):
        if dtype is None:
            raise TypeError("a shape needs dtype=")
        name, shape = dtype_name(dtype), array
    else:
        name, shape = array_dtype(array, dtype), array.shape
    return surface_bound(surface(name, layout, shape, None), params_of(params))


def surface_bound(described: Any, params: Any, refused: Optional[int] = None) -> int:
    """refused: what to return where there is none, for a call that fails, too, and says why."""
    size = ffi.new("uint64_t *")
    ret = lib.ascdev_compress_bound(params._pointer(described.dim[1]), described, size)
    if ret < 0 and refused is not None:
        return refused
    if ret < 0:
        raise error(ret, f"surface or parameters: {error(ret).strerror}")
    return int(size[0])
