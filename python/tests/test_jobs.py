# SPDX-License-Identifier: MIT
"""Contexts, jobs, buffers, and how long they live."""

import asyncio
import gc
import os
import select
import signal
import unittest
from pathlib import Path

import ascdev
import numpy as np
from common import BACKEND, Hold, a_map, context, in_child

# an engine is told to hang with the next job
INJECT = Path("/sys/kernel/debug/accel/ascdev.0/inject/hang")


class Contexts(unittest.TestCase):
    def test_properties(self) -> None:
        with context() as ctx:
            self.assertEqual(ctx.backend, BACKEND)
            self.assertEqual(ctx.caps.backend, BACKEND)
            self.assertIsNone(ctx.reason)
            self.assertLessEqual({"asc-cbr", "asc-vbr", "zvc"}, ctx.caps.codecs)
            self.assertIn("bf16", ctx.caps.dtypes)
            ctx.compress(a_map())
            self.assertEqual(ctx.stats.completed, 1)
            self.assertEqual(ctx.stats.compress_bytes_in, a_map().nbytes)
        self.assertEqual(repr(ctx), f"<Context {BACKEND}, closed>")
        with self.assertRaisesRegex(ValueError, "the context is closed"):
            ctx.compress(a_map())

    def test_defaults_and_log(self) -> None:
        lines = []
        with context(defaults="codec=zvc", log=lambda *line: lines.append(line)) as ctx:
            self.assertEqual(ctx.compress(a_map()).params.codec, "zvc")
            with self.assertRaises(ascdev.InvalidError):
                ctx.alloc(0)
            self.assertEqual(ctx.last_error, "a buffer of 0 bytes")
        self.assertIn(("error", "a buffer of 0 bytes"), lines)

    def test_threads_option(self) -> None:
        values = a_map(shape=(1, 64, 64, 64))
        with context() as plain, context(threads="all") as pool:
            self.assertEqual(plain.compress(values).payload, pool.compress(values).payload)


class Jobs(unittest.TestCase):
    def setUp(self) -> None:
        self.context = context(threads=2)
        self.addCleanup(self.context.close)

    def test_cancel(self) -> None:
        with context(threads=1) as ctx:
            slow = ctx.compress_job(a_map(), "codec=asc-cbr,effort=best")
            jobs = [ctx.compress_job(a_map(), "codec=zvc") for _ in range(4)]
            if BACKEND == "sw":
                hold = Hold(slow, *jobs)
            else:
                INJECT.write_text("1")
            ctx.submit(slow, *jobs)
            self.assertTrue(jobs[1].cancel())
            self.assertFalse(jobs[1].cancel())
            cancelled = 1
            if BACKEND == "hw":
                self.assertTrue(slow.cancel())
                cancelled = 2
                with self.assertRaises(ascdev.CancelledError):
                    slow.wait()
            else:
                hold.let_go()
            with self.assertRaises(ascdev.CancelledError):
                jobs[1].wait()
            jobs[2].wait()
            self.assertFalse(jobs[2].cancel())
            self.assertEqual(ctx.stats.cancelled, cancelled)
            self.assertEqual(ctx.stats.fallbacks, 0)

    def test_wait(self) -> None:
        values = a_map()
        job = self.context.compress_job(values, "codec=asc-vbr")
        self.context.submit(job)
        made = job.wait()
        self.assertEqual(made, self.context.compress(values, "codec=asc-vbr"))
        self.assertEqual(job.result.bytes, made.nbytes)
        self.assertEqual(job.wait(0), made)
        back = self.context.decompress_job(made)
        part = self.context.decompress_job(made, np.s_[1, 2:4, ..., 3])
        out = np.zeros((2,) + values.shape, np.uint8)
        into = self.context.decompress_job(made, out=out[1])
        flipped = self.context.decompress_job(made, out=out[0][..., ::-1])
        self.context.submit(back, part, into, flipped)
        np.testing.assert_array_equal(back.wait(), values)
        np.testing.assert_array_equal(part.wait(), values[1, 2:4, ..., 3])
        into.wait(), flipped.wait()
        np.testing.assert_array_equal(out[1], values)
        np.testing.assert_array_equal(out[0], values[..., ::-1])

    def test_again(self) -> None:
        values = a_map().copy()
        job = self.context.compress_job(values, "codec=zvc")
        for n in range(3):
            values[...] = n
            self.context.submit(job)
            np.testing.assert_array_equal(job.wait().decompress(), values)

    def test_buffers(self) -> None:
        """On memory of the device, all in place."""
        ctx = self.context
        values = a_map()
        with ctx.alloc(2 * values.nbytes) as buffer, ctx.alloc(1 << 16) as payload:
            view = buffer.view((2,) + values.shape)
            self.assertFalse(view.any())
            view[1] = values
            job = ctx.compress_job(view[1, :, :, 2:7], "codec=zvc", into=payload, offset=512)
            ctx.submit(job)
            made = job.wait()
            self.assertEqual(np.frombuffer(made.payload, np.uint8).ctypes.data,
                             payload.address + 512)
            back = ctx.decompress_job(made, out=view[0, :, :, 2:7])
            ctx.submit(back)
            back.wait()
            buffer.wait(1)
            with buffer.cpu_access():
                np.testing.assert_array_equal(view[0, :, :, 2:7], values[:, :, 2:7])
            self.assertFalse(view[0, :, :, :2].any())
            self.assertEqual(payload.view(4, "s16", 512).nbytes, 8)
            with self.assertRaises(TypeError):
                payload.view(10, offset=payload.nbytes)
            copy = ascdev.Compressed(bytes(made.payload), made.params, made.shape, made.dtype)
            self.assertEqual(made, copy)
        # the arrays are still there
        view[...] = 7
        self.assertEqual(int(view[1, 1, 1, 1, 1]), 7)
        with self.assertRaisesRegex(ValueError, "the buffer is closed"):
            buffer.view()

    def test_arrays_outlive_their_context(self) -> None:
        ctx = context()
        made = ctx.compress(a_map(), "codec=zvc")
        job = ctx.decompress_job(made)
        ctx.submit(job)
        values = job.wait()
        ctx.close()
        del ctx, job, made
        gc.collect()
        np.testing.assert_array_equal(values, a_map())

    def test_garbage_in_flight(self) -> None:
        """What is dropped, also in a cycle, ends before its memory goes."""
        for _ in range(20):
            ctx = context(threads=2)
            jobs = [ctx.compress_job(a_map(shape=(1, 8, 64, 64)), "codec=dcac") for _ in range(8)]
            ctx.submit(*jobs)
            ctx.cycle = [ctx, jobs]
            del ctx, jobs
        gc.collect()

    def test_reap_and_select(self) -> None:
        ctx = self.context
        self.assertEqual(ctx.reap(), [])
        jobs = [ctx.compress_job(a_map(), f"codec={codec}") for codec in ("zvc", "raw", "dcac")]
        ctx.submit(*jobs)
        ended = []
        while len(ended) < 3:
            self.assertEqual(select.select([ctx], [], [])[0], [ctx])
            ended += ctx.reap()
        self.assertEqual(set(ended), set(jobs))
        self.assertEqual({job.wait(0).params.codec for job in jobs}, {"zvc", "raw", "dcac"})
        self.assertEqual(ctx.reap(timeout=0.01), [])
        # one that nobody keeps is reaped nevertheless
        ctx.submit(ctx.compress_job(a_map(), "codec=raw"))
        self.assertEqual(ctx.reap(timeout=None)[0].wait().params.codec, "raw")

    def test_asyncio(self) -> None:
        ctx = self.context

        async def one(n: int) -> bool:
            values = a_map(shape=(1, n + 1, 32, 32))
            job = ctx.compress_job(values, "codec=dcac")
            ctx.submit(job)
            back = ctx.decompress_job(await job)
            ctx.submit(back)
            return bool((await back == values).all())

        async def all_of_them() -> None:
            self.assertEqual(await asyncio.gather(*map(one, range(20))), [True] * 20)
            bad = ascdev.Compressed(b"\xff" * 4000, ascdev.Params("codec=ebpc"), (1, 1, 9, 9), "u8")
            job = ctx.decompress_job(bad)
            ctx.submit(job)
            with self.assertRaises(ascdev.CorruptError):
                await job

        async def given_up() -> None:
            job = ctx.compress_job(a_map(), "codec=dcac")
            hold = Hold(job)
            ctx.submit(job)
            task = asyncio.ensure_future(_wait(job))
            await asyncio.sleep(0)
            self.assertTrue(task.cancel())
            with self.assertRaises(asyncio.CancelledError):
                await task
            hold.let_go()

        asyncio.run(all_of_them())
        if BACKEND == "sw":
            asyncio.run(given_up())
        asyncio.run(all_of_them())

    @unittest.skipUnless(BACKEND == "hw", "in process nothing makes fences and dma-bufs")
    def test_fences_and_dmabufs(self) -> None:
        ctx = self.context
        first = ctx.compress_job(a_map(), "codec=zvc", into=ctx.alloc(1 << 16))
        ctx.submit(first)
        fence = first.fence()
        second = ctx.compress_job(a_map(), "codec=raw")
        second.wait_fence(fence)
        os.close(fence)
        ctx.submit(second)
        self.assertEqual(second.wait().nbytes, a_map().nbytes)
        made = first.wait(0)
        shared = ctx.alloc(1 << 16)
        fd = shared.export_dmabuf()
        with context() as other, other.import_dmabuf(fd) as imported:
            os.close(fd)
            self.assertGreaterEqual(imported.nbytes, 1 << 16)
            job = other.compress_job(a_map(), "codec=zvc", into=imported)
            other.submit(job)
            self.assertEqual(bytes(job.wait().payload), bytes(made.payload))
            shared.wait(10)
            with shared.cpu_access():
                self.assertEqual(shared.view(made.nbytes).tobytes(), bytes(made.payload))

    def test_signals(self) -> None:
        def stop(*_: object) -> None:
            raise KeyboardInterrupt

        before = signal.signal(signal.SIGALRM, stop)
        self.addCleanup(signal.signal, signal.SIGALRM, before)
        # one may come before the call does, and is then an end of the test as well
        with self.assertRaises(KeyboardInterrupt):
            signal.setitimer(signal.ITIMER_REAL, 0.05)
            self.context.reap(timeout=None)
        signal.signal(signal.SIGALRM, lambda *_: None)
        signal.setitimer(signal.ITIMER_REAL, 0.02)
        self.assertEqual(self.context.reap(timeout=0.1), [])

    def test_fork(self) -> None:
        ctx = self.context
        values = a_map()
        made = ctx.compress(values, "codec=zvc")
        buffer = ctx.alloc(4096)
        job = ctx.compress_job(values)
        ctx.submit(job)

        def child() -> None:
            assert not ctx.usable
            for use in (lambda: ctx.compress(values), lambda: ctx.alloc(8), lambda: job.wait(),
                        lambda: ctx.fileno(), lambda: ctx.submit(job), lambda: buffer.wait(0)):
                try:
                    use()
                except ValueError as error:
                    assert "of another process" in str(error), error
                else:
                    raise AssertionError("the parent's object was used")
            assert (made.decompress() == values).all()
            buffer.close()
            ctx.close()
            with context(threads=2) as own:
                assert own.compress(values, "codec=zvc") == made

        self.assertEqual(in_child(child), 0)
        self.assertEqual(job.wait().shape, values.shape)
        buffer.view()[...] = 3


async def _wait(job: "ascdev.Job[ascdev.Compressed]") -> ascdev.Compressed:
    return await job
