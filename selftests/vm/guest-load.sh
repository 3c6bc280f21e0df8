# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# Sourced in a guest.

# load_module MODULE [NEEDED_MODULE...]: needed ones are paths, or names for modprobe
load_module() {
	local module=$1 needed
	shift
	for needed in "$@"; do
		case $needed in
		/*) insmod "$needed" ;;
		*) modprobe -d "$STOCK" "$needed" ;;
		esac || return 1
	done
	insmod "$module"
}
