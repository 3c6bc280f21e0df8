# SPDX-License-Identifier: MIT
"""What the codecs are compared with.

Lossless: LZ4, zstd and JPEG-LS, from the system's shared libraries by ctypes.
Lossy: number formats, computed here.  Each takes C x H x W values and gives what comes
back, as float64 that is not rounded, and the bits in all.

Also the codecs of accuracy.py's form FILE.py:FUNCTION.
"""

import ctypes

import numpy as np

# --- lossless -------------------------------------------------------------------


class Missing(Exception):
    pass


def _load(name, package):
    try:
        return ctypes.CDLL(name)
    except OSError:
        raise Missing(f'{name} is not there (package {package})') from None


class Lz4:
    def __init__(self):
        self.lib = _load('liblz4.so.1', 'liblz4-1')
        self.lib.LZ4_versionString.restype = ctypes.c_char_p
        self.version = 'LZ4 ' + self.lib.LZ4_versionString().decode()

    def bits(self, values):
        data = values.tobytes()
        out = ctypes.create_string_buffer(self.lib.LZ4_compressBound(len(data)))
        return 8 * self.lib.LZ4_compress_default(data, out, len(data), len(out))


class Zstd:
    def __init__(self, level):
        self.lib, self.level = _load('libzstd.so.1', 'libzstd1'), level
        self.lib.ZSTD_versionString.restype = ctypes.c_char_p
        for name in ('ZSTD_compressBound', 'ZSTD_compress'):
            getattr(self.lib, name).restype = ctypes.c_size_t
        self.version = 'zstd ' + self.lib.ZSTD_versionString().decode()

    def bits(self, values):
        data = values.tobytes()
        size = self.lib.ZSTD_compressBound(ctypes.c_size_t(len(data)))
        out = ctypes.create_string_buffer(size)
        got = self.lib.ZSTD_compress(out, ctypes.c_size_t(size), data,
                                     ctypes.c_size_t(len(data)), self.level)
        if self.lib.ZSTD_isError(ctypes.c_size_t(got)):
            raise RuntimeError('zstd failed')
        return 8 * got


class JpegLs:
    """libcharls; the planes of a map stacked in one image of grey values."""

    class FrameInfo(ctypes.Structure):
        _fields_ = [('width', ctypes.c_uint32), ('height', ctypes.c_uint32),
                    ('bits_per_sample', ctypes.c_int32), ('component_count', ctypes.c_int32)]

    def __init__(self, near=0):
        self.lib, self.near = _load('libcharls.so.2', 'libcharls2'), near
        self.lib.charls_get_version_string.restype = ctypes.c_char_p
        self.lib.charls_jpegls_encoder_create.restype = ctypes.c_void_p
        self.lib.charls_jpegls_decoder_create.restype = ctypes.c_void_p
        self.version = 'CharLS ' + self.lib.charls_get_version_string().decode()

    def _call(self, name, *args):
        error = getattr(self.lib, 'charls_jpegls_' + name)(*args)
        if error:
            raise RuntimeError(f'CharLS: {name}: error {error}')

    def roundtrip(self, values):
        """Bits, and the values that come back."""
        wide = np.dtype(f'u{values.itemsize}')
        sign = 1 << (8 * values.itemsize - 1) if values.dtype.kind == 'i' else 0
        image = np.ascontiguousarray(values).view(wide) ^ wide.type(sign)
        c, h, w = values.shape
        size, written = ctypes.c_size_t(), ctypes.c_size_t()
        encoder = ctypes.c_void_p(self.lib.charls_jpegls_encoder_create())
        self._call('encoder_set_frame_info', encoder,
                   ctypes.byref(self.FrameInfo(w, c * h, 8 * values.itemsize, 1)))
        self._call('encoder_set_near_lossless', encoder, self.near)
        self._call('encoder_get_estimated_destination_size', encoder, ctypes.byref(size))
        # the estimate does not always hold for tiny images
        out = ctypes.create_string_buffer(2 * size.value + 1024)
        self._call('encoder_set_destination_buffer', encoder, out, ctypes.c_size_t(len(out)))
        self._call('encoder_encode_from_buffer', encoder, ctypes.c_void_p(image.ctypes.data),
                   ctypes.c_size_t(image.nbytes), ctypes.c_uint32(0))
        self._call('encoder_get_bytes_written', encoder, ctypes.byref(written))
        self.lib.charls_jpegls_encoder_destroy(encoder)

        back = np.empty_like(image)
        decoder = ctypes.c_void_p(self.lib.charls_jpegls_decoder_create())
        self._call('decoder_set_source_buffer', decoder, out, written)
        self._call('decoder_read_header', decoder)
        self._call('decoder_decode_to_buffer', decoder, ctypes.c_void_p(back.ctypes.data),
                   ctypes.c_size_t(back.nbytes), ctypes.c_uint32(0))
        self.lib.charls_jpegls_decoder_destroy(decoder)
        return 8 * written.value, (back ^ wide.type(sign)).view(values.dtype)

    def bits(self, values):
        return self.roundtrip(values)[0]


LOSSLESS = {
    'LZ4': Lz4,
    'zstd -1': lambda: Zstd(1),
    'zstd -3': lambda: Zstd(3),
    'zstd -19': lambda: Zstd(19),
    'JPEG-LS': JpegLs,
}


def entropy_bits(values):
    """Order-0 entropy of a map; the table of probabilities counted as nothing."""
    counts = np.unique(values, return_counts=True)[1]
    share = counts / values.size
    return float(-(share * np.log2(share)).sum() * values.size)


# --- lossy ----------------------------------------------------------------------


def _rows(x, n):
    """Runs of n values along W, then H, then C; zeros behind the end."""
    flat = x.reshape(-1)
    return np.concatenate([flat, np.zeros(-len(flat) % n)]).reshape(-1, n)


def scale4(values):
    """One scale per map, 4 bits: 0 to 15, or -7 to 7 if there is a negative value."""
    x = values.astype(np.float64)
    scale = np.abs(x).max() / (15 if x.min() >= 0 else 7) or 1.0
    return np.rint(x / scale) * scale, 4 * x.size + 32


def _power(top):
    """The exponent of a positive number: floor(log2)."""
    return np.frexp(top)[1] - 1


def mxint4(values):
    """32 values share an exponent of 8 bits; each has a sign and 3 bits, as in OCP MX."""
    x = values.astype(np.float64)
    rows = _rows(x, 32)
    top = np.abs(rows).max(1, keepdims=True)
    step = np.exp2(np.where(top > 0, _power(np.where(top > 0, top, 1)) - 2, 0).astype(float))
    back = np.clip(np.rint(rows / step), -7, 7) * step
    return back.reshape(-1)[:x.size].reshape(x.shape), rows.size * 4 + 8 * len(rows)


def _to_grid(x, grid):
    """The nearest of a sorted grid of magnitudes; of two equally near, the even one."""
    middle = (grid[1:] + grid[:-1]) / 2
    low, high = np.searchsorted(middle, x, 'left'), np.searchsorted(middle, x, 'right')
    return grid[np.where(low % 2, high, low)]


E2M1 = np.array([0, .5, 1, 1.5, 2, 3, 4, 6])
E4M3 = np.array([m * 2.0 ** -9 for m in range(8)] +
                [(8 + m) * 2.0 ** (e - 10) for e in range(1, 16) for m in range(8)])[:-1]


def nvfp4(values):
    """16 values share a scale in E4M3, a map has one of 32 bits; each value is E2M1.

    Runs go through the channels, which gives more than along W; of mxint4(), less.
    """
    x = np.ascontiguousarray(values.astype(np.float64).transpose(1, 2, 0))
    rows = _rows(x, 16)
    whole = np.abs(x).max() / (6 * 448) or 1.0
    scale = _to_grid(np.abs(rows).max(1, keepdims=True) / 6 / whole, E4M3) * whole
    unit = np.where(scale > 0, scale, 1)
    back = np.sign(rows) * _to_grid(np.abs(rows) / unit, E2M1) * scale
    back = back.reshape(-1)[:x.size].reshape(x.shape).transpose(2, 0, 1)
    return back, rows.size * 4 + 8 * len(rows) + 32


LOSSY = {'one scale 4 bits': scale4, 'MXINT4': mxint4, 'NVFP4': nvfp4}


def _accuracy(peer, values):
    back, bits = peer(values)
    limits = np.iinfo(values.dtype)
    back = np.clip(np.rint(back), limits.min, limits.max).astype(values.dtype)
    return np.ascontiguousarray(back), (bits + 7) // 8


def accuracy_mxint4(values, _info):
    return _accuracy(mxint4, values)


def accuracy_nvfp4(values, _info):
    return _accuracy(nvfp4, values)
