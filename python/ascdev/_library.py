# SPDX-License-Identifier: MIT
"""The shared library: where it is, and the names of its numbers."""

import dataclasses
import os
from pathlib import Path
from typing import Any, TypeVar

from ascdev._binding import ffi as ffi

_SONAME = f"libascdev.so.{ffi.integer_const('ASCDEV_VERSION_MAJOR')}"


def string(chars: Any) -> str:
    return str(ffi.string(chars).decode(errors="replace"))


def _path() -> str:
    """$ASCDEV_LIBRARY, the library of the build that this package is part of, or the system's."""
    chosen = os.environ.get("ASCDEV_LIBRARY")
    if chosen:
        return chosen
    built = Path(__file__).resolve().parents[2] / _SONAME
    return str(built) if built.exists() else _SONAME


def _load() -> Any:
    path = _path()
    try:
        # never unmapped: threads of a context that was not closed may be in it to the end
        library = ffi.dlopen(path, os.RTLD_NOW | os.RTLD_NODELETE)
    except OSError as error:
        raise ImportError(f"{error}; set ASCDEV_LIBRARY to its path, or install it and run "
                          "ldconfig") from None
    version = string(library.ascdev_version_string())
    if version.split(".")[0] != _SONAME.rsplit(".", 1)[1]:
        raise ImportError(f"{path} is version {version}; {_SONAME} is needed")
    return library


lib = _load()
version = string(lib.ascdev_version_string())


def enum_names(enum: str) -> dict[int, str]:
    """Number to name of an enum of the header: 1 to "asc-cbr" of ASCDEV_CODEC_ASC_CBR."""
    elements = ffi.typeof(f"enum ascdev_{enum}").elements
    prefix = len(f"ASCDEV_{enum.removesuffix('_level').upper()}_")
    return {n: name[prefix:].lower().replace("_", "-") for n, name in elements.items()}


def enum_number(enum: str, name: str) -> int:
    for number, known in enum_names(enum).items():
        if known == name:
            return number
    raise ValueError(f"{enum} {name!r}: none of {', '.join(enum_names(enum).values())}")


R = TypeVar("R")

BACKENDS = enum_names("backend")
CPUS = enum_names("cpu")
CODECS = enum_names("codec")
DTYPES = enum_names("dtype")
LOG_LEVELS = enum_names("log_level")


def new_struct(name: str) -> Any:
    """A structure that begins with its size."""
    struct = ffi.new(f"struct ascdev_{name} *")
    struct.size = ffi.sizeof(struct[0])
    return struct


def masked(mask: int, names: dict[int, str]) -> frozenset[str]:
    return frozenset(name for n, name in names.items() if mask >> n & 1)


def record(cls: type[R], struct: Any, **known: Any) -> R:
    """A dataclass of the members of a structure; @known has those that need more than a copy."""
    values = {}
    for field in dataclasses.fields(cls):
        if field.name in known:
            values[field.name] = known[field.name]
            continue
        value = getattr(struct, field.name)
        values[field.name] = string(value) if isinstance(value, ffi.CData) else value
    return cls(**values)
