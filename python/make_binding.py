#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""make_binding.py CC HEADER OUTPUT: what cffi needs to know of libascdev, as a Python module.

All of it comes from the header: there is no second declaration that could differ.
"""

import re
import subprocess
import sys

import cffi


def declarations(cc: str, text: str) -> str:
    """The header as the preprocessor leaves it, without those that it includes."""
    own = re.sub(r"^#include.*$", "", text, flags=re.M)
    return subprocess.run([*cc.split(), "-E", "-P", "-xc", "-"], input=own, text=True, check=True,
                          stdout=subprocess.PIPE).stdout


def constants(text: str) -> str:
    """The macros that are numbers, which the preprocessor takes away."""
    lines = []
    for name, value in re.findall(r"^#define (ASCDEV_\w+)\s+(\(?[0-9][^\n{/]*)$", text, re.M):
        number = eval(re.sub(r"\b(\w+)u\b", r"\1", value), {"__builtins__": {}})
        lines.append(f"#define {name} {number}\n")
    return "".join(lines)


def main() -> None:
    cc, header, output = sys.argv[1:]
    with open(header, encoding="ascii") as file:
        text = file.read()
    ffi = cffi.FFI()
    ffi.cdef(declarations(cc, text) + constants(text))
    ffi.set_source("ascdev._binding", None)
    ffi.emit_python_code(output)


main()
