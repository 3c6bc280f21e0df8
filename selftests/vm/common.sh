# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# Sourced by the scripts of this directory: the cache, messages, and packages
# of Debian suites that the machine itself is not set up with.

set -u

# as in tap.sh; and what is built here is built as it says
export LC_ALL=C.UTF-8 HOME=${HOME:-~}
umask 022
unset LANGUAGE CDPATH NO_COLOR MAKEFLAGS MFLAGS MAKELEVEL

VM_DIR=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
TOP_DIR=$(cd "$VM_DIR/../.." && pwd)
CACHE=${ASCDEV_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/ascdev}
mkdir -p "$CACHE"

die() { echo "error: $*" >&2; exit 1; }
say() { echo "== $*" >&2; }

# with_lock NAME COMMAND...: one process at a time fills a part of the cache
with_lock() {
	local lock=$CACHE/$1.lock
	shift
	( flock 9 && "$@" ) 9> "$lock"
}

# The base address of the mirror that this machine takes Debian from.
debian_mirror() {
	apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' \
		'Created-By: Packages' 2>/dev/null |
		awk '$2 ~ /^(bookworm|trixie|stable|oldstable)$/ && $3 == "main" { print $1; exit }'
}

# apt with a source list, package lists and archives of its own, so that
# neither root nor a change to the machine's configuration is needed.
private_apt() {
	local tool=$1
	shift
	"$tool" -q \
		-o Dir::Etc::SourceList="$CACHE/apt/backports.list" \
		-o Dir::Etc::SourceParts=/dev/null \
		-o Dir::Etc::Preferences=/dev/null \
		-o Dir::Etc::PreferencesParts=/dev/null \
		-o Dir::State="$CACHE/apt/state" \
		-o Dir::State::status="$CACHE/apt/status" \
		-o Dir::Cache="$CACHE/apt/cache" \
		-o APT::Sandbox::User=root \
		-o APT::Architecture=amd64 \
		"$@"
}

# private_apt_update SUITE...
private_apt_update() {
	local mirror keyring=/usr/share/keyrings/debian-archive-keyring.gpg opt=

	mirror=$(debian_mirror)
	[ -n "$mirror" ] || die "no Debian mirror in this machine's apt configuration"
	mkdir -p "$CACHE/apt/state/lists/partial" "$CACHE/apt/cache/archives/partial"
	: > "$CACHE/apt/status"
	[ -e "$keyring" ] && opt="signed-by=$keyring"
	for suite in "$@"; do
		echo "deb [arch=amd64 $opt] $mirror $suite main"
	done > "$CACHE/apt/backports.list"
	private_apt apt-get update >&2 || die "apt-get update failed for $mirror"
}

# newest_package REGEX: the highest package name that matches
newest_package() {
	private_apt apt-cache --names-only search "$1" | awk '{ print $1 }' | sort -V | tail -n 1
}

# unpack_packages DIR PACKAGE...: downloads and unpacks, installs nothing
unpack_packages() {
	local dir=$1 tmp
	shift
	tmp=$(mktemp -d "$CACHE/unpack.XXXXXX")
	( cd "$tmp" && private_apt apt-get download "$@" >&2 ) ||
		{ rm -rf "$tmp"; die "cannot download: $*"; }
	mkdir -p "$dir"
	for deb in "$tmp"/*.deb; do
		dpkg-deb -x "$deb" "$dir" || { rm -rf "$tmp"; die "cannot unpack $deb"; }
	done
	rm -rf "$tmp"
}
