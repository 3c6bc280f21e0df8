# SPDX-License-Identifier: MIT
"""What is in a map, and what each codec would make of it."""

from dataclasses import dataclass
from typing import Optional, Union

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from ascdev._errors import error
from ascdev._library import CODECS, ffi, lib, masked, new_struct, record
from ascdev._params import ParamsLike, params_of
from ascdev._surface import address, array_dtype, in_place, surface

_EXACT = ffi.integer_const("ASCDEV_ANALYZE_EXACT")
# Where the bits of a float stand in those of a binary32, and that type.
_FLOATS = {"f16": (0, np.uint16, np.float16), "bf16": (16, np.uint32, np.float32)}


@dataclass(frozen=True)
class Analysis:
    """What is in a map: struct ascdev_analysis of ascdev.h."""

    distinct: int
    """Different values."""
    elements: int
    zeros: int
    """Values that are the zero point."""
    zero_runs: int
    entropy: float
    """Order-0 entropy, in bits per value."""
    exact: frozenset[str]
    """Codecs whose bytes are exact; the rest is estimated."""
    bytes: dict[str, int]
    """For each codec that was tried, the bytes of its payload."""
    min: Union[int, float]
    max: Union[int, float]
    histogram: NDArray[np.uint64]
    """Values by their upper 6 bits, from the least that the type can hold."""


def _value(dtype: str, number: int) -> Union[int, float]:
    """Floats come as sign and magnitude of their bits."""
    if dtype not in _FLOATS:
        return number
    shift, bits, kind = _FLOATS[dtype]
    pattern = abs(number) | (0x8000 if number < 0 else 0)
    return float(np.array(pattern << shift, bits).view(kind))


def analyze(array: ArrayLike, params: ParamsLike = "", *, exact: bool = False, layout: str = "nchw",
            zero_point: Optional[int] = None, dtype: Optional[DTypeLike] = None) -> Analysis:
    """Looks at a map; exact=True tries every codec, which takes longer.

    The codec of params has no meaning, and what a codec does not have is left out for it.
    """
    source = in_place(np.asarray(array))
    name = array_dtype(source, dtype)
    described = surface(name, layout, source.shape, source)
    analysis = new_struct("analysis")
    pointer = params_of(params, zero_point)._pointer(described.dim[1])
    ret = lib.ascdev_analyze(pointer, described, address(source), _EXACT if exact else 0, analysis)
    if ret < 0:
        raise error(ret)
    known = {codec: analysis.bytes[n] for n, codec in CODECS.items() if analysis.bytes[n]}
    return record(Analysis, analysis, entropy=analysis.entropy / 256,
                  exact=masked(analysis.exact, CODECS), bytes=known,
                  min=_value(name, analysis.min), max=_value(name, analysis.max),
                  histogram=np.array(list(analysis.histogram), np.uint64))
