#!/bin/sh
# Fills the pod's conf directory: the image's own files, with what *.properties of the ConfigMap say laid over
# nifi-registry.properties, and XML files replaced. A value that is @NAME is taken from the environment: a password, or a fact of
# the site. Nothing in conf is state: users and rights are in the database.
#
# No braces around variables: Flux would take them for its own where it substitutes.
set -eu

here=/etc/nifi-registry
conf=/volume
image=/opt/nifi-registry/nifi-registry-current/conf

cp -R "$image/." "$conf/"
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
      print "prepare-conf: " order[i] " is not in the nifi-registry.properties of the image; added." > "/dev/stderr"
    }
  }
' - "$image/nifi-registry.properties" > "$conf/nifi-registry.properties.new"
mv "$conf/nifi-registry.properties.new" "$conf/nifi-registry.properties"

echo 'prepare-conf: done.'
