# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# Sourced by scripts that run suites of tests: each suite's TAP goes to a file in the
# directory $logs, what failed to the screen, at once and, in short, again at the end.  The seconds
# that each took, and those of a CPU, are in $logs/times.

start_suites() {
	rm -rf "$logs"
	mkdir -p "$logs"
	# of lanes side by side none may have the terminal
	exec < /dev/null
}

# timed NAME FILE COMMAND...: with what it says in the file
timed() {
	local name=$1 file=$2 rc wall user system TIMEFORMAT='%0R %0U %0S'
	shift 2
	{ time "$@" > "$file" 2>&1; } 2> "$file.time"
	rc=$?
	read -r wall user system < "$file.time"
	rm "$file.time"
	echo "$wall $((user + system)) $name" >> "$logs/times"
	return $rc
}

# suite NAME COMMAND...
suite() {
	local name=$1 rc
	shift
	say "$name"
	timed "$name" "$logs/$name.tap" "$@"
	rc=$?
	if [ $rc -ne 0 ] && ! grep -q '^not ok' "$logs/$name.tap"; then
		echo "not ok 0 $name ended with $rc" >> "$logs/$name.tap"
	elif ! grep -qE '^(not )?ok' "$logs/$name.tap"; then
		echo "not ok 0 $name has run no test" >> "$logs/$name.tap"
		rc=1
	fi
	[ $rc -eq 0 ] || grep -vE '^(ok|# +(OK|RUN))' "$logs/$name.tap" | tail -n 80 |
		sed "s/^/$name: /"
}

# said TAP_FILE: each failure of a suite, and some of what was said about it before and behind
said() {
	awk -v suite="$(basename "$1" .tap)" '
		{ $0 = substr($0, 1, 160) }
		/^ok / { n = more = 0; next }
		/^(1\.\.|TAP version|# *(RUN|OK|FAIL|SKIP|Starting|Totals|PASSED|FAILED):? )/ { next }
		/^not ok / {
			print suite ": " $0
			for (i = 0; i < n; i++)
				if (i < 6 || i >= n - 3)
					print "    " text[i]
			n = 0
			more = 2
			next
		}
		more > 0 { print "    " $0; more--; next }
		{ text[n++] = $0 }' "$1"
	case $1 in
	*/commands.tap)
		sed -n 's/^not ok 0 //p' "$1" | while read -r name; do
			echo "$name:"
			{ grep -iE -m 5 'error|warning' "$logs/$name.log" || tail -n 5 "$logs/$name.log"; } |
				cut -c1-160 | sed 's/^/    /'
		done ;;
	esac
}

# at_most LINES: of standard input, and how many more there are
at_most() {
	awk -v most="$1" 'NR <= most; END { if (NR > most) print "    ... and " NR - most " lines more" }'
}

# sum_up [TEXT]: what failed, in few lines, as logs are cut, but all that is needed; the last
# line, with TEXT in front; fails if a test did, or none was run
sum_up() {
	local failed skipped passed tap

	cat "$logs"/*.tap > "$logs/all"
	failed=$(grep -c '^not ok' "$logs/all")
	skipped=$(grep -c '^ok.*# SKIP' "$logs/all")
	passed=$(($(grep -c '^ok' "$logs/all") - skipped))
	if [ "$failed" -ne 0 ]; then
		say "failures, by suites; all of it is in $logs"
		for tap in "$logs"/*.tap; do said "$tap" | at_most 11; done | at_most 24
		say "failed tests"
		for tap in "$logs"/*.tap; do
			sed -n "s/^not ok/$(basename "$tap" .tap): &/p" "$tap" | cut -c1-160 | at_most 3
		done | at_most 14
	fi
	echo "${1-}$passed passed, $failed failed, $skipped skipped"
	[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
}
