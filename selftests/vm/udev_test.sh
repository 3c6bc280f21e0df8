#!/bin/bash
# SPDX-License-Identifier: MIT
#
# udev_test.sh UDEVADM: in a guest with the module loaded, from the top of the tree: what
# driver/60-ascdev.rules does, and what the example in it would do; prints TAP.

. selftests/tap.sh
device=/sys/devices/platform/ascdev.0
rules=/run/udev/rules.d
node=/dev/accel/$(basename $device/accel/accel*)

# event ACTION DEVICE: as if the kernel had announced it
event() {
	"$1" test --action="$2" "$3" > /tmp/udev.log 2>&1
	! grep -E '60-ascdev|61-ascdev' /tmp/udev.log |
		grep -iE 'invalid|unknown|ignor|fail|error'
}

# the machine may have no such group
sed '/^render:/d' /etc/group > /tmp/group
echo 'render:x:4711:' >> /tmp/group
mount --bind /tmp/group /etc/group

mkdir -p $rules
cp driver/60-ascdev.rules $rules/
sed -n 's/^#ACTION/ACTION/p' driver/60-ascdev.rules > $rules/61-ascdev.rules
chown 0:0 $node
chmod 600 $node

event "$1" add $device/accel/accel*
result $? "udev reads the rules"
[ "$(stat -c '%G %a' $node)" = "render 660" ]
result $? "the node is group render's"
codec=$(cat $device/defaults/codec) bpe=$(cat $device/defaults/target_bpe)
event "$1" bind $device
result $? "udev reads the example"
[ "$(cat $device/defaults/codec) $(cat $device/defaults/target_bpe)" = "asc-vbr 4.5" ]
result $? "the example sets defaults"
echo "$bpe" > $device/defaults/target_bpe
echo "$codec" > $device/defaults/codec

umount /etc/group
rm -r /run/udev
finish
