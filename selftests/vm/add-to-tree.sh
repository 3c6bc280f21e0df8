#!/bin/bash
# SPDX-License-Identifier: MIT
#
# add-to-tree.sh KERNEL_SOURCE: makes the driver, its uapi header, its tests and
# its documentation a part of a kernel tree.  A second time it brings what is
# there up to date.
#
# Environment: MAINTAINER, "Name <address>" for the entry in MAINTAINERS.

. "$(dirname "$0")/common.sh"
tree=$(realpath "${1-}")
cd "$TOP_DIR" || exit 1
[ -e "$tree/drivers/accel/Kconfig" ] || die "usage: add-to-tree.sh KERNEL_SOURCE (6.12 or newer)"

driver=$tree/drivers/accel/ascdev
tests=$tree/tools/testing/selftests/drivers/accel/ascdev
docs=$tree/Documentation/accel/ascdev

# put DIRECTORY FILE...: copies that are no links
put() {
	install -D -m 644 -t "$@" || exit 1
}

# add_before FILE CONDITION TEXT: before the first line of which awk says that it is
# so, unless the text's first line is there
add_before() {
	local title=${3%%$'\n'*}

	grep -qxF "$title" "$1" && return
	text=$3 LC_ALL=C awk '!done && '"$2"' { print ENVIRON["text"]; done = 1 }
		{ after_blank = !NF; print }
		END { exit !done }' "$1" > "$1.new" || die "$1: no place for $title"
	mv "$1.new" "$1"
}

rm -rf "$driver" "$tests" "$docs"

put "$driver" Kconfig
install -m 644 Kbuild "$driver/Makefile" || exit 1
put "$driver/codec" codec/*.[ch]
put "$driver/codec/tests" codec/tests/golden.h codec/tests/golden_codecs.inc
put "$driver/driver" driver/*.[ch]
put "$driver/driver/tests" driver/tests/*.[ch] driver/tests/.kunitconfig
put "$tree/include/uapi/drm" uapi/drm/ascdev_accel.h
put "$tests" selftests/*.[ch] selftests/{Makefile,config,settings,.gitignore}
put "$docs" Documentation/*.rst
put "$docs/images" Documentation/images/*
put "$tree/Documentation/ABI/testing" Documentation/ABI/testing/*

add_before "$tree/drivers/accel/Kconfig" '/^source .*accel\/(ethosu|habanalabs)\//' \
	'source "drivers/accel/ascdev/Kconfig"'
add_before "$tree/drivers/accel/Makefile" '/= (ethosu|habanalabs)\/$/' \
	$'obj-$(CONFIG_DRM_ACCEL_ASCDEV)\t\t+= ascdev/'
add_before "$tree/tools/testing/selftests/Makefile" '/^TARGETS \+= drivers\/dma-buf$/' \
	'TARGETS += drivers/accel/ascdev'
add_before "$tree/Documentation/accel/index.rst" '/^   qaic\/index$/' '   ascdev/index'

maintainers_entry() {
	echo 'ASCDEV FEATURE-MAP CODEC DRIVER'
	[ -z "${MAINTAINER-}" ] || printf 'M:\t%s\n' "$MAINTAINER"
	printf '%s:\t%s\n' \
		L dri-devel@lists.freedesktop.org \
		S Maintained \
		T 'git https://gitlab.freedesktop.org/drm/misc/kernel.git' \
		F Documentation/ABI/testing/configfs-ascdev \
		F Documentation/ABI/testing/debugfs-driver-ascdev \
		F Documentation/ABI/testing/sysfs-driver-ascdev \
		F Documentation/accel/ascdev/ \
		F drivers/accel/ascdev/ \
		F include/uapi/drm/ascdev_accel.h \
		F tools/testing/selftests/drivers/accel/ascdev/
}

# titles are in order, but not all of them
add_before "$tree/MAINTAINERS" 'after_blank && /^AS/ && $0 > "ASCDEV"' \
	"$(maintainers_entry)"$'\n'
