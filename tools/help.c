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
	"  asc eval FILE...      rate, error and time of codecs and parameters, and a plot\n"
	"  asc bench [FILE...]   throughput of codecs, in process and on the device\n"
	"  asc tune FILE...      find parameters for each layer, within a goal\n"
	"  asc stat [INTERVAL [COUNT]]\n"
	"                        what the device does, or who uses it\n"
	"  asc help [TOPIC]      this text, or more about a command, codecs, files, boxes,\n"
	"                        tables or exit-codes\n"
	"\n"
	"      --doctor              info: try everything, tell what is wrong and what helps\n"
	"  -b, --backend auto|hw|sw  where the codec runs (auto)\n"
	"      --device NODE         /dev/accel/accelN instead of the first usable device\n"
	"  -C, --codec NAME          asc-cbr, asc-vbr, ebpc, dcac, zvc, raw, auto\n"
	"  -p, --params KEY=VALUE,...  parameters of the codec; asc help codecs\n"
	"  -d, --dtype TYPE          type of raw values: u8, s8, u16, s16, f16, bf16\n"
	"  -s, --shape C,H,W         shape of raw values; or N,C,H,W\n"
	"      --order-from FILE.asc channels in the order of that file\n"
	"      --params-from FILE    parameters by layer, such as tune writes\n"
	"      --layout nchw|nhwc    order of the dimensions in the input (nchw)\n"
	"      --scale X             what a step of the values stands for, to be kept with them\n"
	"      --tensor NAME         decompress, view: one of several tensors\n"
	"      --channels FIRST+COUNT  view: which channels (0+64)\n"
	"      --box N,C,H,W+N,C,H,W  decompress a box: first position and extents\n"
	"      --try KEY=VALUE,...   eval, bench, tune: try these parameters; may be repeated\n"
	"      --zero-point N        eval, bench, tune: the value that stands for 0.0 (0)\n"
	"      --csv                 eval: comma-separated values\n"
	"      --plot FILE.svg       eval: draw rate against SQNR\n"
	"      --repeats N           bench: samples of each time (9)\n"
	"      --min-sqnr DB, --max-error N, --target-bpe X\n"
	"                            tune: what to keep to\n"
	"      --sysfs               tune: set the defaults of the device\n"
	"      --clients             stat: who uses the device\n"
	"      --root DIR            info, stat, tune: holds sys/, dev/ and proc/ of the machine\n"
	"  -o, --output FILE         where the output goes; of several inputs, compress, tune\n"
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
	"                    [--scale X] [--order-from FILE.asc] [--params-from FILE] FILE...\n"
	"\n"
	"Compresses each FILE to FILE.asc, all of its tensors with the same parameters, unless\n"
	"--params-from names a table with others.  Standard input, -, goes to standard output.\n"
	"With -o or -c several inputs go to one output, in which a tensor without a name has\n"
	"that of its file, without directory and .npy.\n"
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
	"                  [-d TYPE -s SHAPE] [--order-from FILE.asc] [--params-from FILE] FILE...\n"
	"\n"
	"Compresses and decompresses each FILE in memory and reports rate and error.\n" },

	{ "view",
	"usage: asc view [-b BACKEND] [-C CODEC] [-p KEY=VALUE,...] [-cfjqv] [-o FILE.png] [-T N]\n"
	"                [-d TYPE -s SHAPE] [--layout nchw|nhwc] [--order-from FILE.asc]\n"
	"                [--params-from FILE] [--tensor NAME] [--channels FIRST+COUNT] FILE...\n"
	"\n"
	"Draws each FILE to FILE.png, in panels from left to right: the channels of the map,\n"
	"what compression with these parameters makes of them, and the difference, each with its\n"
	"colour scale at the right.  Maps share theirs, from the least to the greatest value;\n"
	"the error is white where there is none, red where it is above the map, and blue where\n"
	"it is below.  Of a .asc file there is the reconstruction only.  Maps of an N follow each\n"
	"other.  Maps beyond 256 x 256 are thinned out.\n" },

	{ "eval",
	"usage: asc eval [-b BACKEND] [--try KEY=VALUE,...]... [-j | --csv] [--plot FILE.svg] [-f]\n"
	"                [--zero-point N] [-T N] [-d TYPE -s SHAPE] [--layout nchw|nhwc] FILE...\n"
	"\n"
	"Compresses and decompresses every map with each --try, or with the usual settings of\n"
	"all codecs, and tells rate, error, and the time of one run.  The peak of PSNR is the\n"
	"distance from the least to the greatest value of the map.  Of several maps there is a\n"
	"summary: all bits by all values, the mean of the SQNR of maps that lost something, the\n"
	"largest error, and the sum of the times.  --plot draws that summary, a line for\n"
	"settings that differ in max_error or target_bpe only.  What a codec or the type of the\n"
	"values does not have is left out.\n" },

	{ "bench",
	"usage: asc bench [-b BACKEND] [--try KEY=VALUE,...]... [--repeats N] [-j] [-T N]\n"
	"                 [--zero-point N] [-d TYPE] [-s SHAPE] [--layout nchw|nhwc] [FILE...]\n"
	"\n"
	"Measures compression and decompression with each --try, or with every codec, in process\n"
	"and on the device if there is one, of each map, or of a made-up one.  A copy of the same\n"
	"bytes takes turns with them; \"x memcpy\" is by how much its throughput is theirs.  Each\n"
	"figure is the median of N samples, of at least 10 ms each, after a first one that does\n"
	"not count; \"+-%\" is half of the distance of the quartiles.  Times are those that a\n"
	"caller of ascdev_compress() and ascdev_decompress() sees, of a device with copies.\n" },

	{ "tune",
	"usage: asc tune [-b BACKEND] [--min-sqnr DB | --max-error N | --target-bpe X]\n"
	"                [--try KEY=VALUE,...]... [--zero-point N] [-cfjqv] [-o FILE] [--sysfs]\n"
	"                [-T N] [-d TYPE -s SHAPE] [--layout nchw|nhwc] [--root DIR] FILE...\n"
	"\n"
	"Finds, for each layer, parameters that keep to the goal on all of its maps: in the fewest\n"
	"bytes, or, below X bits per value, with the greatest SQNR.  Without a goal nothing is\n"
	"lost.  A layer is what has a name of its own: that of the tensor, or of the file without\n"
	".npy.  Writes a table to FILE or standard output, with an entry at its end for all other\n"
	"layers, which keeps to the goal on all maps; --params-from takes the table.  --sysfs\n"
	"makes that entry the default of the device, which has no zero point.  With --try nothing\n"
	"else is tried.  Errors are differences of values, also of floats.  See asc help tables.\n" },

	{ "stat",
	"usage: asc stat [-jqv] [--device NODE] [--root DIR] [--clients] [INTERVAL [COUNT]]\n"
	"\n"
	"What a device did since it was bound; with INTERVAL, in seconds, what it does, COUNT\n"
	"times or until it is stopped: jobs accepted, ended well and failed, bytes that went in\n"
	"and out, how many jobs have not ended, and how busy the engines were.  The work of a job\n"
	"counts when it ends.  --clients shows the open files of the device, or of all without\n"
	"--device, the busiest first: time of the engines, and memory.  Who is not root sees only\n"
	"own processes.  Ends with exit code 3 if there is no device, or it goes away.\n" },

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

	{ "tables",
	"A table of parameters by layer, for --params-from and ascdev_params_lookup():\n"
	"\n"
	"  # layers of a network\n"
	"  conv1/*     codec=asc-vbr,max_error=2\n"
	"  two\\ words  codec=dcac,reorder=heuristic\n"
	"  *           codec=asc-cbr\n"
	"\n"
	"Each line has a pattern, as of glob(7) but with * and ? for slashes too, and the\n"
	"parameters of layers whose name it fits; the first one that fits counts, and names all\n"
	"parameters.  What no line fits is compressed as -C and -p say.  A layer is called as its\n"
	"tensor, or as its file, without directory and .npy, if the tensor has no name.\n" },

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
