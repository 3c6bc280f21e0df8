#!/bin/bash
# SPDX-License-Identifier: MIT
#
# stat_test.sh ASC: asc stat on machines that are directories; prints TAP.

set -u
asc=$(realpath "$1")
. "$(dirname "$0")/../../selftests/tap.sh"
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
chmod 755 "$dir"
cd "$dir" || exit 1

# run EXPECTED_CODE ARGUMENT...: of asc stat; output is in out and err
run() {
	local expected=$1 code
	shift
	"$asc" stat "$@" > out 2> err < /dev/null
	code=$?
	[ $code -eq "$expected" ] && return 0
	echo "# asc stat $*: exit code $code, not $expected: $(cat err)"
	return 1
}

# fails NAME CODE TEXT ARGUMENT...: one line on stderr that holds TEXT, nothing on stdout
fails() {
	local name=$1 code=$2 text=$3 ok=0
	shift 3
	run "$code" "$@" || ok=1
	[ "$(wc -l < err)" -eq 1 ] && grep -qF -- "$text" err && [ ! -s out ] || {
		echo "# said: $(head -c 300 err)"
		ok=1
	}
	result $ok "$name"
}

# golden NAME FILE: standard output is what follows
golden() {
	diff - out | sed 's/^/# /'
	result "${PIPESTATUS[0]}" "$1"
}

# counters DIR VALUES: in the order of these names
names=(jobs_submitted jobs_completed jobs_failed jobs_cancelled hangs compress_jobs
	compress_bytes_in compress_bytes_out decompress_jobs decompress_bytes_in
	decompress_bytes_out busy_ns cycles)
counters() {
	local values i
	read -ra values <<< "$2"
	mkdir -p "$1"
	for i in "${!names[@]}"; do echo "${values[i]}" > "$1/${names[i]}"; done
}

# device ROOT N ENGINES
device() {
	local class=$1/sys/class/accel/accel$2/device
	mkdir -p "$class" "$1/dev/accel"
	ln -s ../../../../bus/platform/drivers/ascdev "$class/driver"
	echo "$3" > "$class/engines"
	ln -s stats.0 "$class/stats"
}

# client ROOT PID COMMAND FD ACCEL ID BUSY_NS TOTAL: an open file
client() {
	local process=$1/proc/$2
	mkdir -p "$process/fdinfo" "$process/fd"
	echo "$3" > "$process/comm"
	ln -sfn "/dev/accel/$5" "$process/fd/$4"
	cat > "$process/fdinfo/.$4" << END
pos:	0
flags:	02100002
mnt_id:	26
drm-driver:	ascdev
drm-client-id:	$6
drm-engine-codec:	$7 ns
drm-cycles-codec:	393512
drm-maxfreq-codec:	800000 KHz
drm-engine-capacity-codec:	2
drm-total-memory:	$8
drm-shared-memory:	0
drm-active-memory:	0
drm-resident-memory:	4100 KiB
drm-purgeable-memory:	0
ascdev-pinned:	2052 KiB
END
	mv "$process/fdinfo/.$4" "$process/fdinfo/$4"
}

device m 0 2
class=m/sys/class/accel/accel0/device
counters $class/stats.0 "100 90 3 2 1 50 8000000 4000000 40 2000000 4000000 1500000000 777"

run 0 --root m && golden "totals" << 'END'
m/dev/accel/accel0: 2 engines, since it was bound
jobs        100 submitted, 90 completed, 3 failed, 2 cancelled, 5 queued
compress    50 jobs, 8.000 MB in, 4.000 MB out, ratio 2.000
decompress  40 jobs, 2.000 MB in, 4.000 MB out
engines     1.500 s of work, 777 cycles, 1 hangs
END
run 0 --root m -j && golden "totals in JSON" << 'END'
{
  "node": "m/dev/accel/accel0",
  "seconds": null,
  "engines": 2,
  "queued": 5,
  "busy": null,
  "ratio": 2.0,
  "jobs_submitted": 100,
  "jobs_completed": 90,
  "jobs_failed": 3,
  "jobs_cancelled": 2,
  "hangs": 1,
  "compress_jobs": 50,
  "compress_bytes_in": 8000000,
  "compress_bytes_out": 4000000,
  "decompress_jobs": 40,
  "decompress_bytes_in": 2000000,
  "decompress_bytes_out": 4000000,
  "busy_ns": 1500000000,
  "cycles": 777
}
END
run 0 --root m 0.01 2 && [ ! -s err ] && golden "nothing happens" << 'END'
--------- jobs/s --------- ---- compress MB/s ---- decompress MB/s --- engines ---
submitted     done  failed       in      out  ratio      in      out queued  busy%
      0.0      0.0     0.0      0.0      0.0      -     0.0      0.0      5    0.0
      0.0      0.0     0.0      0.0      0.0      -     0.0      0.0      5    0.0
END

# Something happens: once a first answer is there, all counters change at a time.  The answers
# are read until it shows.
counters $class/stats.1 "140 120 4 2 1 70 12000000 5000000 50 3000000 7000000 1900000000 900"
exec 3< <(exec "$asc" stat --root m -j 0.05)
watcher=$!
answer() { # the next object, in out
	local line
	: > out
	while IFS= read -r line <&3; do
		echo "$line" >> out
		[ "$line" = "}" ] && return 0
	done
	return 1
}
answer && ln -s stats.1 $class/stats.new && mv -T $class/stats.new $class/stats
for ((i = 0; i < 200; i++)); do
	answer && grep -q '"jobs_submitted": 0,' out || break
done
kill $watcher 2> /dev/null
exec 3<&-
number() {
	sed -n "s/^ *\"$1\": \([-0-9.e]*\),*$/\1/p" out
}
[ "$(number jobs_submitted) $(number jobs_completed) $(number jobs_failed) $(number queued)" = "40 30 1 14" ] &&
	[ "$(number compress_bytes_in) $(number decompress_bytes_out)" = "4000000 3000000" ] &&
	[ "$(number ratio)" = 4.0 ] &&
	awk "BEGIN { b = $(number busy) * $(number seconds) * 2; exit !(b > 0.3999 && b < 0.4001) }"
result $? "what happened meanwhile"

# A device that goes away
"$asc" stat --root m 0.02 > watched 2> err < /dev/null &
watcher=$!
for ((i = 0; i < 5000; i++)); do
	[ -s watched ] && break
	sleep 0.02
done
mv $class gone
wait $watcher
[ $? -eq 3 ] && grep -q 'm/dev/accel/accel0: the device is gone' err
result $? "a device that goes away"
mv gone $class
mkfifo unread
exec 3<> unread 4> unread 3<&-
"$asc" stat --root m 0.01 >&4 2> err
[ $? -eq 5 ] && [ ! -s err ]
result $? "a reader that goes away"
exec 4>&-
"$asc" stat --root m 0.01 > /dev/full 2> err
[ $? -eq 5 ] && [ "$(cat err)" = "asc: standard output: No space left on device" ]
result $? "standard output is full"

# which device
device m 1 1
counters m/sys/class/accel/accel1/device/stats.0 "1 1 0 0 0 0 0 0 0 0 0 0 0"
run 0 --root m --device m/dev/accel/accel1 && grep -q '^m/dev/accel/accel1: 1 engine, ' out &&
	grep -q 'ratio     -$' out
result $? "--device"
fails "a device that is not there" 3 "m/dev/accel/accel7: no such device node" \
	--root m --device m/dev/accel/accel7
mkdir -p none/sys/class none/dev
fails "no device" 3 "no codec device, and the module ascdev is not loaded" --root none
fails "no device, and clients" 3 "no codec device" --root none --clients
mkdir -p bare/sys/class/accel/accel0/device bare/dev/accel
ln -s ../../../../bus/platform/drivers/ascdev bare/sys/class/accel/accel0/device/driver
fails "a device without statistics" 3 "bare/dev/accel/accel0" --root bare
mv $class/stats.0/cycles .
rm -f $class/stats && ln -s stats.0 $class/stats
fails "a driver that does not count everything" 3 "statistics are missing in m/sys/class" --root m
mv cycles $class/stats.0

# clients
mkdir -p m/proc/self m/proc/12/fdinfo m/proc/77
echo 'drm-driver:	i915' > m/proc/12/fdinfo/3
printf 'pos:\t0\nno colon here\n' > m/proc/12/fdinfo/4
client m 4321 runtime 5 accel0 4 1073020416 "8200 KiB"
client m 4322 child 5 accel0 4 1073020416 "8200 KiB"	# inherited
client m 99 $'a\033b name' 7 accel1 9 2000000000 "3 MiB"
# processes come in the order of the directory; one of the two has the file
run 0 --root m --clients && sed -i 's/    432[12]/    4321/; s/child/runtime/' out &&
	golden "clients" << 'END'
  client      pid device    busy%  engine s  total MiB  resident    pinned command
       4     4321 accel0        -     1.073       8.01      4.00      2.00 runtime
       9       99 accel1        -     2.000       3.00      4.00      2.00 a?b name
END
rm -r m/proc/4322
run 0 --root m --clients -j --device m/dev/accel/accel0 && golden "clients of a device, in JSON" << 'END'
{
  "seconds": null,
  "clients": [
    {
      "id": 4,
      "pid": 4321,
      "command": "runtime",
      "device": "accel0",
      "busy": null,
      "engine_ns": 1073020416,
      "cycles": 393512,
      "total_bytes": 8396800,
      "resident_bytes": 4198400,
      "pinned_bytes": 2101248
    }
  ],
  "hidden_processes": 0
}
END
exec 3< <(exec "$asc" stat --root m --clients -j 0.05)
watcher=$!
# all of it, but for the time, is as before
answer && sed 's/2000000000/2300000000/' m/proc/99/fdinfo/7 > later && mv later m/proc/99/fdinfo/7
for ((i = 0; i < 200; i++)); do
	answer && ! grep -q '"engine_ns": 2300000000' out || break
done
kill $watcher 2> /dev/null
exec 3<&-
# the busiest first, whose engines are two
[ "$(number id | head -n 1)" = 9 ] && [ "$(number busy | tail -n 1)" = 0.0 ] &&
	awk "BEGIN { b = $(number busy | head -n 1) * $(number seconds) * 2
		exit !(b > 0.2999 && b < 0.3001) }"
result $? "how busy the clients keep the engines"
run 0 --root m --clients 0.01 2 && [ "$(grep -c '^  client' out)" -eq 2 ] &&
	[ "$(grep -c '^$' out)" -eq 1 ] && [ "$(grep -c ' 0\.0  ' out)" -eq 4 ]
result $? "clients twice"
# A process of somebody else: nothing is known of its files but that they are not.
nobody=()
[ "$(id -u)" -ne 0 ] || nobody=(setpriv --reuid=65534 --regid=65534 --clear-groups)
if "${nobody[@]}" test -x "$asc" -a -x "$dir" 2> /dev/null; then
	chmod 000 m/proc/99/fdinfo
	"${nobody[@]}" "$asc" stat --root m --clients -v > out 2> err && ! grep -q other out &&
		grep -q ' runtime$' out && grep -q '1 process could' err
	result $? "a process that cannot be read is told of"
	"${nobody[@]}" "$asc" stat --root m --clients -q > out 2> err && [ ! -s err ]
	result $? "and not with -q"
	"${nobody[@]}" "$asc" stat --root m --clients -j > out 2> err &&
		[ "$(number hidden_processes) $(number id)" = "1 4" ]
	result $? "and in JSON"
	chmod 755 m/proc/99/fdinfo
else
	skip "processes that cannot be read" "nobody cannot run $asc in $dir"
fi
rm -r m/proc/[0-9]*
run 0 --root m --clients && [ "$(wc -l < out)" -eq 1 ]
result $? "no clients"

# on a terminal, which script(1) makes, one list replaces the other
if command -v script > /dev/null; then
	script -qec "$(printf '%q ' "$asc" stat --root m --clients 0.01 2)" /dev/null > out < /dev/null &&
		[ "$(grep -c $'\033\\[H\033\\[J  client' out)" -eq 2 ]
	result $? "clients on a terminal"
	script -qec "$(printf '%q ' "$asc" stat --root m 0.01 41)" /dev/null > out < /dev/null &&
		[ "$(grep -c '^submitted' out)" -eq 3 ]
	result $? "the header comes again on a terminal"
	run 0 --root m 0.01 41 && [ "$(grep -c '^submitted' out)" -eq 1 ]
	result $? "and not in a pipe"
else
	skip "stat on a terminal" "no script(1)"
fi

for interval in 0 x -1 1x nan 1e9 ''; do
	fails "interval '$interval'" 2 "bad interval" --root m -- "$interval"
done
for count in 0 x -1 1x ''; do
	fails "count '$count'" 2 "bad count" --root m -- 1 "$count"
done
fails "a third number" 2 "unexpected argument '3'" --root m 1 2 3
fails "stat has no codec" 2 "does not take -C" --root m -C zvc

finish
