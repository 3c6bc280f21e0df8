/* SPDX-License-Identifier: MIT */
#ifndef ASC_DOCTOR_H
#define ASC_DOCTOR_H

#include "asc.h"

/*
 * Tries the codec in process, and on every device, and prints what is wrong and what helps.
 * Returns EXIT_DEVICE if a device cannot be used or there is none, EXIT_FAILED if a codec does
 * not work, which counts for more.
 */
int doctor(const struct options *options);

#endif
