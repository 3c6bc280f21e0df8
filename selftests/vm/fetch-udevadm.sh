#!/bin/bash
# SPDX-License-Identifier: MIT
#
# fetch-udevadm.sh: prints the path of udevadm, the machine's own or one from Debian's
# package, unpacked into the cache; containers have none and shall not get a udevd.

. "$(dirname "$0")/common.sh"

fetch_udev() {
	[ -e "$CACHE/udev/bin/udevadm" ] && return
	private_apt_update bookworm
	rm -rf "$CACHE/udev.tmp"
	unpack_packages "$CACHE/udev.tmp" udev
	rm -rf "$CACHE/udev"
	mv "$CACHE/udev.tmp" "$CACHE/udev"
}

command -v udevadm && exit
with_lock udev fetch_udev >&2 || exit 1
echo "$CACHE/udev/bin/udevadm"
