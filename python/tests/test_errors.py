# SPDX-License-Identifier: MIT
"""Every error that ascdev.h documents, where a process can provoke it without a device."""

import ctypes
import errno
import os
import pickle
import re
import resource
import struct
import tempfile
import unittest
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ascdev
import numpy as np
from ascdev import _errors
from ascdev._library import ffi, lib, new_struct
from common import Hold, a_map, in_child

NOBODY = 65534

# These take a device that hangs, fails or has a limit, or a driver of another version; the
# library's own tests have them.
ON_A_DEVICE = {ascdev.EngineError, ascdev.EngineHungError, ascdev.QuotaError, ascdev.VersionError}


def machine(root: str, *, driver: bool = False, accel: bool = False, mode: int = -1) -> str:
    """A root directory: the driver is loaded, it has a device, its node has that mode."""
    os.chmod(root, 0o755)
    for path in ("sys/class/accel", "sys/bus/platform/devices", "dev/accel"):
        os.makedirs(f"{root}/{path}")
    if driver:
        os.makedirs(f"{root}/sys/bus/platform/drivers/ascdev")
    if accel:
        os.makedirs(f"{root}/sys/class/accel/accel0/device")
        os.symlink("../../../../bus/platform/drivers/ascdev",
                   f"{root}/sys/class/accel/accel0/device/driver")
    if mode >= 0:
        Path(f"{root}/dev/accel/accel0").touch()
        os.chmod(f"{root}/dev/accel/accel0", mode)
    return root


def forbid_device_nodes() -> None:
    """A seccomp filter as a container has it: EPERM for openat(..., O_RDWR | O_CLOEXEC)."""
    number = {"x86_64": 257, "aarch64": 56}[os.uname().machine]
    program = b"".join(struct.pack("=HBBI", *step) for step in (
        (0x20, 0, 0, 0), (0x15, 0, 3, number), (0x20, 0, 0, 32),
        (0x15, 0, 1, os.O_RDWR | os.O_CLOEXEC), (0x06, 0, 0, 0x00050000 | errno.EPERM),
        (0x06, 0, 0, 0x7fff0000)))
    steps = ctypes.create_string_buffer(program)
    fprog = struct.pack("@HP", len(program) // 8, ctypes.addressof(steps))
    libc = ctypes.CDLL(None, use_errno=True)
    assert libc.prctl(38, 1, 0, 0, 0) == 0
    assert libc.prctl(22, 2, ctypes.c_char_p(fprog), 0, 0) == 0


class Errors(unittest.TestCase):
    provoked: set[type[ascdev.AscdevError]] = set()

    def fails(self, cls: type[ascdev.AscdevError], words: str, call: Callable[[], Any]) -> None:
        with self.assertRaisesRegex(cls, words) as caught:
            call()
        self.assertIs(type(caught.exception), cls)
        self.assertEqual(caught.exception.errno, cls.code)
        self.assertEqual(getattr(errno, caught.exception.name), cls.code)
        self.provoked.add(cls)

    def fails_in_child(self, cls: type[ascdev.AscdevError], words: str,
                       prepare: Callable[[], None], call: Callable[[], Any]) -> None:
        def child() -> None:
            prepare()
            self.fails(cls, words, call)

        self.assertEqual(in_child(child), 0)
        self.provoked.add(cls)

    def root(self, **options: Any) -> str:
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        return machine(directory.name, **options)

    def test_opening(self) -> None:
        self.fails(ascdev.NoDeviceError, "no codec device",
                   lambda: ascdev.Context("hw", root=self.root()))
        self.fails(ascdev.NotBoundError, "bound",
                   lambda: ascdev.Context("hw", root=self.root(driver=True)))
        self.fails(ascdev.NoNodeError, "/dev/accel/accel0",
                   lambda: ascdev.Context("hw", root=self.root(driver=True, accel=True)))
        self.fails(ascdev.NoNodeError, "/nonexistent",
                   lambda: ascdev.Context("hw", device="/nonexistent"))
        self.fails(ascdev.NoDeviceError, "", lambda: ascdev.Context("hw", device="/dev/null"))
        self.fails(ascdev.BadFileError, "", lambda: ascdev.Context("hw", device=987))
        self.fails(ascdev.InvalidError, "", lambda: ascdev.Context("sw", threads=257))
        self.fails(ascdev.InvalidError, "", lambda: ascdev.Context("sw", defaults="zero_point=1"))
        for bad in ({"backend": "gpu"}, {"priority": "urgent"}, {"threads": "some"}):
            with self.assertRaises(ValueError):
                ascdev.Context(**bad)

    def test_auto_tells_why(self) -> None:
        root = self.root(driver=True, accel=True)
        with ascdev.Context(root=root) as ctx:
            self.assertEqual(ctx.backend, "sw")
            self.assertIsInstance(ctx.reason, ascdev.NoNodeError)
            self.assertIn("/dev/accel/accel0", str(ctx.reason))
            made = ctx.compress(a_map())
            self.assertEqual(made.result.fallback_reason.errno, errno.ENOENT)
            self.assertEqual(ctx.stats.fallbacks_open, 1)
        devices = ascdev.devices(root)
        self.assertEqual(len(devices), 1)
        self.assertIsInstance(devices[0].error, FileNotFoundError)
        self.assertEqual(ascdev.devices(self.root()), [])

    def test_opening_as_another(self) -> None:
        if os.geteuid():
            self.skipTest("needs root")
        path = self.root(driver=True, accel=True, mode=0o600)
        self.fails_in_child(ascdev.DevicePermissionError, "mode 0600", lambda: os.setuid(NOBODY),
                            lambda: ascdev.Context("hw", root=path))

        def no_threads() -> None:
            os.setuid(NOBODY)
            resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))
        self.fails_in_child(ascdev.ThreadError, "", no_threads,
                            lambda: ascdev.Context("sw", threads=4))

    def test_seccomp(self) -> None:
        path = self.root(driver=True, accel=True, mode=0o600)
        self.fails_in_child(ascdev.ForbiddenError, "cgroup or a seccomp filter",
                            forbid_device_nodes, lambda: ascdev.Context("hw", root=path))

    def test_limits(self) -> None:
        self.fails_in_child(ascdev.TooManyFilesError, "",
                            lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0)),
                            lambda: ascdev.Context("sw"))

        def little_memory() -> None:
            pages = int(Path("/proc/self/statm").read_text().split()[0])
            limit = pages * resource.getpagesize() + (64 << 20)
            resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
        self.fails_in_child(ascdev.OutOfMemoryError, "", little_memory,
                            lambda: ascdev.Context("sw").alloc(1 << 31))

    def test_descriptions(self) -> None:
        with ascdev.Context("sw") as ctx:
            self.fails(ascdev.InvalidError, "surface",
                       lambda: ctx.compress(np.zeros((2, 0), np.uint8)))
            self.fails(ascdev.InvalidError, "zvc of u8 values does not take max_error=1",
                       lambda: ctx.compress(a_map(), "codec=zvc,max_error=1"))
            self.fails(ascdev.InvalidError, "'speed=1'", lambda: ctx.compress(a_map(), "speed=1"))
            self.fails(ascdev.InvalidError, "f16 values does not take zero_point=4",
                       lambda: ctx.compress(a_map("f16"), zero_point=4))
            self.fails(ascdev.TooManyValuesError, "",
                       lambda: ascdev.bound((9, 99999, 9999, 9), dtype="u8"))
            self.fails(ascdev.TooManyValuesError, "extent",
                       lambda: ascdev.bound((1 << 32, 1), dtype="u8"))
            self.fails(ascdev.InvalidError, "", lambda: ascdev.analyze(np.zeros((0, 3), np.uint8)))
            for bad in (lambda: ctx.compress(np.zeros(3, np.float32)),
                        lambda: ctx.compress([[1, 2]]), lambda: ctx.compress(b"bytes"),
                        lambda: ctx.compress(np.zeros(3, np.int16), dtype="bf16")):
                with self.assertRaisesRegex(TypeError, "values of"):
                    bad()
            for bad in (lambda: ctx.compress(np.zeros((1,) * 5, np.uint8)),
                        lambda: ctx.compress(np.uint8(3)),
                        lambda: ascdev.bound((1, 2), dtype="u8", layout="chwn")):
                with self.assertRaisesRegex(ValueError, "axes|layout"):
                    bad()

    def test_payloads(self) -> None:
        with ascdev.Context("sw") as ctx:
            made = ctx.compress(a_map(), "codec=ebpc")
            bad = ascdev.Compressed(b"\xff" * made.nbytes, made.params, made.shape, made.dtype)
            out = np.ones(made.shape, np.uint8)
            self.fails(ascdev.CorruptError, "", lambda: ctx.decompress(bad, out=out))
            short = ctx.compress(a_map(), "codec=raw")
            self.fails(ascdev.InvalidError, "", lambda: ctx.decompress(ascdev.Compressed(
                short.payload[:-1], short.params, short.shape, short.dtype)))
            for open_params in ("", "codec=auto", "codec=asc-cbr"):
                self.fails(ascdev.InvalidError, "", lambda: ctx.decompress(ascdev.Compressed(
                    made.payload, ascdev.Params(open_params), made.shape, made.dtype)))
            ordered = ctx.compress(a_map(), "codec=zvc,reorder=greedy")
            garbled = ascdev.Compressed(b"\xff" * ordered.nbytes, ordered.params, ordered.shape,
                                        ordered.dtype)
            self.fails(ascdev.CorruptError, "", lambda: garbled.order)

    def test_buffers(self) -> None:
        with ascdev.Context("sw") as ctx, open(os.devnull, "rb") as null:
            self.fails(ascdev.InvalidError, "0 bytes", lambda: ctx.alloc(0))
            self.fails(ascdev.TooLargeError, "at most", lambda: ctx.alloc(1 << 60))
            self.fails(ascdev.InvalidError, "no dma-buf", lambda: ctx.import_dmabuf(null.fileno()))
            buffer = ctx.alloc(64)
            self.fails(ascdev.UnsupportedError, "", buffer.export_dmabuf)
            with self.assertRaises(ascdev.InvalidError), buffer.cpu_access(False, False):
                pass
            with self.assertRaises(ValueError):
                ctx.import_array(a_map()[..., ::-1])

    def test_jobs(self) -> None:
        with ascdev.Context("sw") as ctx, open(os.devnull, "rb") as null:
            job = ctx.compress_job(a_map(), "codec=zvc")
            for use in (lambda: job.wait(0), job.cancel, job.fence):
                self.fails(ascdev.InvalidError, "never submitted", use)
            self.fails(ascdev.InvalidError, "no sync_file", lambda: job.wait_fence(null.fileno()))
            self.fails(ascdev.UnsupportedError, "", lambda: job.wait_point(null.fileno(), 1))
            self.fails(ascdev.UnsupportedError, "", lambda: job.signal_point(null.fileno(), 1))
            self.fails(ascdev.InvalidError, "", lambda: ctx.reap(0))
            self.fails(ascdev.NoSpaceError, "", lambda: ctx.submit(
                ctx.compress_job(a_map(), "codec=raw", into=ctx.alloc(64))))
            self.fails(ascdev.InvalidError, "", lambda: ctx.submit(
                ctx.compress_job(a_map(), into=ctx.alloc(1 << 16), offset=3)))
            ctx.submit(job)
            self.fails(ascdev.UnsupportedError, "in process", job.fence)
            self.assertFalse(job.cancel())
            with ascdev.Context("sw") as other:
                self.fails(ascdev.InvalidError, "another context",
                           lambda: ctx.compress_job(a_map(), into=other.alloc(1 << 16)))
                with self.assertRaisesRegex(ValueError, "another context"):
                    other.submit(job)

    def test_a_busy_queue(self) -> None:
        with ascdev.Context("sw", threads=1) as ctx:
            space = ctx.alloc(1 << 16)
            # the others write to the same place, so they wait for it
            slow = ctx.compress_job(a_map(), "codec=zvc", into=space)
            hold = Hold(slow)
            jobs = [ctx.compress_job(a_map(), "codec=raw", into=space) for _ in range(1030)]
            ctx.submit(slow, jobs[0])
            self.fails(ascdev.NotReadyError, "", lambda: slow.wait(0))
            self.fails(ascdev.NotReadyError, "", lambda: slow.wait(0.001))
            self.fails(ascdev.BusyError, "in flight", lambda: ctx.submit(jobs[1], slow))
            with self.assertRaisesRegex(ascdev.BusyError, "the queue is full") as caught:
                ctx.submit(*jobs[1:])
            accepted = caught.exception.accepted
            self.assertTrue(1000 < accepted < len(jobs) - 1)
            self.assertEqual(ctx.stats.queue_full, 1)
            self.assertTrue(jobs[5].cancel())
            self.fails(ascdev.CancelledError, "", jobs[5].wait)
            hold.let_go()
            slow.wait()
            self.assertEqual(jobs[accepted].wait().nbytes, a_map().nbytes)
            self.fails(ascdev.InvalidError, "never submitted", jobs[accepted + 1].wait)
            ctx.submit(*jobs[accepted + 1:])
            self.assertEqual(jobs[-1].wait().nbytes, a_map().nbytes)

    def test_structures_of_another_size(self) -> None:
        """What the package does not do, but the library must survive."""
        with ascdev.Context("sw") as ctx:
            with ctx._handle as pointer:
                params, caps, result = map(new_struct, ("params", "caps", "result"))
                for small in (params, caps, result):
                    small.size = 3
                self.assertEqual(lib.ascdev_get_caps(pointer, caps), -errno.EINVAL)
                self.assertEqual(lib.ascdev_params_parse(params, b"codec=raw"), -errno.EINVAL)
                self.assertEqual(lib.ascdev_params_settle(params, result), -errno.EINVAL)
                large = ffi.new("struct ascdev_params[2]")
                large[0].size = 2 * ffi.sizeof("struct ascdev_params")
                self.assertEqual(lib.ascdev_params_parse(large, b"codec=raw"), 0)
                large[0].size = 2 * ffi.sizeof("struct ascdev_params")
                large[1].pad = 1
                self.assertEqual(lib.ascdev_params_parse(large, b"codec=raw"), -errno.E2BIG)

    def test_zz_all_of_them(self) -> None:
        """Comes last: what the header names has a class, and each class was provoked."""
        text = (Path(__file__).parents[2] / "libascdev/ascdev.h").read_text()
        named = {getattr(errno, name) for name in re.findall(r"-(E[A-Z0-9]+)\b", text)}
        # EINTR: calls that a signal interrupts go on, as Python's own do.  EFAULT is what others
        # answer for the memory of a device.
        self.assertEqual(named - {errno.EINTR, errno.EFAULT}, set(_errors._classes))
        expected = set(_errors._classes.values()) - ON_A_DEVICE
        if os.geteuid():
            expected -= {ascdev.DevicePermissionError, ascdev.ThreadError}
        self.assertEqual(self.provoked, expected)

    def test_classes(self) -> None:
        for code, cls in _errors._classes.items():
            made = _errors.error(-code)
            self.assertIs(type(made), cls)
            self.assertIsInstance(made, OSError)
            again = pickle.loads(pickle.dumps(made))
            self.assertEqual((type(again), str(again)), (cls, str(made)))
            self.assertNotIn("unexpected", str(made))
        self.assertEqual(str(_errors.error(errno.EBADMSG, "words")), "words [EBADMSG]")
        for cls, builtin in ((ascdev.InvalidError, ValueError),
                             (ascdev.NotReadyError, TimeoutError),
                             (ascdev.OutOfMemoryError, MemoryError),
                             (ascdev.NoNodeError, FileNotFoundError),
                             (ascdev.ForbiddenError, PermissionError)):
            self.assertTrue(issubclass(cls, builtin))
