#!/bin/sh
# check.sh started: whether this node may count as started up, so that the next one may be stopped.
# check.sh ready: whether it answers, whatever the state of the cluster: who mends a red one has to reach it.
set -eu

ask() {
  curl --silent --show-error --fail --max-time 8 --cacert /usr/share/elasticsearch/config/tls/ca.crt \
    --config /usr/share/elasticsearch/config/probe.curl "https://localhost:9200/_cluster/health?$1&filter_path=status"
}

# Seconds since the container started, from the start of its first process, which is counted in hundredths since the boot.
waited() {
  now=$(cut -d . -f 1 /proc/uptime)
  set -- $(cat /proc/1/stat)
  shift 21
  echo $((now - $1 / 100))
}

case $1 in
  ready) ask local=true > /dev/null ;;
  started)
    # The master's view. Without a master, or outside its cluster, there is no answer.
    case $(ask master_timeout=5s) in
      # Every shard has all its copies: losing the next node loses none.
      *green*) ;;
      # A copy can lack its place for days, because a node is away or its disk full. All nodes of a cluster that was stopped
      # altogether see this too, for as long as it takes to find the copies.
      *yellow*) [ "$(waited)" -gt 900 ] ;;
      # A shard is missing. It was there before this node was restarted, so it mostly comes back with it. If it is lost for
      # good, waiting does not help, and the shards that are there must not be kept from everyone for ever.
      *red*) [ "$(waited)" -gt 2700 ] ;;
      *) exit 1 ;;
    esac
    ;;
  *) echo "check: $1?" >&2; exit 2 ;;
esac
