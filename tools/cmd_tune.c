// SPDX-License-Identifier: MIT
#include "asc.h"
int cmd_tune(const struct options *options){(void)options;return 0;}
