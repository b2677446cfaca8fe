#!/bin/sh
# Makes the buckets that are not there, and has every object written through to the disk before it is answered: a copy that two
# machines have only in memory is lost when the power of both goes.
#
# No braces around variables: Flux would take them for its own where it substitutes.
set -eu

# weed finds security.toml in the directory in which it starts.
cd /etc/seaweedfs

shell() {
  printf '%s\n' "$@" | weed shell "-master=$MASTERS"
}

# The names alone, one a line.
buckets() {
  shell s3.bucket.list | awk '/\tsize:/ { print $1 }'
}

there=$(buckets)
for bucket in "$CHECKPOINT_BUCKET" "$SNAPSHOT_BUCKET" "$BACKUP_BUCKET"; do
  if echo "$there" | grep -qxF "$bucket"; then
    echo "bucket $bucket: there"
  else
    shell "s3.bucket.create -name $bucket"
  fi
done

shell "fs.configure -locationPrefix=/buckets/ -fsync -apply"

there=$(buckets)
for bucket in "$CHECKPOINT_BUCKET" "$SNAPSHOT_BUCKET" "$BACKUP_BUCKET"; do
  echo "$there" | grep -qxF "$bucket" || {
    echo "The bucket $bucket was not made." >&2
    exit 1
  }
done
