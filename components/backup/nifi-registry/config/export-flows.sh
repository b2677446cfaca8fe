#!/bin/sh
# Exports every version of every flow as a file, into a new directory that takes the place of the old one once it is whole.
#
# No braces around variables: Flux would take them for its own where it substitutes.
set -eu
umask 077

password=$(cat /etc/keystore-password/password)
cat > /tmp/cli.properties <<EOF
baseUrl=https://nifi-registry-service:18080
keystore=/etc/tls/keystore.p12
keystoreType=PKCS12
keystorePasswd=$password
keyPasswd=$password
truststore=/etc/tls/truststore.p12
truststoreType=PKCS12
truststorePasswd=$password
EOF

rm -rf /exports/new
mkdir /exports/new
/opt/nifi-registry/nifi-toolkit-current/bin/cli.sh registry export-all-flows \
  --properties /tmp/cli.properties --outputDirectory /exports/new --verbose
count=$(find /exports/new -type f | wc -l)
# The client reports some failures and still ends well.
[ "$count" -gt 0 ] || [ ! -d /exports/flows ] || [ -z "$(find /exports/flows -type f)" ] ||
  { echo 'export-flows: nothing was exported, but there were flows before.' >&2; exit 1; }
rm -rf /exports/old
if [ -d /exports/flows ]; then mv /exports/flows /exports/old; fi
mv /exports/new /exports/flows
rm -rf /exports/old
echo "export-flows: $count files."
