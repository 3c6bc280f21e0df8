# SPDX-License-Identifier: MIT
"""What a compression gives."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Optional, Union

import numpy as np
from numpy.typing import DTypeLike, NDArray

from ascdev._errors import AscdevError, error
from ascdev._library import BACKENDS, CODECS, enum_names, ffi, lib, record
from ascdev._params import Params
from ascdev._surface import Array, address, axes, dtype_name, numpy_dtype, surface

if TYPE_CHECKING:
    from ascdev._context import Context


@dataclass(frozen=True)
class Result:
    """How a job ended: struct ascdev_result of ascdev.h, with names for its numbers."""

    backend: str
    codec: str
    endpoints: str
    block: tuple[int, int, int]
    bytes: int
    elements: int
    linear_blocks: int
    log_blocks: int
    sum_abs_error: int
    sum_sq_error: int
    max_abs_error: int
    exec_ns: int
    profile: str
    reorder: str
    error_exponent: int
    exponent: int
    bytes_read: int
    cycles: int
    fallback_reason: Optional[AscdevError] = field(compare=False)
    """Why it ran in process although backend="auto" prefers a device."""

    @classmethod
    def of(cls, struct: Any) -> "Result":
        return record(cls, struct, backend=BACKENDS[struct.backend], codec=CODECS[struct.codec],
                      endpoints=enum_names("endpoints")[struct.endpoints],
                      block=(struct.block.w, struct.block.h, struct.block.c),
                      profile=enum_names("profile")[struct.profile],
                      reorder=enum_names("reorder")[struct.reorder],
                      fallback_reason=error(struct.fallback_reason)
                      if struct.fallback_reason else None)


@dataclass(frozen=True)
class Compressed:
    """A compressed map, and all that is needed to read it.

    Indexing it with integers and slices, as an array, decompresses that part only;
    numpy.asarray() decompresses all of it.  It can be pickled.
    """

    payload: Union[bytes, memoryview]
    """The bytes; a view where a buffer was given to compress into."""
    params: Params
    """As the payload needs them: nothing is left open."""
    shape: tuple[int, ...]
    dtype: str
    """One of u8, s8, u16, s16, f16, bf16; a numpy type is taken too."""
    layout: str = "nchw"
    """What the axes of the array are: the last of N, C, H, W or of N, H, W, C."""
    result: Optional[Result] = field(default=None, compare=False)
    context: Optional["Context"] = field(default=None, compare=False, repr=False)
    """Decompresses it; without one, or if that is closed, the codec in process does."""

    def __post_init__(self) -> None:
        axes(self.layout, len(self.shape))
        object.__setattr__(self, "dtype", dtype_name(self.dtype))
        object.__setattr__(self, "shape", tuple(int(n) for n in self.shape))

    def __reduce__(self) -> tuple[Any, ...]:
        return Compressed, (bytes(self.payload), self.params, self.shape, self.dtype, self.layout,
                            self.result)

    def __repr__(self) -> str:
        return (f"<Compressed {self.dtype} {self.shape} {self.layout}: {self.nbytes} bytes, "
                f"{self.params}>")

    @property
    def nbytes(self) -> int:
        return len(self.payload)

    @property
    def ratio(self) -> float:
        """Bytes of the values for each byte of payload."""
        return self.elements * numpy_dtype(self.dtype).itemsize / self.nbytes

    @property
    def bpe(self) -> float:
        """Bits of payload for each value."""
        return 8 * self.nbytes / self.elements

    @property
    def elements(self) -> int:
        return int(np.prod(self.shape, dtype=np.int64))

    @property
    def order(self) -> Optional[NDArray[np.uint16]]:
        """For each channel, which one takes its place in the payload; None if none does.

        With Params(order=...) other maps of the same layer are compressed without a search.
        """
        if self.params.reorder == "none":
            return None
        described = surface(self.dtype, self.layout, self.shape, None)
        order = np.empty(described.dim[1], np.uint16)
        ret = lib.ascdev_payload_order(self.params._pointer(len(order)), described,
                                       ffi.from_buffer(self.payload), len(self.payload),
                                       ffi.cast("uint16_t *", address(order)))
        if ret < 0:
            raise error(ret)
        return order

    def decompress(self, part: Any = ..., *, out: Optional[Array] = None) -> Array:
        """The values, or those of a part; see Context.decompress()."""
        from ascdev._context import Context
        if self.context and self.context.usable:
            return self.context.decompress(self, part, out=out)
        with Context("sw") as context:
            return context.decompress(self, part, out=out)

    def __getitem__(self, part: Any) -> Array:
        return self.decompress(part)

    def __array__(self, dtype: Optional[DTypeLike] = None, copy: Optional[bool] = None) -> Array:
        values = self.decompress()
        return values if dtype is None else values.astype(dtype, copy=False)
