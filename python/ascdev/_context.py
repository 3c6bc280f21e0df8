# SPDX-License-Identifier: MIT
"""Contexts: queues of jobs, and the buffers that they use."""

import asyncio
import errno
import weakref
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any, Optional, Union

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from ascdev._buffer import Buffer, slices
from ascdev._compressed import Compressed, Result
from ascdev._device import Path, c_path
from ascdev._errors import AscdevError, check, error, said
from ascdev._handle import Handle, lock
from ascdev._job import Job
from ascdev._library import (BACKENDS, CODECS, CPUS, DTYPES, LOG_LEVELS, enum_number, ffi, lib,
                             masked, new_struct, record, string)
from ascdev._params import Params, ParamsLike, params_of
from ascdev._surface import (Array, Part, address, array_dtype, in_place, numpy_dtype,
                             readable_in_place, span, surface, surface_bound, writable_in_place)

Log = Callable[[str, str], None]


@dataclass(frozen=True)
class Caps:
    """What a context can do: struct ascdev_caps of ascdev.h."""

    backend: str
    emulated: bool
    engines: int
    codecs: frozenset[str]
    dtypes: frozenset[str]
    payload_align: int
    cpu: str
    max_elements: int
    max_buffer_bytes: int
    node: str


@dataclass(frozen=True)
class Stats:
    """What a context has done so far: struct ascdev_stats of ascdev.h."""

    in_flight: int
    submitted: int
    completed: int
    failed: int
    compress_bytes_in: int
    compress_bytes_out: int
    decompress_bytes_in: int
    decompress_bytes_out: int
    exec_ns: int
    jobs_hw: int
    jobs_sw: int
    fallbacks: int
    fallbacks_open: int
    fallbacks_gone: int
    fallbacks_busy: int
    fallbacks_limit: int
    fallbacks_failed: int
    queue_full: int
    cancelled: int
    most_in_flight: int


def _receiver(log: Optional[Log]) -> Any:
    """The callback of a context, which also keeps what is said for the exception."""
    def receive(_user: Any, level: int, message: Any) -> None:
        text = string(message)
        if LOG_LEVELS[level] == "error":
            said.message = text
        if log:
            log(LOG_LEVELS[level], text)
    return ffi.callback("ascdev_log", receive)


class Context:
    """A queue of jobs and its buffers, on a device or in process.

    backend: "auto" takes the device if there is one, else the codec in process; "hw" the device
      or fails; "sw" runs in process.
    device: path of a device node, or an open descriptor of one, which stays the caller's; None
      for the first that is usable.
    threads: of the codec in process; 0 for none, "all" for as many as there are CPUs.
    priority: "normal", "low", or "high", which needs CAP_SYS_NICE.
    defaults: what compression takes where a codec is not named.
    log: called with a level ("error", "warning", "info") and a line, in the thread that it is
      about.
    root: directory that holds sys/ and dev/ of the machine, for tests.

    All methods may be called from any thread.  A process that forked opens its own: the parent's
    contexts, buffers and jobs raise ValueError in the child, as they do after close().
    """

    def __init__(self, backend: str = "auto", device: Union[Path, int, None] = None,
                 threads: Union[int, str] = 0, *, priority: str = "normal",
                 defaults: Optional[ParamsLike] = None, log: Optional[Log] = None,
                 root: Optional[Path] = None) -> None:
        options = new_struct("open_opts")
        options.backend = enum_number("backend", backend)
        options.priority = enum_number("priority", priority)
        options.threads = (ffi.integer_const("ASCDEV_ALL_CPUS") if threads == "all"
                           else int(threads))
        node = c_path(None if isinstance(device, int) else device)
        directory = c_path(root)
        standard = None if defaults is None else params_of(defaults)
        receiver = _receiver(log)
        options.device, options.root, options.log = node, directory, receiver
        options.defaults = standard._struct if standard else ffi.NULL

        failed = new_struct("error")
        pointer = ffi.new("struct ascdev_ctx **")
        if isinstance(device, int):
            ret = lib.ascdev_open_fd(device, options, failed, pointer)
        else:
            ret = lib.ascdev_open(options, failed, pointer)
        if ret < 0:
            raise error(ret, string(failed.message))

        self._handle = Handle("context", pointer[0], lib.ascdev_close)
        self._handle.keep.append(receiver)
        self._jobs: "weakref.WeakSet[Job[Any]]" = weakref.WeakSet()
        self._in_flight: dict[int, Job[Any]] = {}
        self._buffers: "weakref.WeakSet[Buffer]" = weakref.WeakSet()
        self._awaited: dict[int, "list[asyncio.Future[None]]"] = {}
        reason = ffi.new("int *")
        self._backend = BACKENDS[lib.ascdev_get_backend(pointer[0], reason)]
        self._reason = error(reason[0], self.last_error) if reason[0] else None

    # --- what it is

    @property
    def backend(self) -> str:
        """"hw" or "sw": what runs the jobs."""
        return self._backend

    @property
    def reason(self) -> Optional[AscdevError]:
        """Why backend="auto" did not take a device; None if it did, or was not asked to."""
        return self._reason

    @property
    def caps(self) -> Caps:
        caps = new_struct("caps")
        with self._handle as pointer:
            check(lib.ascdev_get_caps(pointer, caps))
        return record(Caps, caps, backend=BACKENDS[caps.backend], emulated=bool(caps.emulated),
                      cpu=CPUS[caps.cpu] if caps.cpu else "",
                      codecs=masked(caps.codecs, CODECS), dtypes=masked(caps.dtypes, DTYPES))

    @property
    def stats(self) -> Stats:
        stats = new_struct("stats")
        with self._handle as pointer:
            check(lib.ascdev_get_stats(pointer, stats))
        return record(Stats, stats)

    @property
    def last_error(self) -> str:
        """The last failure in words, in any thread; exceptions have that of their call."""
        text = ffi.new("char[]", 256)
        with self._handle as pointer:
            lib.ascdev_last_error(pointer, text, len(text))
        return string(text)

    @property
    def usable(self) -> bool:
        """Not closed, and of this process."""
        return self._handle.usable

    def close(self) -> None:
        """Waits for jobs in flight, and lets go of everything; arrays on buffers stay valid."""
        with lock:
            owned: list[Any] = [*self._jobs, *self._buffers]
            self._in_flight.clear()
        for item in owned:
            item.close()
        self._handle.drop()

    def __enter__(self) -> "Context":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Context {self._backend}{'' if self.usable else ', closed'}>"

    # --- and wait for it

    def compress(self, array: ArrayLike, params: ParamsLike = "", *, layout: str = "nchw",
                 zero_point: Optional[int] = None,
                 dtype: Optional[DTypeLike] = None) -> Compressed:
        """Compresses an array of 1 to 4 axes.

        layout: what the axes are: the last of N, C, H, W, or of N, H, W, C.
        zero_point: the value that stands for 0.0; as in params.
        dtype: "bf16" for an array of uint16 that holds such.

        Any strides from 0 up are read in place; an array with negative ones, or in foreign byte
        order, is copied before.
        """
        given = np.asarray(array)
        name = array_dtype(given, dtype)
        chosen = params_of(params, zero_point)
        source = in_place(given)
        described = surface(name, layout, source.shape, source)
        payload = np.empty(surface_bound(described, chosen, refused=0), np.uint8)
        result = new_struct("result")
        with self._handle as pointer:
            check(lib.ascdev_compress(pointer, chosen._pointer(described.dim[1]), described,
                                      address(source), address(payload), len(payload), result))
        return Compressed(payload[:result.bytes].tobytes(), chosen._settle(result), given.shape,
                          name, layout, Result.of(result), self)

    def decompress(self, compressed: Compressed, part: Any = ..., *,
                   out: Optional[Array] = None) -> Array:
        """The values of a map, or of the part that integers and slices of step 1 name.

        out: array that receives them, of the shape and type of what is returned.  Where its
        strides nest, that is where no two values overlap, they are written in place; otherwise
        they are copied there.
        """
        box, values = _destination(compressed, part, out)
        if 0 in values.shape:
            return values
        whole = box.with_all_axes(values)
        target = whole if writable_in_place(whole) else np.empty(whole.shape, _native(whole))
        described = surface(compressed.dtype, compressed.layout, compressed.shape, target)
        payload = ffi.from_buffer(compressed.payload)
        with self._handle as pointer:
            check(lib.ascdev_decompress_part(
                pointer, compressed.params._pointer(described.dim[1]), described,
                box.struct(compressed.layout), payload, len(payload), address(target), ffi.NULL))
        if target is not whole:
            whole[...] = target
        return values

    # --- later

    def compress_job(self, array: ArrayLike, params: ParamsLike = "", *, layout: str = "nchw",
                     zero_point: Optional[int] = None, dtype: Optional[DTypeLike] = None,
                     into: Optional[Buffer] = None, offset: int = 0) -> Job[Compressed]:
        """A job that compresses an array, to be submitted; otherwise as compress().

        An array on a buffer of this context is read in place.  Other memory is too in process;
        for a device it is copied when the job is submitted.

        into: buffer that receives the payload, at a multiple of caps.payload_align; the payload
        is then a view of it.
        """
        given = np.asarray(array)
        name = array_dtype(given, dtype)
        chosen = params_of(params, zero_point)
        source, at, used, copy = self._source(given)
        described = surface(name, layout, used.shape, used)
        target = into or self.alloc(surface_bound(described, chosen))

        def finish(result: Any) -> Compressed:
            written = target.view(int(result.bytes), offset=offset)
            return Compressed(written.data if into else written.tobytes(), chosen._settle(result),
                              given.shape, name, layout, Result.of(result), self)

        job = self._job(finish, [given, used, source, target])
        if copy:
            job._before_submit.append(copy)
        with job._handle as pointer, source._handle as src, target._handle as dst:
            check(lib.ascdev_job_compress(pointer, chosen._pointer(described.dim[1]), described,
                                          src, at, dst, offset))
        return job

    def decompress_job(self, compressed: Compressed, part: Any = ..., *,
                       out: Optional[Array] = None) -> Job[Array]:
        """A job that decompresses, to be submitted; otherwise as decompress().

        Without out, the values are in a buffer of the context: what wait() gives is a view.
        """
        if out is None:
            shape = Part(part, compressed.shape).shape
            kind = numpy_dtype(compressed.dtype)
            nbytes = kind.itemsize * int(np.prod(shape, dtype=np.int64))
            out = self.alloc(max(nbytes, 1)).view(shape, kind)
        box, values = _destination(compressed, part, out)
        whole = box.with_all_axes(values)
        payload = np.frombuffer(compressed.payload, np.uint8)
        source, source_at, used, copy = self._source(payload)
        target, target_at, written = self._target(whole)
        described = surface(compressed.dtype, compressed.layout, compressed.shape, written)

        def finish(_result: Any) -> Array:
            if written is not whole:
                whole[...] = written
            return values

        job = self._job(finish, [payload, used, source, target, written, whole])
        if copy:
            job._before_submit.append(copy)
        with job._handle as pointer, source._handle as src, target._handle as dst:
            params = compressed.params._pointer(described.dim[1])
            check(lib.ascdev_job_decompress(pointer, params, described, src, source_at, dst,
                                            target_at))
            check(lib.ascdev_job_set_part(pointer, box.struct(compressed.layout)))
        return job

    def submit(self, *jobs: Job[Any]) -> None:
        """Submits jobs, in order.

        It does not wait, but for a context in process without threads, where the jobs have run
        when it returns.  If one is not accepted, the exception's accepted tells how many before
        it were: with BusyError, the queue is full.
        """
        accepted = ffi.new("uint32_t *")
        with ExitStack() as used:
            pointers = [used.enter_context(job._handle) for job in jobs]
            pointer = used.enter_context(self._handle)
            self._enlist(jobs)
            for job in jobs:
                for step in job._before_submit:
                    step()
            ret = lib.ascdev_submit(pointer, pointers, len(jobs), accepted)
        if ret < 0:
            for job in jobs[accepted[0]:]:
                self._ended(job)
            failed = error(ret, said.message)
            failed.accepted = accepted[0]
            raise failed

    def _enlist(self, jobs: tuple[Job[Any], ...]) -> None:
        """Jobs that are not in flight, but now are; they are kept until their end was told."""
        if any(job.context is not self for job in jobs):
            raise ValueError("a job of another context")
        keys = {job._key: job for job in jobs}
        with lock:
            if len(keys) < len(jobs) or not keys.keys().isdisjoint(self._in_flight):
                raise error(errno.EBUSY, "a job is in flight, or submitted twice")
            self._in_flight.update(keys)

    def reap(self, max: int = 64, timeout: Optional[float] = 0) -> list[Job[Any]]:
        """Jobs whose end has not been told by wait() or before, in the order of their ends.

        Waits for the first one so many seconds; None for ever.  job.wait() then gives what it
        made, or raises why it failed, at once.
        """
        completions = ffi.new("struct ascdev_completion[]", max)
        with self._handle as pointer:
            for left in slices(timeout):
                count = lib.ascdev_reap(pointer, completions, max, left)
                if count and count != -errno.EINTR:
                    break
            count = 0 if count == -errno.EINTR else check(count)
        with lock:
            keys = [int(ffi.cast("uintptr_t", ended.job)) for ended in completions[0:count]]
            return [self._in_flight.pop(key) for key in keys if key in self._in_flight]

    def fileno(self) -> int:
        """A descriptor that is readable while reap() has something to give, for select().

        It belongs to the context: it must not be read or closed.
        """
        with self._handle as pointer:
            return int(lib.ascdev_get_fd(pointer))

    def _ended(self, job: Job[Any]) -> None:
        """The end of a job was told."""
        with lock:
            self._in_flight.pop(job._key, None)

    def _watch(self, job: Job[Any], loop: asyncio.AbstractEventLoop) -> "asyncio.Future[None]":
        """For a coroutine: done when the job has ended; to be given back to _unwatch()."""
        if not self._awaited:
            loop.add_reader(self.fileno(), self._reap_awaited)
        end = loop.create_future()
        self._awaited.setdefault(job._key, []).append(end)
        return end

    def _unwatch(self, job: Job[Any], loop: asyncio.AbstractEventLoop,
                end: "asyncio.Future[None]") -> None:
        self._awaited[job._key].remove(end)
        if not self._awaited[job._key]:
            del self._awaited[job._key]
        if not self._awaited:
            loop.remove_reader(self.fileno())

    def _reap_awaited(self) -> None:
        for job in self.reap():
            for end in self._awaited.get(job._key, []):
                if not end.done():
                    end.set_result(None)

    # --- memory

    def alloc(self, nbytes: int) -> Buffer:
        """A buffer of that size, all zero."""
        return self._buffer(lambda ctx, out: int(lib.ascdev_buf_alloc(ctx, nbytes, out)))

    def import_dmabuf(self, fd: int) -> Buffer:
        """The memory of a dma-buf, of any driver; the descriptor stays the caller's."""
        return self._buffer(lambda ctx, out: int(lib.ascdev_buf_import_dmabuf(ctx, fd,
                                                                                     out)))

    def import_array(self, array: Array) -> Buffer:
        """The memory of an array, from its first value to its last; in process only.

        The array is kept for as long as the buffer.
        """
        if not readable_in_place(array):
            raise ValueError("an array with negative strides or of foreign byte order")
        return self._buffer(lambda ctx, out: int(lib.ascdev_buf_import_user(
            ctx, address(array), span(array), out)), array)

    def _buffer(self, make: Callable[[Any, Any], int], *keep: Any) -> Buffer:
        pointer = ffi.new("struct ascdev_buf **")
        with self._handle as ctx:
            check(make(ctx, pointer))
            handle = Handle("buffer", pointer[0], lib.ascdev_buf_unref, self._handle)
        handle.keep.extend(keep)
        buffer = Buffer(self, handle)
        buffer.address  # maps it, so that arrays on it are known
        with lock:
            self._buffers.add(buffer)
        return buffer

    def _job(self, finish: Callable[[Any], Any], keep: list[Any]) -> Job[Any]:
        pointer = ffi.new("struct ascdev_job **")
        with self._handle as ctx:
            check(lib.ascdev_job_create(ctx, pointer))
            handle = Handle("job", pointer[0], lib.ascdev_job_destroy, self._handle)
        handle.keep.extend(keep)
        job: Job[Any] = Job(self, handle, finish)
        with lock:
            self._jobs.add(job)
        return job

    def _find(self, array: Array) -> Optional[tuple[Buffer, int]]:
        """The buffer that an array is on, and where."""
        start, size = array.__array_interface__["data"][0], span(array)
        with lock:
            for buffer in self._buffers:
                if buffer._contains(start, size):
                    return buffer, start - buffer.address
        return None

    def _source(self, array: Array) -> tuple[Buffer, int, Array, Optional[Callable[[], None]]]:
        """Where a job reads an array: buffer, offset, the array there; and what copies it."""
        if readable_in_place(array):
            found = self._find(array)
            if found:
                return *found, array, None
            if self._backend == "sw" and array.size:
                return self.import_array(array), 0, array, None
        staged = self.alloc(max(array.nbytes, 1))
        there = staged.view(array.shape, _native(array))
        return staged, 0, there, lambda: np.copyto(there, array)

    def _target(self, array: Array) -> tuple[Buffer, int, Array]:
        """Where a job writes an array: buffer, offset, the array there."""
        if writable_in_place(array):
            found = self._find(array)
            if found:
                return *found, array
            if self._backend == "sw" and array.size:
                return self.import_array(array), 0, array
        staged = self.alloc(max(array.nbytes, 1))
        return staged, 0, staged.view(array.shape, _native(array))


def _native(array: Array) -> "np.dtype[Any]":
    return array.dtype.newbyteorder("=")


def _destination(compressed: Compressed, part: Any, out: Optional[Array]) -> tuple[Part, Array]:
    """The box that a part is, and the array that receives it."""
    box = Part(part, compressed.shape)
    if out is None:
        return box, np.empty(box.shape, numpy_dtype(compressed.dtype))
    if array_dtype(out, compressed.dtype) and out.shape != box.shape:
        raise ValueError(f"out has the shape {out.shape}; the values have {box.shape}")
    if not out.flags.writeable:
        raise ValueError("out is read-only")
    return box, out
