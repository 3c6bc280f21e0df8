#!/bin/bash
# SPDX-License-Identifier: MIT
#
# install_test.sh: installs into a directory and builds programs against it, as
# somebody outside would; prints TAP.

cd "$(dirname "$0")/../.." || exit 1
. selftests/tap.sh
# not where others say: neither make nor pkg-config takes a name with a space
dir=$(mktemp -d "$PWD/build/install.XXXXXX") || exit 1
trap 'rm -rf "$dir"' EXIT
make -s install DESTDIR="$dir" PREFIX=/usr
result $? "make install"
lib=$dir/usr/lib
export PKG_CONFIG_PATH=$lib/pkgconfig:$PKG_CONFIG_PATH PKG_CONFIG_SYSROOT_DIR=$dir
flags=$(pkg-config --cflags --libs libascdev)
result $? "pkg-config"

# the header, alone
for std in c99 c11 c17; do
	echo '#include <ascdev.h>' |
		gcc -std=$std -pedantic -Wall -Wextra -Werror -I"$dir/usr/include" -fsyntax-only -xc -
	result $? "header as $std"
done
for std in c++11 c++17 c++20; do
	echo '#include <ascdev.h>' |
		g++ -std=$std -pedantic -Wall -Wextra -Werror -I"$dir/usr/include" -fsyntax-only -xc++ -
	result $? "header as $std"
done

# the macros that initialise, with every warning
macros=$(grep -o 'ASCDEV_[A-Z_]*_INIT ' libascdev/ascdev.h | sort -u)
for language in 'c -std=c99' 'c++ -std=c++17'; do
	{
		echo '#include <ascdev.h>'
		for macro in $macros; do
			type=$(sed 's/_INIT$//' <<< "$macro" | tr 'A-Z' 'a-z')
			echo "struct $type make_$type(void);"
			echo "struct $type make_$type(void) { struct $type x = $macro; return x; }"
		done
	} > "$dir/macros"
	# shellcheck disable=SC2086
	gcc -x$language -pedantic -Wall -Wextra -Werror -I"$dir/usr/include" -fsyntax-only \
		"$dir/macros"
	result $? "the macros in $language"
done

# programs: C against the shared library, C++, and C against the static one
# shellcheck disable=SC2086
gcc -o "$dir/c" examples/minimal.c $flags && LD_LIBRARY_PATH=$lib "$dir/c" > "$dir/c.out"
result $? "a C program"
# the README shows this program and its output, on its software backend
body=$(sed 1d examples/minimal.c)
[[ "$(sed 's/^    //' README.rst)" == *"$body"* ]] &&
	{ [ -e /dev/accel ] || grep -qxF "    $(cat "$dir/c.out")" README.rst; }
result $? "the README's example"
{ echo '#include <cstdio>'; echo '#include <ascdev.h>';
  echo 'int main() { std::puts(ascdev_version_string()); }'; } > "$dir/cpp.cc"
# shellcheck disable=SC2086
g++ -std=c++17 -o "$dir/cpp" "$dir/cpp.cc" $flags &&
	[ "$(LD_LIBRARY_PATH=$lib "$dir/cpp")" = "$(pkg-config --modversion libascdev)" ]
result $? "a C++ program, and the version"
# shellcheck disable=SC2046
gcc -o "$dir/static" examples/minimal.c -I"$dir/usr/include" "$lib/libascdev.a" \
	$(PKG_CONFIG_SYSROOT_DIR='' pkg-config --libs libdrm) -pthread &&
	"$dir/static" | cmp - "$dir/c.out"
result $? "a C program with the static library"

# symbols: what the header declares is what the library has
grep -ohE '\bascdev_[a-z_]+\(' libascdev/ascdev.h | tr -d '(' | sort -u > "$dir/declared"
nm -D --defined-only "$lib/libascdev.so" | awk '$2 ~ /[TDBR]/ { sub("@.*", "", $3); print $3 }' |
	sort -u > "$dir/exported"
diff "$dir/declared" "$dir/exported"
result $? "exported symbols are those of the header"
nm -D "$lib/libascdev.so" | grep -qF '@@ASCDEV_0.1'
result $? "symbols carry a version"
objdump -p "$lib/libascdev.so" | grep -q 'SONAME *libascdev.so.0$'
result $? "soname"
# no writable data: nothing global
[ "$(size -A "$lib/libascdev.so" | awk '$1 == ".data" || $1 == ".bss" { n += $2 } END { print n + 0 }')" -le 16 ]
result $? "no global state"
! nm -D --undefined-only "$lib/libascdev.so" | grep -wE 'printf|puts|fprintf|perror|stderr|stdout|exit|abort'
result $? "nothing that prints or exits"
"$dir/usr/bin/asc" --version > /dev/null
result $? "the installed command runs"
[ -s "$dir/usr/share/man/man1/asc.1" ] &&
	cmp -s tools/asc.bash "$dir/usr/share/bash-completion/completions/asc"
result $? "man page and completion of the command"
[ -s "$dir/usr/share/man/man3/libascdev.3" ] &&
	grep -qx '\.so man3/ascdev_open\.3' "$dir/usr/share/man/man3/ascdev_close.3"
result $? "man pages of the library"
finish
