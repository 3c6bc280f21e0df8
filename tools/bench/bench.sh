#!/bin/bash
# SPDX-License-Identifier: MIT
#
# bench.sh [OPTION...] [ARGUMENT...]: the benchmark; results go to build/bench.
#   --maps DIR   .npy files, those above 64 KiB; otherwise maps are made
#   --guest      the driver in guests, too: make bench-driver
#   --note TEXT  stands with the results: what else the machine did
#   --page       put the results into Documentation/performance.rst
# Arguments are those of build/codec-bench.

set -eu
cd "$(dirname "$0")/../.."

maps='' guest='' page='' note=''
while [ $# -gt 0 ]; do
	case $1 in
	--maps)
		[ $# -gt 1 ] || { echo "bench.sh: --maps needs a directory" >&2; exit 2; }
		maps=$2
		shift
		;;
	--note)
		[ $# -gt 1 ] || { echo "bench.sh: --note needs a text" >&2; exit 2; }
		note=$2
		shift
		;;
	--guest) guest=1 ;;
	--page) page=1 ;;
	--help)
		sed -n '4,10s/^# \{0,1\}//p' "$0"
		build/codec-bench --help
		exit
		;;
	*) break ;;
	esac
	shift
done

files=()
if [ -n "$maps" ]; then
	mapfile -t files < <(find "$maps" -name '*.npy' -size +64k | sort)
	[ ${#files[@]} -gt 0 ] || { echo "bench.sh: no maps in $maps" >&2; exit 1; }
fi
label=$(git describe --always --dirty 2> /dev/null) || label='not in git'

mkdir -p build/bench
build/codec-bench --json build/bench/bench.json --asc build/asc --label "$label${note:+; $note}" "$@" \
	"${files[@]}" | tee build/bench/bench.txt
if command -v valgrind > /dev/null; then
	tools/bench/instructions.py --json build/bench/instructions.json
fi
[ -z "$guest" ] || selftests/vm/bench.sh
echo
tools/bench/bench_report.py build/bench ${page:+--page Documentation/performance.rst}
