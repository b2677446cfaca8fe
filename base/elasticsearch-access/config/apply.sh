#!/bin/bash
# Compares what /etc/infometis/access declares with what Elasticsearch has and changes the difference. A file's name says what it
# declares:
#
#   component-template-NAME.json, index-template-NAME.json
#   role-NAME.json
#   users                       lines: `user NAME ROLE[,ROLE …]`, `retired NAME`
#   slm-NAME.json               when snapshots are made and how long they are kept
#
# The JSON is what the API takes. Where it says DIGEST a checksum of the file is written, by which the next run sees that nothing
# has changed. The password of a user NAME lies in /etc/elasticsearch-users/NAME/password.
#
# No braces around variables: Flux would take them for its own where it substitutes.
set -euo pipefail
umask 077

access=/etc/infometis/access
passwords=/etc/elasticsearch-users
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
touch changes

fail() {
  echo "$*" >&2
  exit 1
}

# as USER: from here on requests are made as this user. Passwords are letters and digits: nothing in them needs quoting.
as() {
  local password
  [ -f "$passwords/$1/password" ] || fail "The user $1 has no password: the Secret elasticsearch-user-$1 is not mounted."
  password=$(cat "$passwords/$1/password")
  case $password in
    '' | *[!A-Za-z0-9]*) fail "The password in the Secret elasticsearch-user-$1 must consist of letters and digits." ;;
  esac
  connection
  echo "user = \"$1:$password\"" >> curl
}

connection() {
  echo 'silent
show-error
connect-timeout = 5
max-time = 120
output = "answer"
write-out = "%{http_code}"
header = "Content-Type: application/json"' > curl
  if [ -f /etc/tls/ca.crt ]; then
    echo 'cacert = "/etc/tls/ca.crt"' >> curl
  fi
}

# request METHOD PATH [FILE]: the status is printed, the answer is in the file of this name.
request() {
  if [ $# = 3 ]; then
    curl --config curl --request "$1" --data-binary "@$3" "$ELASTICSEARCH_URL$2" || true
  else
    curl --config curl --request "$1" "$ELASTICSEARCH_URL$2" || true
  fi
}

# has PATH: true if it is there, false if it is not. Any other answer ends the run.
has() {
  local status
  status=$(request GET "$1")
  case $status in
    200) return 0 ;;
    404) return 1 ;;
    *) fail "GET $1 is answered with $status: $(head -c 500 answer)" ;;
  esac
}

# change WHAT METHOD PATH [FILE]: does it and says so.
change() {
  local what=$1 status
  shift
  status=$(request "$@")
  case $status in
    200 | 201) echo "$what" | tee -a changes ;;
    *) fail "Not done: $what. $1 $2 is answered with $status: $(head -c 500 answer)" ;;
  esac
}

# apply KIND PATH: every file KIND-NAME.json, to PATH/NAME.
apply() {
  local kind=$1 path=$2 file name digest
  for file in "$access/$kind"-*.json; do
    [ -f "$file" ] || continue
    name=$(basename "$file" .json)
    name=$(echo "$name" | sed "s/^$kind-//")
    digest=$(sha256sum < "$file" | cut -c 1-32)
    if has "$path/$name" && grep -q "\"digest\":\"$digest\"" answer; then
      continue
    fi
    sed "s/\"DIGEST\"/\"$digest\"/" "$file" > body
    grep -q "$digest" body || fail "$(basename "$file") has no place for DIGEST."
    change "$kind $name: as declared now" PUT "$path/$name" body
  done
}

# --- Elasticsearch is there ------------------------------------------------------------------------------------------------

secured=
[ ! -d "$passwords" ] || secured=yes
if [ -n "$secured" ]; then
  [ -f /etc/tls/ca.crt ] || fail "Passwords are sent over TLS alone, and /etc/tls/ca.crt is not there."
  as elastic
else
  connection
fi
# Until there is a master. The Job tries again if that takes longer.
for attempt in $(seq 60); do
  status=$(request GET '/_cluster/health?master_timeout=5s&filter_path=status' 2> error)
  case $status in
    200) break ;;
    401) fail "Elasticsearch does not take the password in the Secret elasticsearch-user-elastic. Its nodes read it when they start: if it was changed, restart them." ;;
  esac
  [ "$attempt" != 60 ] || fail "Elasticsearch does not answer: $status $(cat error) $(head -c 500 answer 2> /dev/null)"
  sleep 5
done

# --- Roles and users -------------------------------------------------------------------------------------------------------

if [ -n "$secured" ]; then
  apply role /_security/role

  while read -r word name roles; do
    case $word in
      '' | '#'*) continue ;;
      user)
        # In the form and order in which Elasticsearch lists them.
        list=$(echo "$roles" | sed 's/,/","/g')
        same=
        if has "/_security/user/$name?filter_path=*.roles,*.enabled" &&
          [ "$(cat answer)" = "{\"$name\":{\"roles\":[\"$list\"],\"enabled\":true}}" ]; then
          same=yes
        fi
        as "$name"
        password=$(cat "$passwords/$name/password")
        status=$(request GET /_security/_authenticate)
        as elastic
        case $status in
          200) [ -z "$same" ] || continue ;;
          401) ;;
          *) fail "Whether $name can sign in is answered with $status." ;;
        esac
        printf '{"password": "%s", "roles": ["%s"], "enabled": true}' "$password" "$list" > body
        change "user $name: roles and password as declared now" PUT "/_security/user/$name" body
        rm body
        ;;
      retired)
        if has "/_security/user/$name"; then
          change "user $name: retired" DELETE "/_security/user/$name"
        fi
        ;;
      *) fail "users: a line begins with user or retired, not with '$word'." ;;
    esac
  done < <(cat "$access/users" 2> /dev/null)
fi

# --- Templates -------------------------------------------------------------------------------------------------------------

apply component-template /_component_template
apply index-template /_index_template

# --- Snapshots -------------------------------------------------------------------------------------------------------------

if [ -n "$SNAPSHOT_BUCKET" ]; then
  # A schedule runs with the rights of whoever has written it.
  [ -z "$secured" ] || as backup
  if ! has '/_snapshot/backup?filter_path=*.type,*.settings' ||
    [ "$(cat answer)" != "{\"backup\":{\"type\":\"s3\",\"settings\":{\"bucket\":\"$SNAPSHOT_BUCKET\",\"client\":\"default\"}}}" ]; then
    printf '{"type": "s3", "settings": {"bucket": "%s", "client": "default"}}' "$SNAPSHOT_BUCKET" > body
    # Every node tries to write there before it is taken.
    change "snapshot repository backup: in the bucket $SNAPSHOT_BUCKET now" PUT /_snapshot/backup body
  fi
  apply slm /_slm/policy
fi

echo "$(wc -l < changes) changes."
