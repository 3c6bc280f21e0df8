// SPDX-License-Identifier: MIT
#include "asc.h"
int cmd_bench(const struct options *options){(void)options;return 0;}
