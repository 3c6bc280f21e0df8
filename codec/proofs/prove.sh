#!/bin/bash
# SPDX-License-Identifier: MIT
#
# prove.sh DIR: proofs about the block coders; logs go to DIR; prints TAP with the
# seconds that each took.  PROVE_LIMIT is how many seconds one may take (900).

cd "$(dirname "$0")/../.." || exit 1
. selftests/tap.sh
cbmc=$(codec/proofs/fetch-cbmc.sh) || exit 1
PATH=$cbmc:$PATH
limit=${PROVE_LIMIT:-900}
mkdir -p "$1"
logs=$1

# prove FILE FUNCTION [-DNAME=VALUE | option of cbmc]...
prove() {
	local name="$1 $2" file=$1 function=$2 log start=$SECONDS
	shift 2
	name="$name${*:+ $*}"
	log=$logs/$(echo "$name" | tr -cs 'a-zA-Z0-9_\n' -)
	# loops end within 66 rounds, or the proof fails; so it does for a solver's error
	timeout "$limit" cbmc --function "$function" --unwind 66 --unwinding-assertions "$@" \
		-Icodec "codec/proofs/${file}_proof.c" > "$log" 2>&1
	result $? "cbmc: $name ($((SECONDS - start)) s)"
}

# eva FUNCTION -DNAME=VALUE...: no alarm, and the end is reached
eva() {
	local name="$*" function=$1 log start=$SECONDS
	shift
	log=$logs/eva-$(echo "$name" | tr -cs 'a-zA-Z0-9_\n' -)
	timeout "$limit" frama-c -machdep gcc_x86_64 -eva -eva-precision 3 -eva-min-loop-unroll 66 \
		-eva-split-return-function quantise_by_scale:0:1 -main "$function" \
		-cpp-extra-args="-Icodec $*" codec/proofs/asc_block_eva.c > "$log" 2>&1 &&
		! grep -qE '\[eva:alarm\]|NON TERMINATING|never terminates' "$log"
	result $? "eva: $name ($((SECONDS - start)) s)"
}

# what stands for vector code below is the same
prove asc_block nearest -DBITS=16 --external-sat-solver kissat

for bits in 8 16; do
	for endpoints in 1 2; do
		for values in 8 16 24 32 40 48 56 64; do
			prove asc_block decode -DVALUES=$values -DBITS=$bits -DENDPOINTS=$endpoints
		done
		for scales in 1 3; do
			eva encode -DVALUES=64 -DBITS=$bits -DENDPOINTS=$endpoints -DSCALES=$scales
		done
	done
	prove ebpc get -DBITS=$bits
	prove ebpc put -DBITS=$bits
	for block in 8 16; do
		prove ebpc symbol -DBITS=$bits -DBLOCK=$block
	done
done

# the narrow profile, and floats, of which blocks of more values take minutes
for endpoints in 1 2; do
	for values in 8 64; do
		prove asc_block decode -DVALUES=$values -DBITS=16 -DENDPOINTS=$endpoints -DNARROW=1
	done
done
for kind in 1 2; do
	for narrow in 0 1; do
		prove asc_block decode -DVALUES=8 -DBITS=16 -DENDPOINTS=1 -DKIND=$kind \
			-DNARROW=$narrow
	done
done

# the bound of the error, whatever the number of values
for scales in 1 2; do
	for index in 0 1 2 3 4 5 6 7; do
		prove asc_block point -DBITS=16 -DSCALES=$scales -DINDEX=$index
	done
	prove asc_block moved_points -DBITS=16 -DSCALES=$scales --external-sat-solver kissat
done
prove asc_block moved_thresholds -DBITS=16 --external-sat-solver kissat

# of whole blocks, that the decoder gives what the encoder says
for endpoints in 2 1; do
	prove asc_block written -DVALUES=8 -DBITS=8 -DENDPOINTS=$endpoints
done
prove asc_block taken -DBITS=16 --external-sat-solver kissat
finish
