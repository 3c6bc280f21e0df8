# SPDX-License-Identifier: MIT
"""Parameters of compression."""

from typing import Any, Optional, Union

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ascdev._errors import InvalidError, check
from ascdev._library import enum_names, ffi, lib, new_struct, string

_ORDER_GIVEN = ffi.integer_const("ASCDEV_REORDER_GIVEN")


class Params:
    """How a map is compressed: Params("codec=asc-vbr,max_error=2"), or by keywords.

    Immutable.  The text and the keywords are those of ascdev_params_parse() in ascdev.h; order
    has, for each channel, which one takes its place, as Compressed.order gives it.
    """

    __slots__ = ("_struct", "_order")

    def __init__(self, text: str = "", *, codec: Optional[str] = None,
                 endpoints: Optional[str] = None, scale: Optional[str] = None,
                 block: Optional[str] = None, profile: Optional[str] = None,
                 effort: Optional[str] = None, reorder: Optional[str] = None,
                 max_error: Optional[int] = None, target_bpe: Optional[float] = None,
                 zero_point: Optional[int] = None, exponent: Optional[int] = None,
                 order: Optional[ArrayLike] = None) -> None:
        given = {"codec": codec, "endpoints": endpoints, "scale": scale, "block": block,
                 "profile": profile, "effort": effort, "reorder": reorder,
                 "max_error": max_error, "target_bpe": target_bpe, "zero_point": zero_point,
                 "exponent": exponent}
        self._order: Optional[NDArray[np.uint16]] = None
        self._struct = new_struct("params")
        self._parse(text.split(",") if text else [])
        self._parse([f"{key}={value}" for key, value in given.items() if value is not None])
        if order is not None:
            self._order = np.array(order, dtype=np.uint16, order="C", ndmin=1)
            self._order.flags.writeable = False
            self._struct.reorder = _ORDER_GIVEN
            self._struct.order = ffi.cast("const uint16_t *", self._order.ctypes.data)

    def _parse(self, items: list[str]) -> None:
        for item in items:
            if not item or lib.ascdev_params_parse(self._struct, item.encode()) < 0:
                raise InvalidError(InvalidError.code, f"parameter {item!r}: unknown key or value")

    def replace(self, **changes: Any) -> "Params":
        """These parameters but for some, by the keywords of the constructor."""
        if "reorder" in changes or "order" in changes:
            return Params(str(self), **changes)
        changed = Params(str(self), order=self._order, **changes)
        changed._struct.reorder = self._struct.reorder
        return changed

    @classmethod
    def lookup(cls, table: str, name: str) -> Optional["Params"]:
        """What a table has for a layer, such as "asc tune" writes; None if it has nothing.

        The table is that of ascdev_params_lookup() in ascdev.h.
        """
        found, line = cls(), ffi.new("uint32_t *")
        ret = lib.ascdev_params_lookup(found._struct, table.encode(), name.encode(), line)
        if ret < 0:
            raise InvalidError(InvalidError.code, f"line {line[0]} of the table makes no sense")
        return found if ret else None

    @classmethod
    def _of(cls, struct: Any) -> "Params":
        """A copy of a structure, but for the order that was given to it."""
        params = cls()
        ffi.memmove(params._struct, struct, ffi.sizeof("struct ascdev_params"))
        params._struct.order = ffi.NULL
        return params

    def _settle(self, result: Any) -> "Params":
        """What reads the payload of a compression that ended with this struct ascdev_result."""
        settled = Params._of(self._struct)
        check(lib.ascdev_params_settle(settled._struct, result))
        return settled

    def _pointer(self, channels: int) -> Any:
        """For a call on a surface of so many channels."""
        if self._order is not None and len(self._order) != channels:
            raise ValueError(f"an order of {len(self._order)} channels for {channels}")
        return self._struct

    def _text(self, key: str) -> str:
        text = ffi.new("char[]", 256)
        check(lib.ascdev_params_get(self._struct, key.encode(), text, len(text)))
        return string(text)

    @property
    def codec(self) -> str:
        return self._text("codec")

    @property
    def endpoints(self) -> str:
        return self._text("endpoints")

    @property
    def scale(self) -> str:
        return self._text("scale")

    @property
    def block(self) -> str:
        return self._text("block")

    @property
    def profile(self) -> str:
        return self._text("profile")

    @property
    def effort(self) -> str:
        return self._text("effort")

    @property
    def reorder(self) -> str:
        return enum_names("reorder")[self._struct.reorder]

    @property
    def max_error(self) -> int:
        return int(self._struct.max_error)

    @property
    def target_bpe(self) -> float:
        return float(self._struct.target_bpe / 256)

    @property
    def zero_point(self) -> int:
        return int(self._struct.zero_point)

    @property
    def exponent(self) -> int:
        return int(self._struct.exponent)

    @property
    def order(self) -> Optional[NDArray[np.uint16]]:
        return self._order

    def __str__(self) -> str:
        """Text for the constructor; an order is no part of it."""
        plain = Params._of(self._struct)
        if self._struct.reorder == _ORDER_GIVEN:
            plain._struct.reorder = 0
        text = ffi.new("char[]", 256)
        check(lib.ascdev_params_format(plain._struct, text, len(text)))
        return string(text)

    def __repr__(self) -> str:
        order = "" if self._order is None else f", order={self._order.tolist()}"
        return f"Params({str(self)!r}{order})"

    def _state(self) -> tuple[str, str, Optional[bytes]]:
        return str(self), self.reorder, None if self._order is None else self._order.tobytes()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Params) and self._state() == other._state()

    def __hash__(self) -> int:
        return hash(self._state())

    def __reduce__(self) -> tuple[Any, ...]:
        return _restore, (str(self), self._struct.reorder, self._order)


def _restore(text: str, reorder: int, order: Optional[NDArray[np.uint16]]) -> Params:
    params = Params(text, order=order)
    params._struct.reorder = reorder
    return params


ParamsLike = Union[Params, str]


def params_of(params: ParamsLike, zero_point: Optional[int] = None) -> Params:
    if isinstance(params, str):
        params = Params(params)
    return params if zero_point is None else params.replace(zero_point=zero_point)
