#!/bin/sh
# Writes the database as SQL to standard output, while NiFi Registry runs: flows, versions, users and rights as they are at one
# moment. To restore: an empty database directory, then org.h2.tools.RunScript with this file, then start NiFi Registry.
#
# No braces around variables: Flux would take them for its own where it substitutes.
set -eu

home=/opt/nifi-registry/nifi-registry-current
dump=$(mktemp -d)
trap 'rm -rf "$dump"' EXIT

# The driver is inside the web application, which is unpacked at the start.
driver=$(find "$home/" -name 'h2-*.jar' | head -n 1)
[ -n "$driver" ] || { echo "dump-database: no h2-*.jar below $home." >&2; exit 1; }

cd "$home"
# The java of the image prints JAVA_TOOL_OPTIONS to standard error.
java -Xmx128m -cp "$driver" org.h2.tools.Script -url "$NIFI_REGISTRY_DB_URL;IFEXISTS=TRUE" -user nifireg -password nifireg \
  -script "$dump/database.sql" >&2
# SCRIPT pads its lines with blanks.
tail -n 1 "$dump/database.sql" | grep -q '; *$' || { echo 'dump-database: the dump is cut off.' >&2; exit 1; }
cat "$dump/database.sql"
