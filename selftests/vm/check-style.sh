#!/bin/bash
# SPDX-License-Identifier: MIT
#
# check-style.sh KERNEL_SOURCE HEADERS [UML_7.3]: checkpatch --strict, kernel-doc, what the
# kernel makes of the files of its ABI, and sparse.

. "$(dirname "$0")/common.sh"
cd "$TOP_DIR" || exit 1
source_dir=$1 headers=$2 uml=${3-}
ret=0

# What is left out, and why:
# - LINUX_VERSION_CODE, CONSTANT_COMPARISON, MACRO_ARG_UNUSED: all of them in
#   ascdev_compat.h, which exists for nothing else
# - UNCOMMENTED_DEFINITION: locks are documented in the kernel-doc of their structure
# - PREFER_KERNEL_TYPES, BIT_MACRO, PREFER_DEFINED_ATTRIBUTE_MACRO: types.h defines these
#   for userspace; the codec and the uapi header are not the kernel's alone
# - EXPORT_SYMBOL: ascdev_exports.c, as the codec itself knows no kernel
# - FILE_PATH_CHANGES, CONFIG_DESCRIPTION: about patches
# - COMPLEX_MACRO, MACRO_ARG_REUSE, MACRO_ARG_PRECEDENCE in vector code, whose macros are loops
#   to unroll, attributes, and functions made for each width; _Pragma, the language's word
vector_code='codec/[a-z0-9_]*(avx2|avx512|neon|x86|blocks|lanes|loops|cbr)\.[ch]:[0-9]+: [A-Z]+:(COMPLEX_MACRO|MACRO_ARG_REUSE|MACRO_ARG_PRECEDENCE|CAMELCASE: Avoid CamelCase: <_Pragma>)'
# In selftests, which are programs:
# - PREFER_KERNEL_TYPES, BIT_MACRO, PREFER_DEFINED_ATTRIBUTE_MACRO: they have none of these
# - VOLATILE: memory that a test's other thread, or an engine, writes
# - SPACING around '*': FIXTURE_DATA(x) *self is no product
# - PARENTHESIS_ALIGNMENT, COMPLEX_MACRO, MACRO_ARG_REUSE, MACRO_ARG_UNUSED: tables of fields, and
#   statements that a test repeats, are arguments of macros as those of the harness are
# - CAMELCASE: drmIoctl, a name of libdrm's
programs="selftests/[a-z_]*\.[ch]:[0-9]+: [A-Z]+:(SPACING: spaces preferred around that '\*'|CAMELCASE: .*drmIoctl)"

# What it says of a file is kept: it takes a second for each, most of which are as they were.
checkpatch_id=$(cat "$source_dir"/scripts/{checkpatch.pl,spelling.txt} | sha256sum)
mkdir -p "$CACHE/checkpatch"

# checkpatch OPTION... -f FILE...
checkpatch() {
	local options=() file notes

	while [ "$1" != -f ]; do
		options+=("$1")
		shift
	done
	shift
	for file; do
		notes=$CACHE/checkpatch/$({ echo "$checkpatch_id ${options[*]} $file" && cat "$file"; } | sha256sum)
		notes=${notes%% *}
		if [ ! -e "$notes" ]; then
			perl "$source_dir/scripts/checkpatch.pl" --strict --no-tree --no-summary --terse \
				--show-types "${options[@]}" -f "$file" > "$notes.$$"
			# 1: there are notes
			[ $? -le 1 ] || { echo "checkpatch: it failed"; rm -f "$notes.$$"; continue; }
			mv "$notes.$$" "$notes"
		fi
		cat "$notes"
	done
}
{
	checkpatch --ignore LINUX_VERSION_CODE,CONSTANT_COMPARISON,MACRO_ARG_UNUSED \
		--ignore UNCOMMENTED_DEFINITION,PREFER_KERNEL_TYPES,BIT_MACRO,EXPORT_SYMBOL \
		--ignore PREFER_DEFINED_ATTRIBUTE_MACRO \
		-f driver/*.[ch] driver/tests/*.[ch] codec/*.[ch] uapi/drm/*.h
	checkpatch --ignore PREFER_KERNEL_TYPES,BIT_MACRO,PREFER_DEFINED_ATTRIBUTE_MACRO,VOLATILE \
		--ignore PARENTHESIS_ALIGNMENT,COMPLEX_MACRO,MACRO_ARG_REUSE,MACRO_ARG_UNUSED \
		-f selftests/*.[ch]
} | grep -vE "$vector_code|$programs|^$" && ret=1
# where it keeps names of the kernel's
rm -f .checkpatch-camelcase.*

# kernel-doc passes over a comment in one line, unless it is that of a member
grep -nE '^/\*\* .*\*/' driver/*.[ch] driver/tests/*.[ch] codec/*.[ch] uapi/drm/*.h && ret=1
out=$(perl "$source_dir/scripts/kernel-doc" -none -Wall driver/*.[ch] driver/tests/*.[ch] codec/*.[ch] uapi/drm/*.h 2>&1)
if [ -n "$out" ]; then
	echo "$out"
	ret=1
fi

out=$(perl "$source_dir/scripts/get_abi.pl" validate --dir Documentation/ABI 2>&1)
if [ -n "$out" ]; then
	echo "$out"
	ret=1
fi

command -v sparse > /dev/null || { echo "sparse is missing"; ret=1; }
out=$("$VM_DIR/build-module.sh" "$headers" build/modules/sparse C=2 2>&1) || ret=1
if [ $ret -ne 0 ] || grep -qE '(warning|error):' <<< "$out"; then
	echo "$out"
	ret=1
fi
# Linux 7.3 wants a sparse that knows __typeof_unqual__ and strlen() of constants, which
# MODULE_LICENSE() and its like need; Debian's does not.
if [ -n "$uml" ]; then
	out=$("$VM_DIR/build-module.sh" "$uml" build/modules/sparse-uml ARCH=um C=2 \
		CHECK="sparse -D__typeof_unqual__=__typeof__" 2>&1) || ret=1
	if [ $ret -ne 0 ] || grep -E '(warning|error):|not up to date' <<< "$out" |
			grep -qv 'error: bad constant expression$'; then
		echo "$out"
		ret=1
	fi
fi
exit $ret
