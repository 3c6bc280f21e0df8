#!/bin/bash
# SPDX-License-Identifier: MIT
#
# make-corpus.sh FUZZERS [SECONDS]: makes codec/fuzz/corpus and tools/fuzz/corpus anew: each program in the
# directory FUZZERS runs for some seconds (60) from the corpus there is, and of what
# it found the fewest small files are kept that reach the same code.

cd "$(dirname "$0")/../.." || exit 1
set -e
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

for source in codec/fuzz/fuzz_*.c tools/fuzz/fuzz_*.c; do
	name=$(basename "$source" .c)
	name=${name#fuzz_}
	corpus=$(dirname "$source")/corpus/$name
	mkdir -p "$corpus" "$dir/$name" "$dir/kept"
	"$1/$name" -max_total_time="${2:-60}" -max_len=256 "$dir/$name" "$corpus" \
		> "$dir/log" 2>&1 || { cat "$dir/log"; exit 1; }
	"$1/$name" -merge=1 -use_counters=0 "$dir/kept" "$dir/$name" "$corpus" > "$dir/log" 2>&1
	rm -rf "$corpus"
	mv "$dir/kept" "$corpus"
done
du -sb {codec,tools}/fuzz/corpus/*
