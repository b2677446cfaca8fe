#!/bin/sh
# Starts one server: master, volumes, filer and S3 in one process. The identities that S3 knows are written from the Secrets mounted
# in /etc/seaweedfs-users/<name>/{access-key,secret-key}; each may work in its one bucket alone.
#
# No braces around variables: Flux would take them for its own where it substitutes.
set -eu
umask 077

users=/etc/seaweedfs-users
run=/run/seaweedfs
tls=/etc/tls

fail() {
  echo "$*" >&2
  exit 1
}

# key NAME FILE: what stands in the file, if it can stand between quotes.
key() {
  [ -f "$users/$1/$2" ] || fail "The user $1 has no $2: the Secret object-store-user-$1 is not mounted."
  value=$(cat "$users/$1/$2")
  case $value in
    '' | *[!A-Za-z0-9]*) fail "The $2 in the Secret object-store-user-$1 must consist of letters and digits." ;;
  esac
  echo "$value"
}

# identity NAME BUCKET
identity() {
  [ -n "$2" ] || fail "The user $1 has no bucket."
  access=$(key "$1" access-key)
  secret=$(key "$1" secret-key)
  cat << EOF
    {
      "name": "$1",
      "credentials": [{ "accessKey": "$access", "secretKey": "$secret" }],
      "actions": ["Read:$2", "Write:$2", "List:$2", "Tagging:$2"]
    }
EOF
}

# One access key for two users would be one user, with the rights of whichever comes first.
twice=$(for file in "$users"/*/access-key; do echo "$(cat "$file")"; done | sort | uniq -d)
[ -z "$twice" ] || fail "Two users have the same access-key."

{
  echo '{ "identities": ['
  identity flink "$CHECKPOINT_BUCKET"
  echo ,
  identity elasticsearch "$SNAPSHOT_BUCKET"
  echo ,
  identity backup "$BACKUP_BUCKET"
  echo '] }'
} > "$run/s3.json"

# With certificates S3 is HTTPS; what the servers say to each other is set in security.toml.
if [ -f "$tls/tls.crt" ]; then
  set -- "-s3.cert.file=$tls/tls.crt" "-s3.key.file=$tls/tls.key"
else
  set --
fi

mkdir -p /data/volumes /data/master

# SeaweedFS looks for its *.toml in the directory in which it starts.
cd /etc/seaweedfs
exec weed -logtostderr=true server \
  "-ip=$SERVER_ADDRESS" -ip.bind=0.0.0.0 \
  -dir=/data/volumes -master.dir=/data/master \
  "-master.peers=$MASTERS" \
  "-master.defaultReplication=$REPLICATION" \
  -master.volumeSizeLimitMB=1024 -master.telemetry=false -master.electionTimeout=3s \
  "-volume.max=$VOLUME_LIMIT" -volume.minFreeSpace=2GiB -volume.preStopSeconds=5 \
  -filer -filer.disableDirListing -filer.exposeDirectoryData=false \
  -s3 "-s3.config=$run/s3.json" \
  -s3.iam=false -s3.autoCreateBucket=false -s3.port.iceberg=0 -s3.port.lance=0 \
  -metricsPort=9327 "$@"
