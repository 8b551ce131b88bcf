#!/bin/sh
# Makes class data archives for fast starts, by running the commands once. Without root the daemon
# cannot run; then, and when anything else fails, there are no archives and starts are slower.
home=$1
[ "$(id -u)" = 0 ] || exit 0
work=$(mktemp -d)
rm -f "$home"/lib/*.jsa
TAFFRAILD_JAVA_OPTIONS="-XX:ArchiveClassesAtExit=$home/lib/taffraild.jsa -Xlog:cds=off -Xlog:cds+dynamic=off" \
  "$home/bin/taffraild" -H "unix://$work/s" --data-root "$work/data" --exec-root "$work/run" >"$work/log" 2>&1 &
daemon=$!
tries=0
while [ ! -S "$work/s" ] && [ "$tries" -lt 100 ] && kill -0 "$daemon" 2>/dev/null; do
  tries=$((tries + 1))
  sleep 0.1
done
TAFFRAIL_JAVA_OPTIONS="-XX:ArchiveClassesAtExit=$home/lib/taffrail.jsa -Xlog:cds=off -Xlog:cds+dynamic=off" \
  "$home/bin/taffrail" --host "unix://$work/s" events >/dev/null 2>&1
"$home/bin/taffrail" --host "unix://$work/s" verify >/dev/null 2>&1
kill "$daemon" 2>/dev/null
wait "$daemon" 2>/dev/null
rm -rf "$work"
exit 0
