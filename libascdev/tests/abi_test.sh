#!/bin/bash
# SPDX-License-Identifier: MIT
#
# abi_test.sh BUILD_DIR: the binary interface of the library is the one in libascdev/abi;
# prints TAP.  Where it may change: make abi-dump.

cd "$(dirname "$0")/../.." || exit 1
. selftests/tap.sh
build=$1 dump=libascdev/abi/libascdev.abi
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT

make -s BUILD="$build" "$build/libascdev.abi"
result $? "the interface can be read"
abidiff "$dump" "$build/libascdev.abi"
result $? "it is the one that was agreed on"

# found SED_PROGRAM: would this difference be found?  4 and 8: it changes, it breaks
found() {
	sed "$1" "$dump" > "$dir/other"
	abidiff "$dir/other" "$build/libascdev.abi" > /dev/null 2>&1
	(($? & 12))
}
found "/name='ascdev_result' size/,/name='bytes_read'/s/layout-offset-in-bits='256'/layout-offset-in-bits='9984'/"
result $? "a member that moves would be found"
found "s/'ascdev_reap'/'ascdev_rip'/"
result $? "a function that goes would be found"

# the list of symbols, by hand: none appears by accident
awk '/^\tascdev_/ { sub(";", ""); print $1 }' libascdev/libascdev.map > "$dir/listed"
sort -c "$dir/listed" && nm -D --defined-only "$build/libascdev.so" |
	awk '$2 ~ /[TDBR]/ { sub("@.*", "", $3); print $3 }' | sort | diff "$dir/listed" -
result $? "the symbols are those of the version script"
finish
