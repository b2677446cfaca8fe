#!/bin/sh
# check.sh alive: whether the process answers. check.sh serving: whether it is part of a quorum.
set -eu

ask() {
  printf '%s' "$1" | nc -w 3 127.0.0.1 2181
}

case $1 in
  alive) [ "$(ask ruok)" = imok ] ;;
  # Without a quorum the answer is one line that says so.
  serving) ask srvr | grep -Eq '^Mode: (leader|follower|standalone)$' ;;
  *) echo "check: $1?" >&2; exit 2 ;;
esac
