#!/bin/bash
# SPDX-License-Identifier: MIT
#
# find-headers.sh: prints a directory in which a module for a kernel of 6.12 or
# newer can be built; nothing if there is none.  The running kernel's comes
# first, then the newest installed, then the one in the cache.

cache=${ASCDEV_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/ascdev}

usable() {
	local release
	release=$(cat "$1/include/config/kernel.release" 2>/dev/null) || return 1
	[ "$(printf '6.12\n%s\n' "$release" | sort -V | head -n 1)" = 6.12 ] && [ -e "$1/Makefile" ]
}

for dir in "/lib/modules/$(uname -r)/build" \
	$(ls -d /lib/modules/*/build /usr/src/linux-headers-*[0-9a-z] 2>/dev/null | sort -rV) \
	"$cache"/stock/lib/modules/*/build; do
	if usable "$dir"; then
		readlink -f "$dir"
		exit
	fi
done
