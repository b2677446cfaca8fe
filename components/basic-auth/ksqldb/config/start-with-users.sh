#!/bin/bash
# One user for each mounted Secret, named after its directory. What a user may do cannot be told apart: all have one role.
set -eu
umask 077

: > /tmp/users.properties
for directory in /etc/users/*/; do
  echo "$(basename "$directory"): $(cat "$directory/password"),client" >> /tmp/users.properties
done
exec /bin/bash /etc/infometis/start.sh
