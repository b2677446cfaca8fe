#!/bin/sh
# Puts the jars of a list on Flink's classpath:
#
#   fetch-connectors.sh LIST CACHE CLASSPATH
#
# LIST       one jar a line: SHA-256, then the path inside the Maven repository $MAVEN_REPOSITORY
# CACHE      a directory that outlives the pod and is shared by all of them: what it holds is never fetched again, so that
#            a restart needs no network
# CLASSPATH  the pod's own directory, which gets exactly the jars of the list. Not the cache itself: it may hold other
#            versions too, and after a rollback it must.
#
# A jar counts as present only if its checksum is right: one that was cut off or tampered with is fetched anew, and one
# that the repository serves wrongly is refused.
#
# No braces around variables: Flux would take them for its own where it substitutes.
set -eu

list=$1
cache=$2
classpath=$3

fail() {
  echo "fetch-connectors: $1" >&2
  exit 1
}

# intact SHA256 FILE
intact() {
  [ -f "$2" ] && printf '%s  %s\n' "$1" "$2" | sha256sum -c - > /dev/null 2>&1
}

[ -r "$list" ] || fail "$list cannot be read."
mkdir -p "$cache" && touch "$cache/.lock" || fail "$cache cannot be written: does the volume belong to user $(id -u)?"

# JobManager and TaskManagers start together: the first one fetches, the others wait and then find everything. A file
# system without locks costs a second download and nothing more, since each try has a file name of its own.
exec 9> "$cache/.lock"
flock -w 900 9 || echo 'fetch-connectors: no lock to be had; going on without it.' >&2

count=0
while read -r sum path rest; do
  case $sum in '' | \#*) continue ;; esac
  name=$(basename "$path")
  [ -n "$path" ] && [ -z "$rest" ] && [ "$(printf %s "$sum" | wc -c)" -eq 64 ] ||
    fail "$list: '$sum $path $rest' is not a SHA-256 and a path."

  if intact "$sum" "$cache/$name"; then
    echo "fetch-connectors: $name is present."
  else
    url=$MAVEN_REPOSITORY/$path
    part=$cache/$name.$(hostname).part
    echo "fetch-connectors: fetching $url"
    wget -nv --tries=4 --waitretry=10 --timeout=30 -O "$part" "$url" || {
      rm -f "$part"
      fail "$url cannot be fetched. The environment's mavenRepository must name a Maven repository that this pod can reach."
    }
    intact "$sum" "$part" || {
      actual=$(sha256sum "$part" | cut -d ' ' -f 1)
      rm -f "$part"
      fail "$url has the SHA-256 $actual instead of $sum: refused."
    }
    # Within one directory, so that nobody ever sees half a jar under its final name.
    mv "$part" "$cache/$name"
  fi

  cp "$cache/$name" "$classpath/$name"
  count=$((count + 1))
done < "$list"

[ "$count" -gt 0 ] || fail "$list names no jar."
echo "fetch-connectors: $count jars are on the classpath."
