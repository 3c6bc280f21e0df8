# SPDX-License-Identifier: MIT
"""What the tests share."""

import os
import sys
import traceback
from collections.abc import Callable
from typing import Any

import numpy as np

import ascdev

BACKEND = os.environ["ASCDEV_TEST_BACKEND"]
CODECS = ("asc-cbr", "asc-vbr", "ebpc", "dcac", "zvc", "raw", "auto")
LOSSLESS = ("ebpc", "dcac", "zvc", "raw")
DTYPES = {"u8": np.uint8, "s8": np.int8, "u16": np.uint16, "s16": np.int16, "f16": np.float16,
          "bf16": np.uint16}


def context(**options: Any) -> ascdev.Context:
    return ascdev.Context(BACKEND, **options)


def a_map(dtype: str = "u8", shape: tuple[int, ...] = (2, 6, 9, 13)) -> Any:
    """Smooth, with zeros; a bf16 is the upper half of a float32."""
    count = int(np.prod(shape))
    wave = np.maximum(60 * np.sin(np.arange(count) / 7) + 40 * np.cos(np.arange(count) / 97), 0)
    if dtype == "bf16":
        return (wave.astype(np.float32).view(np.uint32) >> 16).astype(np.uint16).reshape(shape)
    return wave.astype(DTYPES[dtype]).reshape(shape)


class Hold:
    """Jobs that wait for it are in flight until it is let go, however fast a thread is."""

    def __init__(self, *jobs: "ascdev.Job[Any]") -> None:
        reader, self.writer = os.pipe()
        for job in jobs:
            job.wait_fence(reader)
        os.close(reader)

    def let_go(self) -> None:
        os.close(self.writer)


def in_child(test: Callable[[], None]) -> int:
    """Runs a function in a process of its own; its status, 0 if it returned."""
    sys.stdout.flush()
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            test()
            status = 0
        except BaseException:
            traceback.print_exc(file=sys.stdout)
        sys.stdout.flush()
        os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
