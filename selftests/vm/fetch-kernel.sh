#!/bin/bash
# SPDX-License-Identifier: MIT
#
# fetch-kernel.sh stock | source-6.12 | source-7.3
#
# Puts a kernel of Debian's into the cache, once, and prints where it is:
#   stock         image, modules and headers of the newest 6.12 of bookworm-backports
#   source-6.12   its source, from bookworm-backports
#   source-7.3    the newest kernel's source, from trixie-backports
# Nothing is installed on the machine and root is not needed.

. "$(dirname "$0")/common.sh"

# The headers packages name each other by absolute paths; let them name the cache.
relocate_headers() {
	local dir=$1 f l target

	grep -rlE --include=Makefile --include='*.mk' --include='Kbuild*' '/usr/(src|lib)/linux-' \
		"$dir"/usr/src/*/ 2>/dev/null | while read -r f; do
		sed -i -E "s#(^|[^[:alnum:]_./-])/usr/(src|lib)/linux-#\1$dir/usr/\2/linux-#g" "$f"
	done
	find "$dir/usr/src" "$dir/lib/modules" -type l -lname '/usr/*' 2>/dev/null | while read -r l; do
		target=$(readlink "$l")
		ln -sfn "$dir$target" "$l"
	done
}

fetch_stock() {
	local image version abi dir

	[ -e "$CACHE/stock/boot-version" ] && return
	private_apt_update bookworm-backports trixie-backports
	image=$(newest_package '^linux-image-6\.12\.[0-9]+\+deb12-amd64$')
	[ -n "$image" ] || die "no linux-image-6.12 in bookworm-backports"
	version=${image#linux-image-}
	abi=${version%-amd64}
	dir=$CACHE/stock.tmp
	rm -rf "$dir"
	say "fetching Debian's kernel $version"
	unpack_packages "$dir" "$image" "linux-headers-$version" \
		"linux-headers-$abi-common" "linux-kbuild-$abi"
	rm -rf "$CACHE/stock"
	mv "$dir" "$CACHE/stock"
	relocate_headers "$CACHE/stock"
	depmod -b "$CACHE/stock" "$version" || die "depmod failed"
	echo "$version" > "$CACHE/stock/boot-version"
}

# fetch_source SERIES
fetch_source() {
	local dir=$CACHE/source-$1 tarball

	[ -e "$dir/Kconfig" ] && return
	private_apt_update bookworm-backports trixie-backports
	say "fetching the source of Linux $1"
	rm -rf "$dir.tmp"
	unpack_packages "$dir.tmp" "linux-source-$1"
	tarball=$(echo "$dir.tmp"/usr/src/linux-source-*.tar.xz)
	mkdir "$dir.tmp/tree"
	tar -xf "$tarball" -C "$dir.tmp/tree" --strip-components=1 || die "cannot unpack $tarball"
	rm -rf "$dir"
	mv "$dir.tmp/tree" "$dir"
	rm -rf "$dir.tmp"
}

case ${1-} in
stock)
	with_lock stock fetch_stock >&2 || exit 1
	echo "$CACHE/stock"
	;;
source-6.12 | source-7.3)
	with_lock "$1" fetch_source "${1#source-}" >&2 || exit 1
	echo "$CACHE/$1"
	;;
*)
	die "usage: fetch-kernel.sh stock|source-6.12|source-7.3"
	;;
esac
