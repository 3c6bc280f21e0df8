#!/bin/sh
# SPDX-License-Identifier: MIT
#
# find-peers.sh COMPILER CXX FILE: writes to FILE, for make, which of the libraries that
# codec-bench compares with can be compiled against.  Leaves FILE alone if nothing changed.

cc=$1 cxx=$2 file=$3
flags='' libs=''

peer() { # NAME HEADER LIBRARY COMPILER
	[ -n "$(command -v "$4")" ] || return
	echo "#include <$2>" | $4 -E -x "${5:-c}" - > /dev/null 2>&1 || return
	flags="$flags -DHAVE_$1" libs="$libs -l$3"
}

peer LZ4 lz4hc.h lz4 "$cc"
peer ZSTD zstd.h zstd "$cc"
peer ZLIB zlib.h z "$cc"
peer SNAPPY snappy-c.h snappy "$cc"
peer BLOSC blosc.h blosc "$cc"
peer ZFP zfp.h zfp "$cc"
peer CHARLS charls/charls.h charls "$cc"
peer SQUISH squish.h squish "$cxx" c++
new="PEER_FLAGS :=$flags
PEER_LIBS :=$libs"
[ "$new" = "$(cat "$file" 2> /dev/null)" ] || echo "$new" > "$file"
