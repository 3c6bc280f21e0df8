# SPDX-License-Identifier: MIT
"""One class of exceptions for each cause that the library tells apart."""

import errno
import threading
from typing import ClassVar

from ascdev._library import lib, string


class AscdevError(OSError):
    """A call of the library failed.

    errno is its code, name that code's name as "EBADMSG", strerror what went wrong and what
    helps, in words.
    """

    code: ClassVar[int] = 0
    accepted: int = 0
    """Of Context.submit(): how many jobs were accepted before this one was not."""

    @property
    def name(self) -> str:
        return string(lib.ascdev_errname(self.errno or 0))

    def __str__(self) -> str:
        return f"{self.strerror} [{self.name}]"


class TooLargeError(AscdevError):
    """Too large for a buffer, or a structure of a newer library."""
    code = errno.E2BIG


class DevicePermissionError(AscdevError, PermissionError):
    """The mode of the device node, or a priority that needs more."""
    code = errno.EACCES


class ForbiddenError(AscdevError, PermissionError):
    """A cgroup or a seccomp filter forbids the device."""
    code = errno.EPERM


class ThreadError(AscdevError):
    """A thread could not be started."""
    code = errno.EAGAIN


class BadFileError(AscdevError):
    """Not an open file descriptor."""
    code = errno.EBADF


class CorruptError(AscdevError):
    """The payload, or an order of channels, makes no sense."""
    code = errno.EBADMSG


class BusyError(AscdevError):
    """The queue is full, or the job is in flight."""
    code = errno.EBUSY


class CancelledError(AscdevError):
    """The job was taken back, or dropped before it ran."""
    code = errno.ECANCELED


class InvalidError(AscdevError, ValueError):
    """An invalid argument."""
    code = errno.EINVAL


class EngineError(AscdevError):
    """The engine failed, or refuses the context because too many of its jobs hung."""
    code = errno.EIO


class TooManyFilesError(AscdevError):
    """Too many open files."""
    code = errno.EMFILE


class NoDeviceError(AscdevError):
    """There is no device, or it went away."""
    code = errno.ENODEV


class NoNodeError(AscdevError, FileNotFoundError):
    """There is no such device node."""
    code = errno.ENOENT


class OutOfMemoryError(AscdevError, MemoryError):
    """Out of memory."""
    code = errno.ENOMEM


class NoSpaceError(AscdevError):
    """The destination is too small, or there are too many contexts."""
    code = errno.ENOSPC


class NotBoundError(AscdevError):
    """The driver is loaded, but bound to no device."""
    code = errno.ENXIO


class QuotaError(AscdevError):
    """Jobs have used as much memory as the device's max_pinned_bytes allows."""
    code = errno.EDQUOT


class UnsupportedError(AscdevError):
    """Not supported by this backend."""
    code = errno.EOPNOTSUPP


class TooManyValuesError(AscdevError, OverflowError):
    """Too many values, or too large a stride."""
    code = errno.EOVERFLOW


class VersionError(AscdevError):
    """Driver and library speak different versions."""
    code = errno.EPROTO


class NotReadyError(AscdevError, TimeoutError):
    """It has not ended in the time that was given."""
    code = errno.ETIME


class EngineHungError(AscdevError):
    """The engine stood still."""
    code = errno.ETIMEDOUT


_classes = {cls.code: cls for cls in AscdevError.__subclasses__()}


def error(code: int, message: str = "") -> AscdevError:
    """The exception for an errno, negative or positive."""
    code = abs(code)
    cls = _classes.get(code, AscdevError)
    return cls(code, message or string(lib.ascdev_strerror(code)))


class _Said(threading.local):
    message = ""


# What the library said in this thread, in the call that runs; see Handle.__enter__().
said = _Said()


def check(ret: int) -> int:
    """What a call on a context returned; fails with what the library said."""
    if ret < 0:
        raise error(ret, said.message)
    return ret
