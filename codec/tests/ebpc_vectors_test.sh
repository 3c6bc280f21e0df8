#!/bin/bash
# SPDX-License-Identifier: MIT
#
# ebpc_vectors_test.sh EBPC_VECTORS: vectors of the project's own, and those in
# $ASCDEV_EBPC_VECTORS (../shared/ebpc) where there are any; prints TAP.

cd "$(dirname "$0")/../.." || exit 1
. selftests/tap.sh
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
# 5 6 7 8 9 10 11 12 0 0 -1, worked out in ebpc_test.c
printf '\5\6\7\10\11\12\13\14\0\0\377' > "$dir/in"
printf '\377\14' > "$dir/znz"
printf '\5\0\15\377\30\11\240' > "$dir/bpc"
cat > "$dir/manifest.json" << END
{ "cases": [ { "id": "by-hand",
	       "params": { "data_w": 8, "block_size": 8, "max_zrle_len": 16 },
	       "files": { "input": "in", "znz": "znz", "bpc": "bpc" } } ] }
END
[ "$("$1" "$dir")" = "1 passed, 0 failed" ]
result $? "a vector of our own"
printf '\5\0\15\377\30\11\241' > "$dir/bpc"
! "$1" "$dir" > "$dir/out" && grep -q '^0 passed, 1 failed' "$dir/out"
result $? "a wrong vector is seen"

vectors=${ASCDEV_EBPC_VECTORS:-../shared/ebpc}
if [ -e "$vectors/manifest.json" ]; then
	"$1" "$vectors"
	result $? "the authors' vectors"
else
	skip "the authors' vectors" "not here"
fi
finish
