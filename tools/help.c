// SPDX-License-Identifier: MIT
/*
 * asc help
 */

#include <stdio.h>
#include <string.h>

#include "asc.h"

static const struct {
	const char *topic;
	const char *text;
} texts[] = {
	{ "", /* asc help */
	"usage: asc COMMAND [OPTION...] [FILE...]\n"
	"\n"
	"  asc info              devices of this machine and what runs jobs\n"
	"  asc compress FILE...  compress feature maps, each to FILE.asc\n"
	"  asc decompress FILE.asc...\n"
	"                        decompress them, each to FILE\n"
	"  asc list FILE.asc...  what is in them, from the headers\n"
	"  asc verify FILE...    compress, decompress, report rate and error\n"
	"  asc view FILE...      draw channels, their reconstruction and the error, to FILE.png\n"
	"  asc help [TOPIC]      this text, or more about a command, codecs, files, boxes\n"
	"                        or exit-codes\n"
	"\n"
	"      --doctor              info: try everything, tell what is wrong and what helps\n"
	"  -b, --backend auto|hw|sw  where the codec runs (auto)\n"
	"  -C, --codec NAME          asc-cbr, asc-vbr, ebpc, dcac, zvc, raw, auto\n"
	"  -p, --params KEY=VALUE,...  parameters of the codec; asc help codecs\n"
	"  -d, --dtype TYPE          type of raw values: u8, s8, u16, s16, f16, bf16\n"
	"  -s, --shape C,H,W         shape of raw values; or N,C,H,W\n"
	"      --order-from FILE.asc channels in the order of that file\n"
	"      --layout nchw|nhwc    order of the dimensions in the input (nchw)\n"
	"      --scale X             what a step of the values stands for, to be kept with them\n"
	"      --tensor NAME         decompress, view: one of several tensors\n"
	"      --channels FIRST+COUNT  view: which channels (0+64)\n"
	"      --box N,C,H,W+N,C,H,W  decompress a box: first position and extents\n"
	"  -o, --output FILE         where the output of the only input goes\n"
	"  -c, --stdout              to standard output\n"
	"  -f, --force               overwrite files, write to a terminal\n"
	"  -k, --keep                keep the inputs; this is the default\n"
	"      --rm                  remove inputs that were processed\n"
	"  -T, --threads N           threads of the codec in process; 0 for all CPUs\n"
	"  -j, --json                answers for machines, an object for each input\n"
	"  -q, --quiet               complaints only\n"
	"  -v, --verbose             a line about each file also if stderr is no terminal\n"
	"  -h, --help; -V, --version\n" },

	{ "info",
	"usage: asc info [-b auto|hw|sw] [-j] [--doctor] [--root DIR]\n"
	"\n"
	"Lists the codec devices of this machine, also those that cannot be used, with the\n"
	"reason and what helps, and tells what runs jobs.  --doctor tries every codec in process\n"
	"and on every device, and tells of each whether it works, or what is wrong and what\n"
	"helps; it ends with exit code 3 if a device cannot be used or there is none, and 1 if a\n"
	"codec does not work.  With -b sw it looks at no device.  --root names a directory that\n"
	"holds sys/ and dev/ of the machine.\n" },

	{ "compress",
	"usage: asc compress [-b BACKEND] [-C CODEC] [-p KEY=VALUE,...] [-cfjkqv] [-o FILE]\n"
	"                    [--rm] [-T N] [-d TYPE -s SHAPE] [--layout nchw|nhwc]\n"
	"                    [--scale X] [--order-from FILE.asc] FILE...\n"
	"\n"
	"Compresses each FILE to FILE.asc, all of its tensors with the same parameters.\n"
	"  Standard input, -, goes to standard output.\n"
	"--order-from takes the order of the channels from a file that was made with\n"
	"-p reorder=..., which is good for other maps of the same layer and saves the search.\n"
	"See asc help files and asc help codecs.\n" },

	{ "decompress",
	"usage: asc decompress [-b BACKEND] [-cfjkqv] [-o FILE] [--rm] [-T N]\n"
	"                      [--tensor NAME] [--box FROM+EXTENTS] FILE.asc...\n"
	"\n"
	"Decompresses each FILE.asc to FILE.  A name that ends in .npz or .safetensors gets such\n"
	"a file, everything else a .npy file, which takes one tensor; .npy is appended to a name\n"
	"that has none of these.  Standard input, -, goes to standard output.\n"
	"See asc help files and asc help boxes.\n" },

	{ "list",
	"usage: asc list [-j] FILE.asc...\n"
	"\n"
	"Lists the tensors of each file: codec, type, shape and layout, bytes of the values and\n"
	"of the payload, bits per value, scale, name.  Reads the headers, and no payload.\n" },

	{ "verify",
	"usage: asc verify [-b BACKEND] [-C CODEC] [-p KEY=VALUE,...] [-jqv] [-T N]\n"
	"                  [-d TYPE -s SHAPE] [--order-from FILE.asc] FILE...\n"
	"\n"
	"Compresses and decompresses each FILE in memory and reports rate and error.\n" },

	{ "view",
	"usage: asc view [-b BACKEND] [-C CODEC] [-p KEY=VALUE,...] [-cfjqv] [-o FILE.png] [-T N]\n"
	"                [-d TYPE -s SHAPE] [--layout nchw|nhwc] [--order-from FILE.asc]\n"
	"                [--tensor NAME] [--channels FIRST+COUNT] FILE...\n"
	"\n"
	"Draws each FILE to FILE.png, in panels from left to right: the channels of the map,\n"
	"what compression with these parameters makes of them, and the difference, each with its\n"
	"colour scale at the right.  Maps share theirs, from the least to the greatest value;\n"
	"the error is white where there is none, red where it is above the map, and blue where\n"
	"it is below.  Of a .asc file there is the reconstruction only.  Maps of an N follow each\n"
	"other.  Maps beyond 256 x 256 are thinned out.\n" },

	{ "codecs",
	"Codecs, -C:\n"
	"  asc-cbr   lossy, at a constant rate; the default\n"
	"  asc-vbr   within max_error or target_bpe; lossless without either\n"
	"  ebpc, dcac, zvc   lossless\n"
	"  raw       not compressed\n"
	"  auto      whichever is likely to give the fewest bytes\n"
	"\n"
	"Parameters, -p KEY=VALUE,...:\n"
	"  effort=hw|best, reorder=none|heuristic|greedy, zero_point=N\n"
	"  asc-cbr: block=auto|WxHxC|runN, endpoints=auto|one|two,\n"
	"           scale=auto|linear|log, profile=auto|full|narrow|pooled\n"
	"  asc-vbr, auto: max_error=N or target_bpe=X\n" },

	{ "files",
	"Inputs are .npy files of 1 to 4 dimensions (N,C,H,W) of 8- or 16-bit integers, f16 or\n"
	"bf16; .npz and .safetensors files with several such tensors; or raw values with --dtype\n"
	"and --shape.  --layout nhwc tells that channels come last.  - is standard input.  A pattern\n"
	"that the shell has left alone stands for the files that it matches.\n"
	"\n"
	"Outputs appear complete or not at all: they are written to a temporary file in the same\n"
	"directory, which is renamed at the end.  What exists is overwritten only with -f.\n"
	"Inputs are kept unless there is --rm.  A file that fails does not keep the others from\n"
	"being processed.\n" },

	{ "boxes",
	"--box N,C,H,W+N,C,H,W decompresses a box of the map: its first position, and its\n"
	"extents.  Only what it needs is decoded.  The second four of eight channels of a map\n"
	"of 56 x 56: --box 0,4,0,0+1,4,56,56\n" },

	{ "exit-codes",
	"  0    done\n"
	"  1    failed; or, of several files, at least one has\n"
	"  2    usage\n"
	"  3    a device is required and not usable\n"
	"  4    the input is damaged\n"
	"  5    input or output error, or the output exists\n"
	"  129, 130, 143   ended by SIGHUP, SIGINT or SIGTERM, with no file half written\n" },
};

int help(const char *topic)
{
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		if (!strcmp(texts[i].topic, topic ? topic : "")) {
			fputs(texts[i].text, stdout);
			return EXIT_OK;
		}
	}
	complain("no help on '%s'; see asc help", topic);
	return EXIT_USAGE;
}
