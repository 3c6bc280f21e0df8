#!/bin/bash
# SPDX-License-Identifier: MIT
#
# fuzz_test.sh FUZZERS [SECONDS]: each program in the directory FUZZERS over its
# corpus, then on for a number of runs, about a second, or for some seconds; prints
# TAP.  An input that fails is kept beside the program.

cd "$(dirname "$0")/../.." || exit 1
. selftests/tap.sh
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT

# The time that a machine takes decides neither what is run nor whether it is too slow.
limit_of() { # FUZZER
	local runs
	case $1 in
	vbr_tile) runs=350 ;;
	dcac_tile) runs=600 ;;
	ebpc_tile) runs=2000 ;;
	codec_encode) runs=4000 ;;
	*) runs=10000 ;;
	esac
	echo "-runs=$runs"
}

for source in codec/fuzz/fuzz_*.c tools/fuzz/fuzz_*.c; do
	name=$(basename "$source" .c)
	name=${name#fuzz_}
	fuzzer=$1/$name
	corpus=$(dirname "$source")/corpus/$name
	if ! ls "$corpus"/* > /dev/null 2>&1; then
		result 1 "$name: has a corpus"
		continue
	fi
	# a run per file and one empty input, and no more
	"$fuzzer" -runs=0 -timeout=100 -artifact_prefix="$1/$name-" "$corpus" > "$dir/log" 2>&1
	result $? "$name: corpus" || sed 's/^/# /' "$dir/log"
	mkdir "$dir/$name"
	limit=${2:+-max_total_time=$2}
	limit=${limit:-$(limit_of "$name")}
	# the seed is fixed, so that a failure comes again
	"$fuzzer" "$limit" -seed=1 -timeout=100 -max_len=512 -rss_limit_mb=1024 \
		-artifact_prefix="$1/$name-" "$dir/$name" "$corpus" > "$dir/log" 2>&1
	result $? "$name: $limit" || sed 's/^/# /' "$dir/log"
	sed -n 's/^Done/# &/p' "$dir/log"
done
finish
