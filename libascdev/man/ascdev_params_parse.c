// SPDX-License-Identifier: MIT
/* Parameters from a text, with one changed, and as text again. */
#include <stdio.h>
#include <ascdev.h>

int main(void)
{
	struct ascdev_params params = ASCDEV_PARAMS_INIT;
	char text[256], codec[32];

	if (ascdev_params_parse(&params, "codec=asc-vbr,target_bpe=2.5,reorder=greedy"))
		return 1;
	params.target_bpe = 3 * 256;
	if (ascdev_params_get(&params, "codec", codec, sizeof(codec)) < 0 ||
	    ascdev_params_format(&params, text, sizeof(text)) < 0)
		return 1;
	printf("%s: %s\n", codec, text);
	return ascdev_params_parse(&params, "codec=best") ? 0 : 1;	/* there is none */
}
