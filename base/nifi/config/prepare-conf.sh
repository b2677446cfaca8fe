#!/bin/sh
# Fills the volume's conf directory before NiFi starts. Two kinds of files live there:
#
# - configuration, which belongs to the image's version and to Git. It is copied from the image anew at each start of the
#   pod, so that an upgrade brings its own bootstrap.conf, authorizers.xml or logback.xml, and no edit by hand survives
#   unseen. nifi.properties gets the platform's values on the way, from all *.properties of the ConfigMap; a Component can add
#   one, and replaces XML files of the image by its own. A value that is @NAME is taken from the environment: a password, or
#   a fact of the site.
# - state, which NiFi writes: flow.json.gz, flow.xml.gz, archive/, users.xml, authorizations.xml. The image has no such
#   files, so the copy leaves them alone.
#
# NiFi's self-signed key pair is neither. Where no other is configured, NiFi makes it where it is missing, valid for 60 days, and writes its passwords
# into nifi.properties. It goes with the old nifi.properties: the new file would lack the passwords, and a kept certificate
# would expire. Nothing depends on its identity.
#
# No braces around variables: Flux would take them for its own where it substitutes.
set -eu

conf=/volume/conf
here=/etc/nifi

fail() {
  echo "prepare-conf: $1" >&2
  exit 1
}

length() {
  printf '%s' "$1" | wc -m
}

# With a short name or password NiFi prints one line, keeps credentials that it made up itself and starts. Where people log
# in elsewhere there are none.
if username=$(printenv SINGLE_USER_CREDENTIALS_USERNAME); then
  [ "$(length "$username")" -ge 4 ] || fail 'Secret nifi-credentials: username needs at least 4 characters.'
  [ "$(length "$SINGLE_USER_CREDENTIALS_PASSWORD")" -ge 12 ] ||
    fail 'Secret nifi-credentials: password needs at least 12 characters.'
fi
[ "$(length "$NIFI_SENSITIVE_PROPS_KEY")" -ge 12 ] ||
  fail 'Secret nifi-credentials: sensitive-props-key needs at least 12 characters.'
# The image's start script puts the key through sed, between bars.
case $NIFI_SENSITIVE_PROPS_KEY in
  *[!A-Za-z0-9+/=._-]*)
    fail 'Secret nifi-credentials: sensitive-props-key may hold letters, digits and + / = . _ - only.' ;;
esac

# NiFi binds this address and ends where its name is not known yet.
if address=$(printenv NIFI_CLUSTER_ADDRESS); then
  tries=60
  until getent hosts "$address" > /dev/null; do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || fail "$address does not resolve."
    sleep 2
  done
fi

mkdir -p "$conf" /volume/state
cp -R "$NIFI_HOME/conf/." "$conf/"
rm -f "$conf/keystore.p12" "$conf/truststore.p12"
for file in "$here"/*.xml; do
  if [ -f "$file" ]; then cp "$file" "$conf/"; fi
done

cat "$here"/*.properties | awk '
  function key(line) { return substr(line, 1, index(line, "=") - 1) }
  # First the values to set.
  FILENAME == "-" {
    if ($0 ~ /^#/ || !index($0, "=")) next
    name = key($0)
    value = substr($0, length(name) + 2)
    if (value ~ /^@[A-Z_]+$/) {
      variable = substr(value, 2)
      if (ENVIRON[variable] == "") {
        print "prepare-conf: " name " wants " variable ", which is not in the environment." > "/dev/stderr"
        failed = 1
        exit 1
      }
      value = ENVIRON[variable]
    }
    order[++count] = name
    line[name] = name "=" value
    next
  }
  # Then the image'"'"'s own file.
  index($0, "=") && key($0) in line { print line[key($0)]; found[key($0)] = 1; next }
  { print }
  END {
    if (failed) exit 1
    for (i = 1; i <= count; i++) if (!(order[i] in found)) {
      print line[order[i]]
      print "prepare-conf: " order[i] " is not in the nifi.properties of the image; added." > "/dev/stderr"
    }
  }
' - "$NIFI_HOME/conf/nifi.properties" > "$conf/nifi.properties.new"
mv "$conf/nifi.properties.new" "$conf/nifi.properties"

echo 'prepare-conf: configuration taken from the image, flow and state kept.'
