#!/bin/bash
# SPDX-License-Identifier: MIT
#
# sleep_test.sh PROGRAM MODULE: boots Debian's kernel in QEMU and has the system suspended
# by a test; prints its TAP.  All files are in the initramfs, as 9p over virtio, by which
# guests otherwise see the machine's root, has no resume.

. "$(dirname "$0")/common.sh"

[ $# -eq 2 ] || die "usage: sleep_test.sh PROGRAM MODULE"
program=$1 module=$2
root=$CACHE/stock
version=$(cat "$root/boot-version") || die "no kernel; run fetch-kernel.sh stock"

job=$(mktemp -d "${TMPDIR:-/tmp}/ascdev-sleep.XXXXXX") || die "no temporary directory"
trap 'rm -rf "$job"' EXIT
dir=$job/initrd
mkdir -p "$dir/bin" "$dir/modules" "$dir/dev" "$dir/proc" "$dir/sys" "$dir/tmp"
cp "$(command -v busybox)" "$dir/bin/busybox"
cp "$program" "$dir/bin/selftest"
ldd "$program" | grep -o '/[^ ]*' | while read -r library; do
	mkdir -p "$dir/$(dirname "$library")"
	cp -L "$library" "$dir/$library"
done
for m in configfs drm_exec gpu-sched drm_shmem_helper vgem; do
	/sbin/modprobe -d "$root" -S "$version" --show-depends "$m"
done | awk '$1 == "insmod" && !seen[$2]++ { print $2 }' > "$job/needed"
n=10
while read -r m; do
	xz -dc "$m" > "$dir/modules/$n-$(basename "$m" .xz)"
	n=$((n + 1))
done < "$job/needed"
cp "$module" "$dir/modules/ascdev.ko"
cat > "$dir/init" <<'END'
#!/bin/busybox sh
/bin/busybox --install -s /bin
export PATH=/bin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
mount -t debugfs debugfs /sys/kernel/debug
mount -t tmpfs tmpfs /tmp
echo '# the test starts'
for m in /modules/*.ko; do
	insmod "$m"
done
selftest > /tmp/out 2>&1
echo "rc $?" >> /tmp/out
rmmod ascdev || echo 'not ok 0 rmmod' >> /tmp/out
dmesg | grep -E 'BUG[: ]|Call Trace:|WARNING:|Oops|general protection' >> /tmp/out
dmesg -n 1
stty -F /dev/ttyS0 -onlcr
echo
cat /tmp/out
poweroff -f
END
chmod 755 "$dir/init"
( cd "$dir" && find . | cpio -o -H newc --quiet | gzip -1 ) > "$job/initrd.gz"

# as run-vm.sh does where QEMU lets a guest panic on its way to the test
for _ in 1 2 3; do
	timeout -k 5 "${VM_TIMEOUT:-1800}" qemu-system-x86_64 \
		-accel tcg,thread=multi -cpu max -smp "${VM_CPUS:-2}" -m 1G \
		-kernel "$root/boot/vmlinuz-$version" -initrd "$job/initrd.gz" \
		-append 'console=ttyS0 quiet panic=-1' \
		-display none -monitor none -nic none -no-reboot -serial "file:$job/console" < /dev/null
	grep -q "the test starts" "$job/console" && break
done
cat "$job/console"
grep -q '^rc 0' "$job/console" &&
	! grep -qE '^not ok|BUG[: ]|Call Trace:|WARNING:|Oops|general protection' "$job/console"
