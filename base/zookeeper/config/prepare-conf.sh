#!/bin/sh
# Joins the parts of zoo.cfg and tells the server who it is.
#
# No braces around variables: Flux would take them for its own where it substitutes.
set -eu

here=$(dirname "$0")

# The image's own, without which ZooKeeper logs every packet.
cp /conf/logback.xml /volume/conf/
cat "$here"/zoo*.cfg > /volume/conf/zoo.cfg

# Numbers from 1: those below are not promised to work.
id=$((POD_INDEX + 1))
grep -q "^server\.$id=" /volume/conf/zoo.cfg || {
  echo "prepare-conf: zoo-servers.cfg has no server.$id. There are more replicas than servers in it." >&2
  exit 1
}
echo "$id" > /data/myid
echo "prepare-conf: this is server $id."
