# SPDX-License-Identifier: MIT
"""The package itself: what it takes from the header, its types, and what is shown of it."""

import dataclasses
import os
import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import ascdev
from ascdev import _library
from ascdev._library import ffi

TOP = Path(__file__).parents[2]
PACKAGE = Path(ascdev.__file__).parent


def run(*command: str, **more: str) -> str:
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, env={**os.environ, **more}).stdout


class Header(unittest.TestCase):
    def test_layout_is_that_of_the_compiler(self) -> None:
        expected, lines = [], []
        for name in ffi.list_types()[1]:
            kind = ffi.typeof(f"struct {name}")
            if kind.fields is None:
                continue
            expected.append(f"{name} {ffi.sizeof(kind)}")
            lines.append(f'printf("{name} %zu\\n", sizeof(struct {name}));')
            for field, place in kind.fields:
                expected.append(f"{name}.{field} {place.offset} {ffi.sizeof(place.type)}")
                lines.append(f'printf("{name}.{field} %zu %zu\\n", '
                             f'offsetof(struct {name}, {field}), '
                             f'sizeof(((struct {name} *)0)->{field}));')
        self.assertGreater(len(expected), 100)
        with tempfile.TemporaryDirectory() as directory:
            program = Path(directory, "layout.c")
            program.write_text("#include <stdio.h>\n#include <ascdev.h>\nint main(void)\n{\n"
                               + "\n".join(lines) + "\nreturn 0;\n}\n")
            run("gcc", "-I", str(TOP / "libascdev"), "-o", f"{directory}/layout", str(program))
            self.assertEqual(run(f"{directory}/layout").splitlines(), expected)

    def test_records_have_every_member(self) -> None:
        for cls, struct in ((ascdev.Result, "result"), (ascdev.Stats, "stats"),
                            (ascdev.Caps, "caps"), (ascdev.Analysis, "analysis"),
                            (ascdev.Device, "device_info")):
            members = {name for name, _ in ffi.typeof(f"struct ascdev_{struct}").fields}
            members -= {"size", "pad", "pad2"}
            if cls is ascdev.Device:
                members = members - {"state", "message"} | {"error"}
            self.assertEqual({field.name for field in dataclasses.fields(cls)}, members)

    def test_every_parameter_has_a_keyword(self) -> None:
        members = {name for name, _ in ffi.typeof("struct ascdev_params").fields}
        for name in members - {"size", "pad"}:
            self.assertTrue(hasattr(ascdev.Params, name), name)

    def test_names_are_those_of_the_library(self) -> None:
        for names, of in ((_library.CODECS, _library.lib.ascdev_codec_name),
                          (_library.DTYPES, _library.lib.ascdev_dtype_name)):
            for number, name in names.items():
                self.assertEqual(_library.string(of(number)), name)


class Finding(unittest.TestCase):
    def version(self, **environment: str) -> str:
        return run(sys.executable, "-c", "import ascdev; print(ascdev.__version__)",
                   PYTHONPATH=str(PACKAGE.parent), **environment).strip()

    def test_the_build(self) -> None:
        self.assertEqual(self.version(), ascdev.__version__)

    def test_a_variable(self) -> None:
        library = PACKAGE.parents[1] / "libascdev.so"
        self.assertEqual(self.version(ASCDEV_LIBRARY=str(library)), ascdev.__version__)
        with self.assertRaises(subprocess.CalledProcessError) as caught:
            self.version(ASCDEV_LIBRARY="/nonexistent.so")
        self.assertIn("ImportError: ", caught.exception.output)
        self.assertIn("set ASCDEV_LIBRARY to its path", caught.exception.output)


class Installed(unittest.TestCase):
    def test_it_runs(self) -> None:
        # not where others say: make takes no name with a space
        with tempfile.TemporaryDirectory(dir=PACKAGE.parent) as directory:
            run("make", "-s", "-C", str(TOP), "install", f"DESTDIR={directory}", "PREFIX=/usr",
                MAKEFLAGS="", ASAN_OPTIONS="")
            lib = f"{directory}/usr/lib"
            where = run(sys.executable, "-c", "import ascdev; print(ascdev.__file__)",
                        PYTHONPATH=f"{lib}/python3/dist-packages", LD_LIBRARY_PATH=lib)
            self.assertEqual(where, f"{lib}/python3/dist-packages/ascdev/__init__.py\n")
            self.assertTrue(Path(f"{lib}/python3/dist-packages/ascdev/py.typed").exists())


class Shown(unittest.TestCase):
    """The examples in the documentation run, and print what stands below them."""

    def examples(self, path: str) -> list[tuple[str, str]]:
        """Each block of Python, and the output that follows it, or ""."""
        lines = r"((?:    .*\n|\n)+)"
        found = re.findall(rf"\.\. code-block:: python\n\n{lines}(?:::\n\n{lines})?",
                           (TOP / path).read_text())
        return [tuple(re.sub("^    ", "", part, flags=re.M).strip() for part in block)
                for block in found]

    def check(self, path: str, count: int) -> None:
        blocks = self.examples(path)
        self.assertGreaterEqual(len(blocks), count)
        with tempfile.TemporaryDirectory() as directory:
            for code, output in blocks:
                program = Path(directory, "example.py")
                program.write_text(code)
                with self.subTest(code):
                    got = run(sys.executable, "-W", "error", str(program),
                              PYTHONPATH=str(PACKAGE.parent))
                    shown = [line for line in output.splitlines() if not line.startswith("$ ")]
                    if not os.path.exists("/dev/accel") and shown:
                        self.assertEqual(got.splitlines(), shown)

    def test_readme(self) -> None:
        self.check("README.rst", 1)

    def test_documentation(self) -> None:
        self.check("Documentation/python.rst", 3)


class Types(unittest.TestCase):
    def test_strict(self) -> None:
        try:
            run("/usr/bin/python3", "-m", "mypy", "--version")
        except subprocess.CalledProcessError:
            self.skipTest("no mypy")
        with tempfile.TemporaryDirectory() as directory:
            checked = subprocess.run(
                ["/usr/bin/python3", "-m", "mypy", "--config-file",
                 str(TOP / "python/tests/mypy.ini"), "--cache-dir", directory, "-p", "ascdev"],
                cwd=PACKAGE.parent, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.assertEqual(checked.returncode, 0, checked.stdout)
