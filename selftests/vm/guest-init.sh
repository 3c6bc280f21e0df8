#!/bin/busybox sh
# SPDX-License-Identifier: MIT
#
# init of both guests.  The machine's own root is mounted read-only and the
# command runs in it; /job is a directory of the host's for this run.

/bin/busybox mkdir -p /bin /proc /sys /dev /root /machine /job
/bin/busybox --install -s /bin
export PATH=/bin:/usr/sbin:/usr/bin:/sbin HOME=/tmp
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
for m in /modules/*.ko; do
	[ -e "$m" ] && insmod "$m"
done
for word in $(cat /proc/cmdline); do
	case $word in
	job=*) job=${word#*=} ;;
	esac
done

if [ -n "$job" ]; then
	mount -t hostfs -o / none /machine
	mount -o remount,ro /machine
	mount -t hostfs -o "$job" none /job
else
	# 9p reads directories into a buffer of that size, in one piece: one of more than
	# 32 KiB is not always to be had, and the kernel's log tells of it
	opts=trans=virtio,version=9p2000.L,msize=32768
	mount -t 9p -o $opts,cache=loose,ro root /machine
	mount -t 9p -o $opts,cache=none job /job
fi

mount --bind /machine /root
mkdir -p /dev/pts /dev/shm
mount -t devpts devpts /dev/pts
mount -t tmpfs tmpfs /dev/shm
ln -sfn /proc/self/fd /dev/fd
ln -sfn /proc/self/fd/1 /dev/stdout
mount -t debugfs debugfs /sys/kernel/debug
mount -t tmpfs tmpfs /root/tmp
chmod 1777 /root/tmp /dev/shm
mount -t tmpfs tmpfs /root/run
while read -r directory; do
	case $directory in
	/tmp/* | /run/*)
		mkdir -p "/root$directory"
		mount --bind "/machine$directory" "/root$directory"
		;;
	esac
done < /job/directories
mkdir /root/tmp/job
mount --bind /job /root/tmp/job
for d in proc sys dev; do
	mount --rbind /$d /root/$d
done

echo 'ascdev-vm: command starts' > /dev/kmsg
: > /job/started
chroot /root /bin/bash /tmp/job/command > /job/out 2>&1
rc=$?
if [ -e /job/want-kmemleak ] && [ -e /sys/kernel/debug/kmemleak ]; then
	# an object is reported by the first scan in which it is old enough
	sleep 6
	echo scan > /sys/kernel/debug/kmemleak &&
		echo scan > /sys/kernel/debug/kmemleak &&
		cat /sys/kernel/debug/kmemleak > /job/kmemleak
fi
dmesg | sed -n '/ascdev-vm: command starts/,$p' > /job/dmesg
echo $rc > /job/rc
sync
poweroff -f
