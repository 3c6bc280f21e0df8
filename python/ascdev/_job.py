# SPDX-License-Identifier: MIT
"""Jobs: compressions and decompressions that are waited for later."""

import asyncio
from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, Any, Generic, Optional, TypeVar

from ascdev._buffer import slices
from ascdev._compressed import Result
from ascdev._errors import BusyError, NotReadyError, check
from ascdev._handle import Handle
from ascdev._library import ffi, lib, new_struct

if TYPE_CHECKING:
    from ascdev._context import Context

T = TypeVar("T")



class Job(Generic[T]):
    """By Context.compress_job() and decompress_job(); runs once Context.submit() has it.

    It keeps the memory that it uses.  wait() gives what it made, in a coroutine await does.  It
    may be submitted again when it has ended, and takes what its source then holds.
    """

    def __init__(self, context: "Context", handle: Handle, finish: Callable[[Any], T]) -> None:
        self.context = context
        self.result: Optional[Result] = None
        """How it ended, once wait() has returned."""
        self._before_submit: list[Callable[[], None]] = []
        self._handle = handle
        self._finish = finish

    @property
    def _key(self) -> int:
        """What ascdev_reap() knows it by."""
        return int(ffi.cast("uintptr_t", self._handle.pointer))

    def wait(self, timeout: Optional[float] = None) -> T:
        """What the job made: a Compressed or an array.

        Raises NotReadyError (a TimeoutError) if it has not ended in so many seconds, and
        otherwise why it failed.  May be repeated.
        """
        result = new_struct("result")
        with self._handle as pointer:
            for left in slices(timeout):
                ret = lib.ascdev_wait(pointer, left, result)
                if ret != -NotReadyError.code:
                    self.context._ended(self)
                    break
            check(ret)
        self.result = Result.of(result)
        return self._finish(result)

    def cancel(self) -> bool:
        """Takes it back: it ends with CancelledError.  False if it is too late.

        A device stops one that runs; in process such a job runs to its end.
        """
        with self._handle as pointer:
            ret = lib.ascdev_cancel(pointer)
            return ret != -BusyError.code and check(ret) == 0

    def wait_fence(self, fd: int) -> None:
        """Lets it start only after a sync_file, which stays the caller's."""
        with self._handle as pointer:
            check(lib.ascdev_job_wait_fence(pointer, fd))

    def wait_point(self, fd: int, point: int) -> None:
        """Lets it start only after a point of a DRM syncobj; 0 for one without a timeline."""
        with self._handle as pointer:
            check(lib.ascdev_job_wait_point(pointer, fd, point))

    def signal_point(self, fd: int, point: int) -> None:
        """Signals a point of a DRM syncobj when it has ended."""
        with self._handle as pointer:
            check(lib.ascdev_job_signal_point(pointer, fd, point))

    def fence(self) -> int:
        """A new sync_file that signals when it has ended, which the caller closes."""
        with self._handle as pointer:
            return check(lib.ascdev_job_get_fence(pointer))

    def __await__(self) -> Generator[Any, None, T]:
        """Takes ends by Context.reap(): do not call that, or wait(), meanwhile."""
        try:
            return self.wait(0)
        except NotReadyError:
            pass
        loop = asyncio.get_running_loop()
        end = self.context._watch(self, loop)
        try:
            yield from end
        finally:
            self.context._unwatch(self, loop, end)
        return self.wait(0)

    def close(self) -> None:
        """Lets go of it; waits for its end if it is in flight."""
        self._handle.drop()
        self.context._ended(self)
