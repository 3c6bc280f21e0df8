#!/bin/bash
# SPDX-License-Identifier: MIT
#
# build-docs.sh OUTPUT: the documentation as HTML in OUTPUT/html, the references from
# kernel-doc by the script of a kernel tree; warnings are errors.

. "$(dirname "$0")/../selftests/vm/common.sh"
output=${1:?usage: build-docs.sh OUTPUT}
"$VM_DIR/install-packages.sh" docs || exit 1
KERNEL_SOURCE=$("$VM_DIR/fetch-kernel.sh" source-6.12) || exit 1

# the directives name files by their places in a kernel tree
rm -rf "$output"
mkdir -p "$output/tree/include/uapi" "$output/tree/drivers/accel" || exit 1
ASCDEV_TREE=$(realpath "$output/tree")
ln -s "$TOP_DIR/uapi/drm" "$ASCDEV_TREE/include/uapi/drm"
ln -s "$TOP_DIR" "$ASCDEV_TREE/drivers/accel/ascdev"

export KERNEL_SOURCE ASCDEV_TREE PYTHONDONTWRITEBYTECODE=1
sphinx-build -q -W --keep-going -b html -c "$TOP_DIR/Documentation" -d "$output/doctrees" \
	"$TOP_DIR/Documentation" "$output/html" || exit 1

# A comment that is not quite kernel-doc is no warning, but missing from the reference.
names=$(sed -nE 's/^(struct|enum) ([a-z_0-9]+) \{.*/\2/p; s/^#define (DRM_[A-Z_0-9]+).*/\1/p' \
	"$TOP_DIR/uapi/drm/ascdev_accel.h")
missing=
for name in $names; do
	grep -q "id=\"c\.$name\"" "$output/html/uapi.html" || missing+=" $name"
done
[ -z "$missing" ] || die "not in the reference:$missing"
