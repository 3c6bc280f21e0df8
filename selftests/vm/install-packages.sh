#!/bin/bash
# SPDX-License-Identifier: MIT
#
# install-packages.sh GROUP...: installs what is missing from Debian.  Groups:
#   build   library, command, examples, module
#   vm      booting kernels
#   check   all tests, and building kernels
#   bench   what the codecs are compared with, plots, callgrind
#   cross   the codec's tests for other machines
#   coverage  gcovr
#   docs    documentation as HTML
#   prove   Frama-C; prove.sh fetches CBMC

. "$(dirname "$0")/common.sh"

packages=
for group in "$@"; do
	case $group in
	build)
		packages+=" gcc gcc-12 libc6-dev make pkg-config libdrm-dev libpng-dev libjansson-dev"
		packages+=" libzip-dev"
		packages+=" bc libelf-dev kmod xz-utils python3-cffi python3-numpy"
		;;
	vm)
		packages+=" qemu-system-x86 busybox-static cpio kmod xz-utils procps util-linux"
		;;
	check)
		packages+=" g++ bison flex bc libelf-dev libssl-dev perl sparse python3-numpy mypy"
		packages+=" libasan8 libubsan1 libtsan2 abigail-tools diffutils xxd"
		packages+=" groff-base mandoc man-db bsdextrautils valgrind"
		packages+=" clang-19 libclang-rt-19-dev lld-19 llvm-19 dkms rsync"
		packages+=" gcc-i686-linux-gnu libc6-dev-i386-cross ccache"
		;;
	bench)
		packages+=" g++ liblz4-dev libzstd-dev zlib1g-dev libsnappy-dev libblosc-dev libzfp-dev"
		packages+=" libcharls-dev libsquish-dev python3-matplotlib valgrind"
		;;
	cross)
		packages+=" make qemu-user gcc-aarch64-linux-gnu libc6-dev-arm64-cross"
		packages+=" gcc-s390x-linux-gnu libc6-dev-s390x-cross"
		packages+=" gcc-arm-linux-gnueabihf libc6-dev-armhf-cross"
		;;
	coverage)
		packages+=" gcovr"
		;;
	docs)
		packages+=" python3-sphinx python3-yaml perl"
		;;
	prove)
		packages+=" frama-c-base"
		;;
	*)
		die "unknown group of packages: $group"
		;;
	esac
done

missing=
for package in $packages; do
	[ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] ||
		missing+=" $package"
done
[ -z "$missing" ] && exit 0

if [ "$(id -u)" -ne 0 ]; then
	die "missing packages; as root: apt-get install$missing"
fi
say "installing$missing"
export DEBIAN_FRONTEND=noninteractive
# shellcheck disable=SC2086
apt-get install -qq -y --no-install-recommends $missing > "$CACHE/apt-install.log" 2>&1 && exit 0
# an old or empty package list is the usual reason
apt-get update -qq > "$CACHE/apt-install.log" 2>&1
# shellcheck disable=SC2086
apt-get install -qq -y --no-install-recommends $missing >> "$CACHE/apt-install.log" 2>&1 && exit 0
tail -n 20 "$CACHE/apt-install.log" >&2
for package in $missing; do
	apt-get install -qq -y --no-install-recommends "$package" > /dev/null 2>&1 ||
		echo "error: package $package cannot be installed" >&2
done
exit 1
