#!/bin/bash
# SPDX-License-Identifier: MIT
#
# guest-demo.sh BUILD_DIR MODULE [NEEDED_MODULE...]: in a guest, from the top of
# the tree: load the module and run the demo on the device.

build=$1 module=$2
shift 2
. "$(dirname "$0")/guest-load.sh"

load_module "$module" "$@" || exit 1
echo "Linux $(uname -r), $(ls /dev/accel/accel*)"
for photo in coffee chelsea; do
	echo
	"$build/superres" --backend hw -w examples/superres/weights.bin \
		-o "/tmp/job/keep/$photo.png" "examples/superres/$photo.png" || exit 1
done
echo
"$build/asc" stat
rmmod ascdev
