# SPDX-License-Identifier: MIT
"""Buffers: memory that jobs can use."""

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Optional, Union

import numpy as np
from numpy.typing import DTypeLike

from ascdev._errors import NotReadyError, check
from ascdev._handle import Handle
from ascdev._library import ffi, lib
from ascdev._surface import Array, dtype_name, numpy_dtype

if TYPE_CHECKING:
    from ascdev._context import Context

_READ = ffi.integer_const("ASCDEV_CPU_READ")
_WRITE = ffi.integer_const("ASCDEV_CPU_WRITE")


# A wait in C cannot be interrupted.  Between those of so many seconds, Python sees signals.
_SLICE = 0.1


def slices(timeout: Optional[float]) -> Iterator[int]:
    """Waits that make up one of so many seconds, in nanoseconds; None is for ever."""
    left = math.inf if timeout is None else max(timeout, 0)
    deadline = time.monotonic() + left
    while True:
        yield int(min(left, _SLICE) * 1e9)
        left = deadline - time.monotonic()
        if left <= 0:
            return


class _Memory:
    """The memory of a buffer for numpy, which keeps it until the last array is gone."""

    def __init__(self, handle: Handle, address: int, nbytes: int) -> None:
        self._handle = handle
        handle.hold()
        self.__array_interface__ = {"version": 3, "typestr": "|u1", "shape": (nbytes,),
                                    "data": (address, False)}

    def __del__(self) -> None:
        self._handle.release()


class Buffer:
    """Memory of the device, or of the process; by Context.alloc() and the import functions.

    Arrays on it, by view(), stay valid when it, or its context, is closed.
    """

    def __init__(self, context: "Context", handle: Handle) -> None:
        self.context = context
        self._handle = handle
        self._address = 0
        with handle as pointer:
            self.nbytes = int(lib.ascdev_buf_size(pointer))

    @property
    def address(self) -> int:
        """Where it is mapped, for as long as it is."""
        with self._handle as pointer:
            if not self._address:
                address = ffi.new("void **")
                check(lib.ascdev_buf_map(pointer, address))
                self._address = int(ffi.cast("uintptr_t", address[0]))
            return self._address

    def view(self, shape: Union[int, tuple[int, ...], None] = None, dtype: DTypeLike = "u8",
             offset: int = 0) -> Array:
        """An array on the buffer's memory from that offset, in bytes; by default all of it."""
        kind = numpy_dtype(dtype_name(dtype))
        address = self.address
        with self._handle:
            memory = np.asarray(_Memory(self._handle, address, self.nbytes))
        if shape is None:
            shape = (self.nbytes - offset) // kind.itemsize
        return np.ndarray(shape, kind, memory, offset)

    @contextmanager
    def cpu_access(self, read: bool = True, write: bool = False) -> Iterator[None]:
        """Brackets the CPU's use of an imported dma-buf; waits for the jobs that use it."""
        access = (_READ if read else 0) | (_WRITE if write else 0)
        with self._handle as pointer:
            check(lib.ascdev_buf_begin_cpu(pointer, access))
            try:
                yield
            finally:
                check(lib.ascdev_buf_end_cpu(pointer, access))

    def wait(self, timeout: Optional[float] = None) -> None:
        """Waits until no queued job uses it; NotReadyError after so many seconds."""
        with self._handle as pointer:
            for left in slices(timeout):
                ret = lib.ascdev_buf_wait(pointer, left)
                if ret != -NotReadyError.code:
                    break
            check(ret)

    def export_dmabuf(self) -> int:
        """A new descriptor of a dma-buf, which the caller closes."""
        with self._handle as pointer:
            return check(lib.ascdev_buf_export_dmabuf(pointer))

    def close(self) -> None:
        """Lets go of it.  It is freed when no job and no array uses it any more."""
        self._handle.drop()

    def _contains(self, address: int, nbytes: int) -> bool:
        return bool(self._handle.usable and self._address and self._address <= address and
                    address + nbytes <= self._address + self.nbytes)

    def __enter__(self) -> "Buffer":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
