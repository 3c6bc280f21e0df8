#!/bin/bash
# SPDX-License-Identifier: MIT
#
# examples_test.sh ASC: the commands that README.rst and asc(1) show, on maps made here; prints
# TAP.

asc=$(realpath "$1")
top=$(realpath "$(dirname "$0")/../..")
. "$top/selftests/tap.sh"
. "$top/tools/tests/maps.sh"
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
mkdir "$dir/bin" "$dir/readme" "$dir/man" || exit 1
ln -s "$asc" "$dir/bin/asc"
export PATH=$dir/bin:$PATH

# The maps that the commands name: 1 x 16 x 160 x 160, and some that are small.
make_maps() {
	local i values

	# rows are shorter than what repeats, so that they differ
	for i in {0..162}; do
		printf -v values '%s\\x%02x' "$values" $((i * i % 97 + 40))
	done
	for i in {1..2560}; do printf '%b' "$values"; done | head -c 409600 > values
	npy '|u1' False '1, 16, 160, 160' values > map.npy
	mkdir maps
	map_values u8 > small
	npy '|u1' False '4, 6, 10' small > maps/one.npy
	cp maps/one.npy maps/two.npy
	asc compress -q maps/one.npy -o one.asc && asc decompress -q one.asc -o layers.npz
	rm values small one.asc
}

# plain: numbers and the backend do not depend on the machine or the map
plain() {
	sed -E 's/[0-9]+(\.[0-9]+)*/N/g; s/backend (hw|sw)/backend B/'
}

# try NAME COMMAND EXPECTED: what it prints has the form of what the text shows
try() {
	local name=$1 command=$2 expected=$3 code shown

	bash -o pipefail -c "$command" > out 2> err < /dev/null
	code=$?
	case $command in
	# without a device it finds that out
	*--doctor*) [ $code -eq 3 ] && code=0 ;;
	esac
	case $command in
	# what the machine has
	asc\ info*) shown=$(grep -oE '^(library|device|backend) ' out | sort -u)
		    expected=$(grep -oE '^(library|device|backend) ' <<< "$expected" | sort -u) ;;
	*) shown=$(plain < out) ;;
	esac
	[ -z "$expected" ] || [ "$shown" = "$expected" ] || {
		echo "# printed: $shown"
		code=1
	}
	[ $code -eq 0 ] || sed 's/^/# /' err
	result $code "$name: $command"
}

# Commands are indented, after a dollar sign; what they print follows.
cd "$dir/readme" && make_maps || exit 1
count=0
while IFS= read -r line; do
	case $line in
	'    $ asc '*)
		[ -z "$command" ] || try README "$command" "$expected"
		command=$(sed -E 's/^    \$ //; s/ +# .*//' <<< "$line")
		expected=
		count=$((count + 1)) ;;
	'    '[!$]*)
		[ -z "$command" ] || expected+=${expected:+$'\n'}$(plain <<< "${line#    }") ;;
	*)
		[ -z "$command" ] || try README "$command" "$expected"
		command= ;;
	esac
done < "$top/README.rst"
[ $count -ge 10 ]
result $? "the README has commands"

cd "$dir/man" && make_maps || exit 1
sed -n '/^\.Sh EXAMPLES/,/^\.Sh [^E]/s/^\.Dl \$ \(asc .*\)/\1/p' "$top/tools/asc.1" > ../commands
[ "$(wc -l < ../commands)" -ge 4 ]
result $? "asc(1) has commands"
while IFS= read -r command; do
	try "asc(1)" "$command" ""
done < ../commands
finish
