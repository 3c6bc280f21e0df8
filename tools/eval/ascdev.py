# SPDX-License-Identifier: MIT
"""libascdev in process, as far as the evaluation needs it: ascdev.h by ctypes."""

import ctypes
import os

import numpy as np

CODECS = {1: 'asc-cbr', 2: 'asc-vbr', 3: 'ebpc', 4: 'dcac', 5: 'zvc', 6: 'raw', 7: 'auto'}
DTYPES = {'uint8': 0, 'int8': 1, 'uint16': 2, 'int16': 3, 'float16': 4}
BACKEND_SW = 2


class _Sized(ctypes.Structure):
    """A structure that begins with its size."""

    def __init__(self):
        super().__init__()
        self.size = ctypes.sizeof(self)


class OpenOpts(_Sized):
    _fields_ = [('size', ctypes.c_uint32), ('backend', ctypes.c_uint32),
                ('device', ctypes.c_char_p),
                # all else is left as it is by default
                ('rest', ctypes.c_uint64 * 16)]


class Error(_Sized):
    _fields_ = [('size', ctypes.c_uint32), ('code', ctypes.c_int32),
                ('message', ctypes.c_char * 256)]


class Surface(ctypes.Structure):
    _fields_ = [('dtype', ctypes.c_uint32), ('pad', ctypes.c_uint32),
                ('dim', ctypes.c_uint32 * 4), ('stride', ctypes.c_uint64 * 4)]


class Block(ctypes.Structure):
    _fields_ = [(name, ctypes.c_uint16) for name in ('w', 'h', 'c', 'pad')]


class Params(_Sized):
    # set by text only; more than the library knows is allowed as long as it is 0
    _fields_ = [('size', ctypes.c_uint32), ('rest', ctypes.c_uint64 * 31)]


class Result(_Sized):
    _fields_ = [('size', ctypes.c_uint32), ('backend', ctypes.c_uint32),
                ('codec', ctypes.c_uint32), ('endpoints', ctypes.c_uint32), ('block', Block),
                ('bytes', ctypes.c_uint64), ('elements', ctypes.c_uint64),
                ('linear_blocks', ctypes.c_uint64), ('log_blocks', ctypes.c_uint64),
                ('sum_abs_error', ctypes.c_uint64), ('sum_sq_error', ctypes.c_uint64),
                ('max_abs_error', ctypes.c_uint32), ('rest', ctypes.c_uint32 * 31)]


class LibraryError(Exception):
    pass


class Library:
    """The software backend of one libascdev.so."""

    def __init__(self, path):
        path = os.path.abspath(path)
        try:
            self.lib = ctypes.CDLL(path)
        except OSError as e:
            raise LibraryError(f'{e}; "make userspace" builds it') from None
        self.lib.ascdev_version_string.restype = ctypes.c_char_p
        self.lib.ascdev_strerror.restype = ctypes.c_char_p
        for name in ('ascdev_compress', 'ascdev_decompress', 'ascdev_compress_bound'):
            getattr(self.lib, name).restype = ctypes.c_int
        self.version = self.lib.ascdev_version_string().decode()
        opts, error = OpenOpts(), Error()
        opts.backend = BACKEND_SW
        self.ctx = ctypes.c_void_p()
        if self.lib.ascdev_open(ctypes.byref(opts), ctypes.byref(error), ctypes.byref(self.ctx)):
            raise LibraryError(error.message.decode())

    def _check(self, error, what):
        if error:
            raise LibraryError(f'{what}: {self.lib.ascdev_strerror(error).decode()}')

    def params(self, text):
        params = Params()
        self._check(self.lib.ascdev_params_parse(ctypes.byref(params), text.encode()), text)
        return params

    def roundtrip(self, text, values):
        """Compress and decompress C x H x W values with the parameters in text.

        Returns the result of the compression and the values that came back.
        """
        values = np.ascontiguousarray(values)
        params, surface, bound = self.params(text), Surface(), ctypes.c_uint64()
        what = f'{text}, {values.dtype} {values.shape}'
        self.lib.ascdev_surface_nchw(ctypes.byref(surface), DTYPES[values.dtype.name], 1,
                                     *values.shape)
        self._check(self.lib.ascdev_compress_bound(ctypes.byref(params), ctypes.byref(surface),
                                                   ctypes.byref(bound)), what)
        payload, back, result = np.empty(bound.value, np.uint8), np.empty_like(values), Result()
        self._check(self.lib.ascdev_compress(
            self.ctx, ctypes.byref(params), ctypes.byref(surface),
            ctypes.c_void_p(values.ctypes.data), ctypes.c_void_p(payload.ctypes.data), bound,
            ctypes.byref(result)), what)
        self._check(self.lib.ascdev_params_settle(ctypes.byref(params), ctypes.byref(result)),
                    what)
        # only what was written may be read
        payload = payload[:result.bytes].copy()
        self._check(self.lib.ascdev_decompress(
            self.ctx, ctypes.byref(params), ctypes.byref(surface),
            ctypes.c_void_p(payload.ctypes.data), ctypes.c_uint64(len(payload)),
            ctypes.c_void_p(back.ctypes.data), None), what)
        return result, back
