#!/bin/bash
# SPDX-License-Identifier: MIT
#
# fetch-cbmc.sh: puts CBMC and the solver kissat from Debian trixie into the cache,
# once, with the libraries that they want and bookworm has not; prints where they are:
# a directory with cbmc and kissat.  Nothing is installed on the machine.

. "$(dirname "$0")/../../selftests/vm/common.sh"

wrap() { # PROGRAM
	cat > "$dir.tmp/$1" << END
#!/bin/sh
exec $dir/usr/lib64/ld-linux-x86-64.so.2 \\
	--library-path $dir/usr/lib/x86_64-linux-gnu:$dir/usr/lib $dir/usr/bin/$1 "\$@"
END
	chmod +x "$dir.tmp/$1"
}

fetch_cbmc() {
	[ -e "$dir/cbmc" ] && return
	private_apt_update trixie
	rm -rf "$dir.tmp"
	unpack_packages "$dir.tmp" cbmc kissat minisat libc6 libstdc++6 libgcc-s1 zlib1g
	wrap cbmc
	wrap kissat
	rm -rf "$dir"
	mv "$dir.tmp" "$dir"
}

dir=$CACHE/cbmc
with_lock cbmc fetch_cbmc >&2 || exit 1
echo "$dir"
