#!/bin/bash
# SPDX-License-Identifier: MIT
#
# run-vm.sh stock|UML_BUILD_DIR COMMAND
#
# Boots a kernel, runs a shell command in it on the machine's own root
# (read-only, /tmp is fresh), and exits with the command's code; with 97 if the
# kernel's log has a warning, 98 if memory leaked, 125 if the guest did not answer.
#
# Environment: VM_TIMEOUT seconds (1800, to end what hangs), VM_MEMORY (1G), VM_CPU of QEMU
# (max), VM_KMEMLEAK=1, VM_CPUS (2, stock only), VM_LOG file for the kernel's log.
# Files that the command leaves in /tmp/job/keep appear in $VM_KEEP.

. "$(dirname "$0")/common.sh"

[ $# -eq 2 ] || die "usage: run-vm.sh stock|UML_BUILD_DIR COMMAND"
kernel=$1

BAD='BUG[: ]|kernel BUG|Call Trace:|WARNING:|Oops|KASAN|UBSAN|INFO: (task|possible|suspicious|trying|rcu)|possible (circular|recursive)|sleeping function|refcount_t|DMA-API: .*(device driver|debugging)|Kernel panic|general protection|inconsistent lock|list_(add|del) corruption|ODEBUG|stack segment|Bad page|page allocation failure|invoked oom-killer'

# without_tlb_reports LOG: where two threads of a process unmap memory at a time, User Mode Linux's
# flush_tlb_mm() looks through its maps without a lock, whoever asked for it, and lockdep says so
without_tlb_reports() {
	awk '
		function tell() {
			if (text !~ /lib\/maple_tree\.c/ || text !~ /\] flush_tlb_mm\+/)
				printf "%s", text
			text = ""
			held = stack = 0
		}
		/WARNING: suspicious RCU usage/ { tell(); held = 1 }
		held {
			text = text $0 "\n"
			if (/stack backtrace:/)
				stack = 1
			if (stack && /\] *$/)
				tell()
			next
		}
		{ print }
		END { tell() }' "$1" > "$1.told" && mv "$1.told" "$1"
}

job=$(mktemp -d "${TMPDIR:-/tmp}/ascdev-vm.XXXXXX") || die "no temporary directory"
guest=
cleanup() {
	[ -n "$guest" ] && kill -KILL -- "-$guest" 2>/dev/null
	rm -rf "$job"
}
trap cleanup EXIT
trap 'exit 130' INT TERM
printf '%s\n' "$2" > "$job/command"
mkdir "$job/keep"
: > "$job/out"
: > "$job/console"
[ -n "${VM_KMEMLEAK-}" ] && : > "$job/want-kmemleak"
# what the guest's own /tmp and /run would hide
printf '%s\n' "$TOP_DIR" "$CACHE" > "$job/directories"

busybox=$(command -v busybox) || die "busybox is missing"

# make_initrd FILE [MODULE...]
make_initrd() {
	local file=$1 dir n=10 m
	shift
	dir=$(mktemp -d "$job/initrd.XXXXXX")
	mkdir -p "$dir/bin" "$dir/modules" "$dir/dev"
	cp "$busybox" "$dir/bin/busybox"
	cp "$VM_DIR/guest-init.sh" "$dir/init"
	chmod 755 "$dir" "$dir/init"
	for m in "$@"; do
		xz -dc "$m" > "$dir/modules/$n-$(basename "$m" .xz)"
		n=$((n + 1))
	done
	( cd "$dir" && find . | cpio -o -H newc --quiet | gzip -1 ) > "$file"
	rm -rf "$dir"
}

boot_stock() {
	local root=$CACHE/stock version modules
	version=$(cat "$root/boot-version")
	modules=$(for m in virtio_pci 9pnet_virtio 9p; do
		/sbin/modprobe -d "$root" -S "$version" --show-depends "$m"
	done | awk '$1 == "insmod" && !seen[$2]++ { print $2 }')
	# shellcheck disable=SC2086
	make_initrd "$job/initrd.gz" $modules
	exec setsid timeout -k 5 "${VM_TIMEOUT:-1800}" qemu-system-x86_64 \
		-accel tcg,thread=multi -cpu "${VM_CPU:-max}" -smp "${VM_CPUS:-2}" -m "${VM_MEMORY:-1G}" \
		-kernel "$root/boot/vmlinuz-$version" -initrd "$job/initrd.gz" \
		-append "console=ttyS0 quiet panic=-1 $VM_APPEND" \
		-display none -monitor none -nic none -no-reboot -serial "file:$job/console" \
		-virtfs local,path=/,mount_tag=root,security_model=none,multidevs=remap,readonly=on \
		-virtfs "local,path=$job,mount_tag=job,security_model=none,multidevs=remap" \
		< /dev/null > "$job/vm.log" 2>&1
}

boot_uml() {
	local scratch=/dev/shm
	# the guest's memory is a file, for which a container's /dev/shm is often too small
	[ "$(df --output=avail -k $scratch 2>/dev/null | tail -n 1)" -gt 2000000 ] 2>/dev/null ||
		scratch=$job
	make_initrd "$job/initrd.gz"
	TMPDIR=$scratch exec setsid timeout -k 5 "${VM_TIMEOUT:-1800}" "$kernel/linux" \
		"mem=${VM_MEMORY:-1G}" "initrd=$job/initrd.gz" root=/dev/ram0 rdinit=/init \
		quiet panic=-1 con=null con0=null,fd:1 console=stderr0 "job=$job" $VM_APPEND \
		< /dev/null > "$job/console" 2>&1
}

VM_APPEND=${VM_APPEND-}
if [ "$kernel" = stock ]; then
	[ -e "$CACHE/stock/boot-version" ] || die "no kernel; run fetch-kernel.sh stock"
	boot=boot_stock
	tries=3
else
	[ -x "$kernel/linux" ] || die "no $kernel/linux; run build-uml.sh"
	boot=boot_uml
	tries=1
fi
# QEMU's TCG with several threads at times runs into an int3 of code that the kernel is patching,
# and it panics.  Where that is before the command, nothing is lost by another try.
while [ ! -e "$job/started" ] && [ "$tries" -gt 0 ]; do
	[ ! -s "$job/console" ] || { echo "== no command was run; the guest boots again" >&2
				     tail -n 60 "$job/console" >&2; }
	$boot &
	guest=$!
	# in the background, so that a signal is handled at once
	tail -n +1 -s 0.2 -f --pid="$guest" "$job/out" 2>/dev/null &
	wait $!
	wait "$guest"
	guest=
	tries=$((tries - 1))
done

[ -n "${VM_LOG-}" ] && cp "$job/dmesg" "$VM_LOG" 2>/dev/null
[ -n "${VM_KEEP-}" ] && cp -r "$job/keep/." "$VM_KEEP"
if [ ! -s "$job/rc" ]; then
	echo "== the guest did not answer; the end of its console:" >&2
	tail -n 60 "$job/console" >&2
	cat "$job/vm.log" >&2 2>/dev/null
	exit 125
fi
rc=$(cat "$job/rc")
[ "$kernel" = stock ] || without_tlb_reports "$job/dmesg"
if grep -nE "$BAD" "$job/dmesg" > "$job/bad"; then
	echo "== the kernel's log has $(wc -l < "$job/bad") bad lines, the first at:" >&2
	# a line that is not known as bad may say what it is about
	first=$(head -n 1 "$job/bad" | cut -d: -f1)
	sed -n "$((first > 3 ? first - 3 : 1)),$((first + 60))p" "$job/dmesg" >&2
	[ "$rc" -eq 0 ] && rc=97
fi
if ! grep -q 'ascdev-vm: command starts' "$job/dmesg"; then
	echo "== the kernel's log does not reach back to the start of the command" >&2
	[ "$rc" -eq 0 ] && rc=97
fi
if [ -n "${VM_KMEMLEAK-}" ] && [ ! -e "$job/kmemleak" ]; then
	echo "== kmemleak did not work" >&2
	[ "$rc" -eq 0 ] && rc=98
fi
if [ -s "$job/kmemleak" ]; then
	echo "== leaked objects:" >&2
	head -n 60 "$job/kmemleak" >&2
	[ "$rc" -eq 0 ] && rc=98
fi
exit "$rc"
