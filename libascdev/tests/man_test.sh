#!/bin/bash
# SPDX-License-Identifier: MIT
#
# man_test.sh BUILD: the man pages of the library, and their examples, as a reader sees them;
# prints TAP.

build=$(realpath "$1")
cd "$(dirname "$0")/../.." || exit 1
. selftests/tap.sh
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
make -s man BUILD="$build" > /dev/null
result $? "make man"
pages=$build/man/man3

# what the version script exports and what the header declares
symbols=$(sed -n 's/^\t\(ascdev_[a-z_]*\);/\1/p' libascdev/libascdev.map)
types=$(sed -nE 's/^(struct|enum) (ascdev_\w+) \{.*/\2/p' libascdev/ascdev.h)
missing=
for name in libascdev $symbols $types; do
	[ -s "$pages/$name.3" ] || missing+=" $name"
done
[ -z "$missing" ] || echo "# missing:$missing"
[ -n "$symbols" ] && [ -n "$types" ] && [ -z "$missing" ]
result $? "every function and type has a page"

# Links lead to a page that names the function and has its prototype.
wrong=
for name in $symbols; do
	target=$(sed -n 's/^\.so man3\///p' "$pages/$name.3")
	grep -qE "^\.Nm $name( ,)?$" "$pages/${target:-$name.3}" &&
		grep -qx "\.Fo $name" "$pages/${target:-$name.3}" || wrong+=" $name"
done
[ -z "$wrong" ] || echo "# wrong:$wrong"
[ -z "$wrong" ]
result $? "functions are on the pages that their names lead to"

texts=$(grep -L '^\.so ' "$pages"/*.3)
missing=$(grep -L '^\.Sh THREAD SAFETY' $texts | grep -v /libascdev.3)
for page in $(grep -l '^\.Ft "int"' $texts); do
	grep -q '^\.Sh RETURN VALUES' "$page" || missing+=" $page"
done
for page in $texts; do
	grep -q '^\.Sh SEE ALSO' "$page" || missing+=" $page"
done
[ -z "$missing" ] || echo "# missing:" $missing
[ -z "$missing" ]
result $? "every page has its sections"

# Whoever calls a function that can fail finds the codes: as many as the header has.
[ "$(cat $texts | grep -c '^\.It Er ')" -eq "$(grep -c '^ \* \* -E' libascdev/ascdev.h)" ]
result $? "every error of the header is on a page"

wrong=
for page in $texts; do
	for name in $(sed -nE 's/^\.(Xr|It Xr) (ascdev_\w+|libascdev) 3.*/\2/p' "$page"); do
		[ -s "$pages/$name.3" ] || wrong+=" $name"
	done
done
[ -z "$wrong" ] || echo "# wrong:" $wrong
[ -z "$wrong" ]
result $? "references lead to pages"

groff -mandoc -ww -z $texts > "$dir/groff" 2>&1 && [ ! -s "$dir/groff" ]
result $? "groff has no warnings"
head -n 5 "$dir/groff" | sed 's/^/# /'
# mandoc looks for referenced pages on the machine only
mandoc -T lint $texts 2>&1 | grep -v 'referenced manual not found' > "$dir/mandoc"
[ ! -s "$dir/mandoc" ]
result $? "mandoc has no complaints"
head -n 5 "$dir/mandoc" | sed 's/^/# /'
MANPATH=$build/man man ascdev_errname 2> /dev/null | grep -q '^ERRORS\|THREAD SAFETY'
result $? "man(1) follows a link"

# example PAGE: the program below EXAMPLES
example() {
	mandoc -T ascii -O width=200 "$1" | col -bx |
		sed -n '/^EXAMPLES$/,/^[A-Z]/ { /^[A-Z]/d; s/^     //; p }'
}

count=0
for page in $(grep -l '^\.Sh EXAMPLES' $texts); do
	name=$(basename "$page" .3)
	count=$((count + 1))
	example "$page" > "$dir/$name.c"
	gcc -std=gnu99 -pedantic -Wall -Wextra -Werror -Ilibascdev -o "$dir/$name" "$dir/$name.c" \
		"$build/libascdev.a" $(pkg-config --libs libdrm) -pthread &&
		timeout 60 "$dir/$name" > "$dir/out" 2>&1 && [ -s "$dir/out" ]
	result $? "the example of $name"
done
[ $count -eq $(($(ls libascdev/man/*.c | wc -l) + 1)) ]
result $? "every example is on a page"
finish
