#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""run.py [BUILD [BACKEND [MODULE...]]]: tests of the Python package in BUILD/python, as TAP.

BACKEND is what contexts run on in test_codec and test_jobs, sw if it is not given; a MODULE is
one of these names, all if none is given.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

def hold_jobs() -> None:
    """Begin anew with a library for which a pipe is a fence: see Hold in common.py."""
    if "ASCDEV_TEST_HELD" not in os.environ:
        # LD_PRELOAD takes no name with a space, which others may give to temporary files
        held = tempfile.mkdtemp(dir=build)
        library = f"{held}/held.so"
        subprocess.run(["gcc", "-shared", "-fPIC", "-I", str(tests.parents[1] / "libascdev"),
                        "-o", library, "-xc", str(tests.parents[1] / "libascdev/tests/held.h")],
                       check=True)
        os.environ.update(ASCDEV_TEST_HELD=held, LD_PRELOAD=library)
        os.execv(sys.executable, sys.orig_argv)
    shutil.rmtree(os.environ.pop("ASCDEV_TEST_HELD"))
    del os.environ["LD_PRELOAD"]


# some files are to be read by another user
os.umask(0o022)
tests = Path(__file__).resolve().parent
build = Path(sys.argv[1] if len(sys.argv) > 1 else "build").resolve()
sys.path.insert(0, str(build / "python"))
os.environ.setdefault("ASCDEV_TEST_BACKEND", sys.argv[2] if len(sys.argv) > 2 else "sw")
if os.environ["ASCDEV_TEST_BACKEND"] == "sw":
    hold_jobs()


class Tap(unittest.TestResult):
    def _line(self, test: unittest.TestCase, ok: bool, more: str = "") -> None:
        print(f"{'ok' if ok else 'not ok'} {self.testsRun} python: {test.id()}{more}", flush=True)

    def stopTest(self, test: unittest.TestCase) -> None:
        """One line for a test, whatever its subtests did."""
        failed = [text for case, text in self.failures + self.errors
                  if case is test or getattr(case, "test_case", None) is test]
        for text in failed:
            print("# " + text.rstrip().replace("\n", "\n# "))
        reasons = [reason for case, reason in self.skipped if case is test]
        self._line(test, not failed, f" # SKIP {reasons[0]}" if reasons else "")


sys.path.insert(0, str(tests))
modules = sys.argv[3:] or sorted(path.stem for path in tests.glob("test_*.py"))
found = unittest.TestLoader().loadTestsFromNames(modules)
result = Tap()
found.run(result)
# a module that cannot be imported is a test that fails; a class or module set-up is none
for case, text in result.errors:
    if not isinstance(case, unittest.TestCase):
        print(f"not ok {case}\n# " + text.rstrip().replace("\n", "\n# "))
print(f"1..{result.testsRun}")
sys.exit(not result.wasSuccessful())
