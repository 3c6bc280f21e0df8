# SPDX-License-Identifier: MIT
"""Feature-map compression on a codec accelerator or in process.

    >>> import ascdev, numpy
    >>> with ascdev.Context() as context:
    ...     compressed = context.compress(numpy.zeros((64, 56, 56), numpy.uint8))
    ...     values = compressed.decompress()

ascdev.h, the header of the library, has the details; Documentation/python.rst what is different.
"""

from ascdev._analysis import Analysis, analyze
from ascdev._buffer import Buffer
from ascdev._compressed import Compressed, Result
from ascdev._context import Caps, Context, Stats
from ascdev._device import Device, devices
from ascdev._errors import (AscdevError, BadFileError, BusyError, CancelledError, CorruptError,
                            DevicePermissionError, EngineError, EngineHungError, ForbiddenError,
                            InvalidError, NoDeviceError, NoNodeError, NoSpaceError, NotBoundError,
                            NotReadyError, OutOfMemoryError, QuotaError, ThreadError,
                            TooLargeError, TooManyFilesError, TooManyValuesError, UnsupportedError,
                            VersionError)
from ascdev._job import Job
from ascdev._library import version as __version__
from ascdev._params import Params
from ascdev._surface import bound

__all__ = [
    "Analysis", "AscdevError", "BadFileError", "Buffer", "BusyError", "CancelledError", "Caps",
    "Compressed", "Context", "CorruptError", "Device", "DevicePermissionError", "EngineError",
    "EngineHungError", "ForbiddenError", "InvalidError", "Job", "NoDeviceError", "NoNodeError",
    "NoSpaceError", "NotBoundError", "NotReadyError", "OutOfMemoryError", "Params",
    "QuotaError", "Result", "Stats", "ThreadError", "TooLargeError", "TooManyFilesError",
    "TooManyValuesError", "UnsupportedError", "VersionError", "__version__", "analyze", "bound", "devices",
]
