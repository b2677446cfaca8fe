#!/bin/sh
# Writes what the node must know before it starts: its keystore and the user of the probes. Anew at each start, so that a changed
# Secret needs a restart and nothing else. Passwords come by standard input: a command line can be read by others.
#
# No braces around variables: Flux would take them for its own where it substitutes.
set -eu
umask 077

conf=/usr/share/elasticsearch/config
here=$(dirname "$0")
secrets=/etc/elasticsearch-secrets

# Directories of secure settings: the name of a file is the name of the setting.
rm -f "$conf/elasticsearch.keystore"
elasticsearch-keystore create > /dev/null
for file in "$secrets"/keystore*/*; do
  elasticsearch-keystore add --stdin "$(basename "$file")" < "$file" > /dev/null
  echo "prepare-security: $(basename "$file") is in the keystore."
done

cp "$here/roles.yml" "$conf/roles.yml"
: > "$conf/users"
: > "$conf/users_roles"
password=$(cat "$secrets/probe/password")
case $password in
  '' | *[!A-Za-z0-9]*)
    echo "prepare-security: the password in the Secret elasticsearch-user-probe must consist of letters and digits." >&2
    exit 1
    ;;
esac
# It asks twice.
printf '%s\n%s\n' "$password" "$password" | elasticsearch-users useradd probe -r probe > /dev/null
printf 'user = "probe:%s"\n' "$password" > "$conf/probe.curl"
echo "prepare-security: the user probe is in the node's file."
