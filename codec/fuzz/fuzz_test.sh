#!/bin/bash
# SPDX-License-Identifier: MIT
#
# fuzz_test.sh FUZZERS [SECONDS]: each program in the directory FUZZERS over its
# corpus, then on for FUZZ_RUNS runs, at most a second, or for some seconds; prints
# TAP.  An input that fails is kept beside the program.

cd "$(dirname "$0")/../.." || exit 1
. selftests/tap.sh
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
if [ -n "${2-}" ]; then
	limit=(-max_total_time="$2")
else
	limit=(-runs="${FUZZ_RUNS:-50000}" -max_total_time=1)
fi

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
	"$fuzzer" -runs=0 -timeout=10 -artifact_prefix="$1/$name-" "$corpus" > "$dir/log" 2>&1
	result $? "$name: corpus" || sed 's/^/# /' "$dir/log"
	mkdir "$dir/$name"
	# the seed is fixed, so that a failure comes again
	"$fuzzer" "${limit[@]}" -seed=1 -timeout=10 -max_len=512 -rss_limit_mb=1024 \
		-artifact_prefix="$1/$name-" "$dir/$name" "$corpus" > "$dir/log" 2>&1
	result $? "$name: ${limit[*]}" || sed 's/^/# /' "$dir/log"
	sed -n 's/^Done/# &/p' "$dir/log"
done
finish
