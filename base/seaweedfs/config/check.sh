#!/bin/sh
# Good if this server can do all that it is for: the master knows who leads, the volume server is known to that one, the filer can
# read the metadata, and S3 answers. The three inner ones ask for a certificate where there is one.
set -eu

tls=/etc/tls-internal

if [ -f "$tls/tls.crt" ]; then
  url=https://localhost
  set -- --cacert "$tls/ca.crt" --cert "$tls/tls.crt" --key "$tls/tls.key"
else
  url=http://localhost
  set --
fi

for port in 9333 8080 8888; do
  curl --silent --show-error --fail --max-time 3 --output /dev/null "$@" "$url:$port/readyz"
done
# Whom it shows its certificate to is no question here.
curl --silent --show-error --fail --max-time 3 --output /dev/null --insecure "$url:8333/readyz"
