#!/bin/sh
# Makes class data archives for fast starts, by running the commands once. Without root the daemon
# cannot run; then, and when anything else fails, there are no archives and starts are slower.
home=$1
[ "$(id -u)" = 0 ] || exit 0
work=$(mktemp -d)
rm -f "$home"/lib/*.jsa
# The daemon makes its default bridge: not in the network of whoever builds.
isolated=""
if unshare --net true 2>/dev/null; then
  isolated="unshare --net"
fi
TAFFRAILD_JAVA_OPTIONS="-XX:ArchiveClassesAtExit=$home/lib/taffraild.jsa -Xlog:cds=off -Xlog:cds+dynamic=off" \
  $isolated "$home/bin/taffraild" -H "unix://$work/s" --data-root "$work/data" --exec-root "$work/run" >"$work/log" 2>&1 &
daemon=$!
tries=0
while [ ! -S "$work/s" ] && [ "$tries" -lt 100 ] && kill -0 "$daemon" 2>/dev/null; do
  tries=$((tries + 1))
  sleep 0.1
done

# The command has a static archive, which also takes classes as old as those of picocli: of what
# these runs load.
runs=0
load() {
  runs=$((runs + 1))
  TAFFRAIL_JAVA_OPTIONS="-XX:DumpLoadedClassList=$work/$runs.classes" \
    "$home/bin/taffrail" --host "unix://$work/s" "$@" </dev/null >/dev/null 2>&1
}
load events
load plugins
load verify
load timeline
load help replay
load replay --until 'event.type.startsWith("x") && size(state.containers) > 1 && has(named.x)'
kill "$daemon" 2>/dev/null
wait "$daemon" 2>/dev/null
load replay --data-root "$work/data" --watch 'size(state.containers)'
load bisect --data-root "$work/data" --good oldest --bad head --expr 'size(system.daemon) == 0'
sort -u "$work"/*.classes >"$work/classes"
TAFFRAIL_JAVA_OPTIONS="-Xshare:dump -XX:SharedClassListFile=$work/classes -XX:SharedArchiveFile=$home/lib/taffrail.jsa -Xlog:disable -Xlog:all=off" \
  "$home/bin/taffrail" >"$work/dump" 2>&1 || rm -f "$home/lib/taffrail.jsa"
rm -rf "$work"
exit 0
