// SPDX-License-Identifier: MIT
#include "asc.h"
int cmd_eval(const struct options *options){(void)options;return 0;}
