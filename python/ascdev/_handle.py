# SPDX-License-Identifier: MIT
"""Lifetimes of the library's objects."""

import os
import threading
from collections.abc import Callable
from typing import Any, Optional

from ascdev._errors import said

# Of all that several threads may change.  Reentrant: the garbage collector may drop a handle in
# any allocation.  No thread but the one that forks holds it at that time.
lock = threading.RLock()
os.register_at_fork(before=lock.acquire, after_in_parent=lock.release,
                    after_in_child=lock.release)


class Handle:
    """An object of the library, which is freed when nothing needs it any more.

    That is: it was dropped, by close() of its owner or as nothing refers to it; no call uses
    it; and all handles that were made from it are gone.  The garbage collector finalises
    what it finds at once in no order, so this is counted.

    A process that forked leaves the objects of its parent alone.
    """

    def __init__(self, what: str, pointer: Any, free: Callable[[Any], None],
                 parent: Optional["Handle"] = None) -> None:
        self.what = what
        self.pointer = pointer
        self.keep: list[Any] = []
        self._free = free
        self._parent = parent
        self._pid = os.getpid()
        self._users = 1
        self._dropped = False
        if parent:
            parent.hold()

    def hold(self) -> None:
        """Keeps the object; by one who knows that something else does so now."""
        with lock:
            self._users += 1

    def release(self) -> None:
        with lock:
            self._users -= 1
            last = self._users == 0
        if last and not self.inherited:
            self._free(self.pointer)
            if self._parent:
                self._parent.release()

    def drop(self) -> None:
        with lock:
            if self._dropped:
                return
            self._dropped = True
        self.release()

    @property
    def inherited(self) -> bool:
        return self._pid != os.getpid()

    @property
    def usable(self) -> bool:
        return not self._dropped and not self.inherited

    def __enter__(self) -> Any:
        """For the time of one call."""
        if self.inherited:
            raise ValueError(f"the {self.what} is of another process; a child opens its own")
        with lock:
            if self._dropped:
                raise ValueError(f"the {self.what} is closed")
            self._users += 1
        said.message = ""
        return self.pointer

    def __exit__(self, *_: object) -> None:
        self.release()

    def __del__(self) -> None:
        self.drop()
