# SPDX-License-Identifier: MIT
"""Sphinx's configuration outside of a kernel tree, for build-docs.sh.

In a kernel tree these pages are built by that tree's own.
"""

import os
import sys

kernel = os.environ["KERNEL_SOURCE"]
sys.path.insert(0, kernel + "/Documentation/sphinx")

project = "ascdev"
extensions = ["kerneldoc"]
master_doc = "index"
exclude_patterns = []
primary_domain = "c"
highlight_language = "none"
html_theme = "alabaster"
html_show_copyright = False

# where files have the names that they have in a kernel tree
kerneldoc_srctree = os.environ["ASCDEV_TREE"]
kerneldoc_bin = kernel + "/scripts/kernel-doc"
kerneldoc_verbosity = 1
