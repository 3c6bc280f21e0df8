// SPDX-License-Identifier: MIT
/* What each codec would make of a map. */
#include <stdio.h>
#include <ascdev.h>

int main(void)
{
	static uint8_t map[16 * 56 * 56];
	struct ascdev_analysis analysis = ASCDEV_ANALYSIS_INIT;
	struct ascdev_surface surface;
	uint32_t i;

	for (i = 0; i < sizeof(map); i += 3)
		map[i] = (uint8_t)(i % 56);
	ascdev_surface_nchw(&surface, ASCDEV_DTYPE_U8, 1, 16, 56, 56);
	if (ascdev_analyze(NULL, &surface, map, ASCDEV_ANALYZE_EXACT, &analysis))
		return 1;
	printf("%.0f %% zeros, at least %.2f bits per value\n",
	       100.0 * (double)analysis.zeros / (double)analysis.elements, analysis.entropy / 256.0);
	for (i = 1; i < 16; i++) {
		if (analysis.bytes[i])
			printf("%s: %llu bytes\n", ascdev_codec_name(i),
			       (unsigned long long)analysis.bytes[i]);
	}
	return 0;
}
