#!/bin/sh
# Gives the groups of the identity provider their rights in NiFi Registry, and makes the bucket `flows`. Every step looks first
# and changes only what is missing, so that it may run any number of times.
#
# No braces around variables: Flux would take them for its own where it substitutes.
set -eu

here=$(dirname "$0")
api=$NIFI_REGISTRY_URL/nifi-registry-api
response=/tmp/response.json

log() {
  echo "setup: $1" >&2
}

fail() {
  log "$1"
  exit 1
}

call() {
  curl --silent --show-error --max-time 60 --cacert /etc/tls/ca.crt --cert /etc/tls/tls.crt --key /etc/tls/tls.key "$@"
}

# request METHOD PATH [JSON]: prints the answer's body, or ends the script with what NiFi Registry said.
request() {
  if [ $# -eq 3 ]; then
    status=$(call --output "$response" --write-out '%{http_code}' --request "$1" \
      --header 'Content-Type: application/json' --data "$3" "$api$2") || fail "$1 $2: no answer."
  else
    status=$(call --output "$response" --write-out '%{http_code}' --request "$1" "$api$2") || fail "$1 $2: no answer."
  fi
  case $status in
    2??) cat "$response" ;;
    *) fail "$1 $2 answered $status: $(head -c 1000 "$response")" ;;
  esac
}

# group NAME: its identifier; it is made where it is missing.
group() {
  all=$(request GET /tenants/user-groups)
  identifier=$(printf '%s' "$all" | jq --raw-output --arg name "$1" 'first(.[] | select(.identity == $name) | .identifier) // empty')
  if [ -z "$identifier" ]; then
    body=$(jq --compact-output --null-input --arg name "$1" '{identity: $name, users: []}')
    made=$(request POST /tenants/user-groups "$body")
    identifier=$(printf '%s' "$made" | jq --raw-output .identifier)
    log "$1 created."
  fi
  printf '%s' "$identifier"
}

# grant RESOURCE ACTION GROUPS, the last one [{identifier, identity}…].
grant() {
  all=$(request GET /policies)
  policy=$(printf '%s' "$all" | jq --compact-output --arg resource "$1" --arg action "$2" \
    'first(.[] | select(.resource == $resource and .action == $action))')
  if [ -z "$policy" ]; then
    body=$(jq --compact-output --null-input --arg resource "$1" --arg action "$2" --argjson groups "$3" \
      '{resource: $resource, action: $action, users: [], userGroups: $groups}')
    request POST /policies "$body" >/dev/null
    log "$2 $1: policy created."
    return
  fi
  identifier=$(printf '%s' "$policy" | jq --raw-output .identifier)
  policy=$(request GET "/policies/$identifier")
  body=$(jq --compact-output --null-input --argjson policy "$policy" --argjson groups "$3" '
    ($policy.userGroups // []) as $have
    | [$groups[] | select(.identifier as $id | $have | all(.identifier != $id))] as $missing
    | if $missing == [] then empty else $policy + {userGroups: ($have + $missing)} end')
  if [ -n "$body" ]; then
    request PUT "/policies/$identifier" "$body" >/dev/null
    log "$2 $1: policy extended."
  fi
}

log "waiting for $NIFI_REGISTRY_URL"
deadline=$(($(date +%s) + 600))
until call --output /dev/null --fail "$api/access" 2>/dev/null; do
  [ "$(date +%s)" -lt "$deadline" ] || fail "NiFi Registry did not answer within 10 minutes."
  sleep 5
done

viewer=$(group infometis-viewer)
operator=$(group infometis-operator)
admin=$(group infometis-admin)
groups=$(jq --compact-output --null-input --arg viewer "$viewer" --arg operator "$operator" --arg admin "$admin" '{
  viewer: {identifier: $viewer, identity: "infometis-viewer"},
  operator: {identifier: $operator, identity: "infometis-operator"},
  admin: {identifier: $admin, identity: "infometis-admin"}
}')
jq --compact-output --argjson groups "$groups" '.[] | .groups |= map($groups[.])' "$here/access.json" > /tmp/access
while read -r rule; do
  grant "$(printf '%s' "$rule" | jq --raw-output .resource)" "$(printf '%s' "$rule" | jq --raw-output .action)" \
    "$(printf '%s' "$rule" | jq --compact-output .groups)"
done < /tmp/access

buckets=$(request GET /buckets)
if [ "$(printf '%s' "$buckets" | jq 'any(.[]; .name == "flows")')" = false ]; then
  request POST /buckets '{"name": "flows", "description": "Made by the Job nifi-registry-setup."}' >/dev/null
  log 'bucket flows created.'
fi
log 'NiFi Registry has its groups and its bucket.'
