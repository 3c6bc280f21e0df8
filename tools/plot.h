/* SPDX-License-Identifier: MIT */
#ifndef ASC_PLOT_H
#define ASC_PLOT_H

#include <stdbool.h>
#include <stddef.h>

/**
 * struct point - what a map became
 * @series: points of the same text are joined; of characters that XML leaves alone
 * @x: bits per value
 * @y: SQNR in dB, infinite if nothing was lost
 */
struct point {
	char series[256];
	double x;
	double y;
};

/* Draws points as SVG.  Complains; returns an exit code. */
int plot_write(const struct point *points, size_t count, const char *name, bool force);

#endif
