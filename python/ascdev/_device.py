# SPDX-License-Identifier: MIT
"""The codec devices of this machine."""

import os
from dataclasses import dataclass
from typing import Any, Optional, Union

from ascdev._errors import AscdevError, error
from ascdev._library import ffi, lib, new_struct, record, string

Path = Union[str, "os.PathLike[str]"]


def c_path(path: Optional[Path]) -> Any:
    return ffi.NULL if path is None else ffi.new("char[]", os.fsencode(path))


@dataclass(frozen=True)
class Device:
    """A codec device, usable or not: struct ascdev_device_info of ascdev.h."""

    node: str
    sysfs: str
    version: str
    emulated: bool
    """The driver runs its jobs on a CPU."""
    engines: int
    error: Optional[AscdevError]
    """Why it cannot be used, and what helps; None if it can."""


def _device(info: Any) -> Device:
    failed = error(info.state, string(info.message)) if info.state else None
    return record(Device, info, emulated=bool(info.emulated), error=failed)


def devices(root: Optional[Path] = None) -> list[Device]:
    """Also those that cannot be used, with the reason.

    root is a directory that holds sys/ and dev/ of the machine, for tests.
    """
    options = new_struct("enumerate_opts")
    path = c_path(root)
    options.root = path
    found = ffi.new("struct ascdev_device_list **")
    count = lib.ascdev_enumerate(options, found)
    if count < 0:
        raise error(count)
    try:
        return [_device(lib.ascdev_device_list_get(found[0], i)) for i in range(count)]
    finally:
        lib.ascdev_device_list_free(found[0])
