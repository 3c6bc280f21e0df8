# SPDX-License-Identifier: MIT
"""Arrays in and out."""

import pickle
import threading
import unittest

import ascdev
import numpy as np
from common import CODECS, DTYPES, LOSSLESS, a_map, context


class RoundTrip(unittest.TestCase):
    def setUp(self) -> None:
        self.context = context()
        self.addCleanup(self.context.close)

    def test_every_codec_and_dtype(self) -> None:
        for codec in CODECS:
            for dtype, kind in DTYPES.items():
                with self.subTest(codec=codec, dtype=dtype):
                    values = a_map(dtype)
                    made = self.context.compress(values, f"codec={codec}", dtype=dtype)
                    back = made.decompress()
                    self.assertEqual(made.dtype, dtype)
                    self.assertEqual((back.shape, back.dtype), (values.shape, kind))
                    self.assertEqual(made.nbytes, made.result.bytes)
                    self.assertLessEqual(made.nbytes, ascdev.bound(values, f"codec={codec}",
                                                                   dtype=dtype))
                    if codec in LOSSLESS or made.params.codec != "asc-cbr":
                        np.testing.assert_array_equal(back, values)
                    else:
                        self.assertEqual(made.result.max_abs_error > 0, (back != values).any())
                    if codec != "auto":
                        self.assertEqual((made.params.codec, made.result.codec), (codec, codec))

    def test_max_error(self) -> None:
        values = a_map()
        made = self.context.compress(values, "codec=asc-vbr,max_error=2")
        error = abs(made.decompress().astype(int) - values).max()
        self.assertEqual(error, made.result.max_abs_error)
        self.assertTrue(0 < error <= 2)
        self.assertGreater(made.ratio, 1)
        self.assertAlmostEqual(made.bpe, 8 / made.ratio)

    def test_zero_point(self) -> None:
        values = a_map("u8") + 9
        zvc = [self.context.compress(values, "codec=zvc", zero_point=zero) for zero in (0, 9)]
        self.assertLess(zvc[1].nbytes, zvc[0].nbytes)
        self.assertEqual(zvc[1].params.zero_point, 9)
        for made in zvc:
            np.testing.assert_array_equal(made.decompress(), values)

    def test_one_to_four_axes(self) -> None:
        for shape in ((31,), (5, 7), (3, 5, 7), (2, 3, 5, 7), (1, 1, 1, 1)):
            for layout in ("nchw", "nhwc"):
                values = a_map(shape=shape)
                made = self.context.compress(values, "codec=zvc", layout=layout)
                np.testing.assert_array_equal(made.decompress(), values)

    def test_layouts_are_the_same_map(self) -> None:
        values = a_map()
        nchw = self.context.compress(values, "codec=dcac")
        nhwc = self.context.compress(np.ascontiguousarray(values.transpose(0, 2, 3, 1)),
                                     "codec=dcac", layout="nhwc")
        self.assertEqual(nchw.payload, nhwc.payload)
        np.testing.assert_array_equal(nhwc.decompress().transpose(0, 3, 1, 2), values)

    def test_strides(self) -> None:
        whole = a_map(shape=(4, 8, 12, 16))
        for view in (whole[::2, 1:5, 3:, ::3], whole.transpose(3, 1, 0, 2), whole[:, :, ::-1],
                     np.broadcast_to(whole[:1], whole.shape), whole[..., 5],
                     np.asfortranarray(whole), a_map("u16").astype(">u2")):
            expected = self.context.compress(view.astype(view.dtype.newbyteorder("="), order="C"),
                                             "codec=asc-cbr")
            self.assertEqual(self.context.compress(view, "codec=asc-cbr").payload,
                             expected.payload)

    def test_out(self) -> None:
        values = a_map()
        made = self.context.compress(values, "codec=zvc")
        n, c, h, w = values.shape
        for nests, out in ((True, np.zeros((n, c + 2, h, 2 * w), np.uint8)[:, 1:-1, :, ::2]),
                           (False, np.zeros(values.shape, np.uint8)[:, :, ::-1]),
                           (True, np.zeros((h, w, n, c), np.uint8).transpose(2, 3, 0, 1))):
            around = out.base.copy()
            self.assertIs(made.decompress(out=out), out)
            np.testing.assert_array_equal(out, values)
            out[...] = 0
            np.testing.assert_array_equal(out.base, around)
        readonly = np.zeros(values.shape, np.uint8)
        readonly.flags.writeable = False
        for bad in (np.zeros((1, 2), np.uint8), np.zeros(values.shape, np.int8), readonly):
            with self.assertRaises((ValueError, TypeError)):
                made.decompress(out=bad)

    def test_parts(self) -> None:
        for layout in ("nchw", "nhwc"):
            for codec in ("asc-cbr", "asc-vbr", "zvc", "dcac"):
                made = self.context.compress(a_map(), f"codec={codec}", layout=layout)
                all_of_it = made.decompress()
                for index in (np.s_[1], np.s_[:, 2:4], np.s_[..., 3:9], np.s_[0, 1, 2, 3],
                              np.s_[-1, ..., -2:], np.s_[:, 1:2, 3:4, :], np.s_[...],
                              np.s_[:, 4:4], np.s_[0:99]):
                    with self.subTest(layout=layout, codec=codec, index=index):
                        np.testing.assert_array_equal(made[index], all_of_it[index])
                        self.assertEqual(made[index].shape, all_of_it[index].shape)
        out = np.zeros((3, 40), np.uint8)
        self.assertIs(made.decompress(np.s_[1, 2:5, 3, 1:5], out=out[:, 4:8]).base, out)
        np.testing.assert_array_equal(out[:, 4:8], all_of_it[1, 2:5, 3, 1:5])
        self.assertFalse(out[:, :4].any() or out[:, 8:].any())
        for bad, expected in ((np.s_[5], IndexError), (np.s_[::2], ValueError),
                              (np.s_[0, 0, 0, 0, 0], IndexError), ("x", TypeError),
                              (np.s_[..., ...], IndexError)):
            with self.assertRaises(expected):
                made[bad]

    def test_order(self) -> None:
        values = a_map(shape=(1, 16, 8, 8))
        found = self.context.compress(values, "codec=dcac,reorder=greedy")
        self.assertEqual(sorted(found.order), list(range(16)))
        given = self.context.compress(values, ascdev.Params(codec="dcac", order=found.order))
        self.assertEqual(given.payload, found.payload)
        np.testing.assert_array_equal(given.decompress(), values)
        np.testing.assert_array_equal(pickle.loads(pickle.dumps(given)).decompress(), values)
        self.assertIsNone(self.context.compress(values, "codec=dcac").order)
        with self.assertRaisesRegex(ValueError, "an order of 16 channels for 8"):
            self.context.compress(values[:, :8], ascdev.Params(codec="dcac", order=found.order))

    def test_pickle_and_numpy(self) -> None:
        values = a_map("bf16")
        made = self.context.compress(values, "codec=asc-cbr,block=4x4x1", dtype="bf16")
        again = pickle.loads(pickle.dumps(made))
        self.assertEqual(again, made)
        self.assertEqual(again.result, made.result)
        self.assertIsNone(again.context)
        np.testing.assert_array_equal(np.asarray(again), np.asarray(made))
        self.assertEqual(np.asarray(made, np.float32).dtype, np.float32)

    def test_after_its_context(self) -> None:
        made = self.context.compress(a_map(), "codec=ebpc")
        self.context.close()
        np.testing.assert_array_equal(made.decompress(), a_map())

    def test_made_by_hand(self) -> None:
        made = self.context.compress(a_map("s16"), "codec=asc-cbr")
        by_hand = ascdev.Compressed(bytearray(made.payload), ascdev.Params(str(made.params)),
                                    made.shape, np.int16)
        np.testing.assert_array_equal(self.context.decompress(by_hand), made.decompress())

    def test_threads(self) -> None:
        values = [a_map(shape=(1, n, 16, 16)) for n in range(1, 9)]
        failed = []

        def work(n: int) -> None:
            for _ in range(20):
                made = self.context.compress(values[n], "codec=asc-vbr")
                if not (made.decompress() == values[n]).all():
                    failed.append(n)
                # each thread has the words of its own failure
                try:
                    self.context.alloc((1 << 50) + n)
                except ascdev.TooLargeError as error:
                    if str((1 << 50) + n) not in str(error):
                        failed.append(str(error))

        workers = [threading.Thread(target=work, args=(n,)) for n in range(8)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        self.assertEqual(failed, [])


class Parameters(unittest.TestCase):
    def test_text(self) -> None:
        text = "codec=asc-cbr,endpoints=two,block=4x4x1"
        params = ascdev.Params(text)
        self.assertEqual(params, ascdev.Params(codec="asc-cbr", endpoints="two", block="4x4x1"))
        self.assertEqual(params, ascdev.Params(str(params)))
        self.assertEqual(hash(params), hash(ascdev.Params(str(params))))
        self.assertEqual((params.codec, params.endpoints), ("asc-cbr", "two"))
        self.assertEqual(params.block, "4x4x1")
        self.assertEqual((params.scale, params.profile, params.effort), ("auto", "auto", "hw"))
        self.assertEqual((params.reorder, params.exponent, params.order), ("none", 0, None))
        self.assertEqual(eval(repr(params), {"Params": ascdev.Params}), params)

    def test_numbers(self) -> None:
        params = ascdev.Params(codec="asc-vbr", target_bpe=2.5, zero_point=-3)
        self.assertEqual((params.target_bpe, params.zero_point, params.max_error), (2.5, -3, 0))
        self.assertEqual(ascdev.Params("codec=asc-vbr,target_bpe=2.5,zero_point=-3"), params)

    def test_replace(self) -> None:
        params = ascdev.Params(codec="zvc", order=[2, 0, 1])
        other = params.replace(zero_point=4)
        self.assertEqual(other.order.tolist(), [2, 0, 1])
        self.assertEqual((other.zero_point, params.zero_point, other.reorder), (4, 0, "given"))
        self.assertIsNone(params.replace(reorder="greedy").order)
        self.assertNotEqual(other, params)
        self.assertEqual(pickle.loads(pickle.dumps(other)), other)

    def test_bad(self) -> None:
        for text in ("codec=best", "codec", "speed=9", "codec=zvc,", "max_error=-1"):
            with self.assertRaisesRegex(ascdev.InvalidError, "unknown key or value"):
                ascdev.Params(text)
        with self.assertRaises(ValueError):
            ascdev.Params(codec="best")

    def test_lookup(self) -> None:
        table = "# layers\nconv? codec=asc-vbr,max_error=2\n* codec=dcac\n"
        self.assertEqual(str(ascdev.Params.lookup(table, "conv1")), "codec=asc-vbr,max_error=2")
        self.assertEqual(str(ascdev.Params.lookup(table, "pool")), "codec=dcac")
        self.assertIsNone(ascdev.Params.lookup("conv? codec=zvc", "pool"))
        with self.assertRaisesRegex(ascdev.InvalidError, "line 3 of the table"):
            ascdev.Params.lookup("* codec=zvc\n\nx codec=zip\n", "y")

    def test_bound(self) -> None:
        self.assertEqual(ascdev.bound((1, 2, 3, 4), "codec=raw", dtype="s16"), 48)
        self.assertEqual(ascdev.bound(np.zeros((3, 4), np.uint8), "codec=raw"), 12)
        with self.assertRaises(TypeError):
            ascdev.bound((1, 2))


class Analysis(unittest.TestCase):
    def test_values(self) -> None:
        values = a_map()
        seen = ascdev.analyze(values)
        self.assertEqual(seen.elements, values.size)
        self.assertEqual(seen.zeros, (values == 0).sum())
        self.assertEqual(seen.distinct, len(np.unique(values)))
        self.assertEqual((seen.min, seen.max), (values.min(), values.max()))
        np.testing.assert_array_equal(seen.histogram,
                                      np.bincount(values.ravel() >> 2, minlength=64))
        counts = np.unique(values, return_counts=True)[1] / values.size
        self.assertAlmostEqual(seen.entropy, -(counts * np.log2(counts)).sum(), delta=0.02)

    def test_exact(self) -> None:
        values = a_map("f16") - np.float16(20)
        seen = ascdev.analyze(values, exact=True)
        self.assertEqual((seen.min, seen.max), (values.min(), values.max()))
        with ascdev.Context("sw") as ctx:
            for codec in LOSSLESS:
                self.assertIn(codec, seen.exact)
                self.assertEqual(seen.bytes[codec], ctx.compress(values, f"codec={codec}").nbytes)

    def test_bf16(self) -> None:
        values = a_map("bf16")
        seen = ascdev.analyze(values, dtype="bf16")
        floats = (values.astype(np.uint32) << 16).view(np.float32)
        self.assertEqual((seen.min, seen.max), (floats.min(), floats.max()))
