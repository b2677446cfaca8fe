#!/bin/sh
# Gives a running NiFi the two things that live in its flow and that the platform relies on: the reporting task that serves
# metrics to Prometheus, and the client for NiFi Registry; and, where a Component adds access.sh, who may do what. Every step looks first and changes only what differs, so that it
# may run any number of times, and beside people who work in NiFi: it touches nothing but these two.
#
# No braces around variables: Flux would take them for its own where it substitutes.
set -eu

here=$(dirname "$0")
api=$NIFI_URL/nifi-api
response=/tmp/response.json
authorization=/tmp/authorization

log() {
  echo "setup: $1" >&2
}

fail() {
  log "$1"
  exit 1
}

# Runs a condition every 5 seconds until it holds, for so many seconds at most.
wait_until() {
  deadline=$(($(date +%s) + $1))
  shift
  until "$@"; do
    [ "$(date +%s)" -lt "$deadline" ] || return 1
    sleep 5
  done
}

# connection.curl says how far to trust NiFi's certificate, and whether to show one.
call() {
  curl --silent --show-error --config "$here/connection.curl" --max-time 60 "$@"
}

# request METHOD PATH [JSON]: prints the answer's body, or ends the script with what NiFi said.
request() {
  if [ $# -eq 3 ]; then
    status=$(call --output "$response" --write-out '%{http_code}' --request "$1" --header "@$authorization" \
      --header 'Content-Type: application/json' --data "$3" "$api$2") || fail "$1 $2: no answer."
  else
    status=$(call --output "$response" --write-out '%{http_code}' --request "$1" --header "@$authorization" \
      "$api$2") || fail "$1 $2: no answer."
  fi
  case $status in
    2??) cat "$response" ;;
    *) fail "$1 $2 answered $status: $(head -c 1000 "$response")" ;;
  esac
}

# holds JSON FILTER: whether the filter yields true. (The exit status of jq says nothing about an empty input.)
holds() {
  [ "$(printf '%s' "$1" | jq "$2" 2>/dev/null)" = true ]
}

# NiFi answers an unknown Host header with 200 and a page, so the body has to be looked at. What it says does not matter: with an
# identity provider NiFi has no login of its own, and supportsLogin is false.
nifi_answers() {
  config=$(call "$api/access/config" 2>/dev/null) && holds "$config" '.config | has("supportsLogin")'
}

log_in() {
  umask 077
  # With a certificate there is no login.
  if ! [ -e "$CREDENTIALS/password" ]; then
    : > "$authorization"
    return
  fi
  status=$(call --output /tmp/token --write-out '%{http_code}' "$api/access/token" \
    --data-urlencode "username@$CREDENTIALS/username" --data-urlencode "password@$CREDENTIALS/password") ||
    fail 'login: no answer.'
  [ "$status" = 201 ] || fail "login answered $status: $(head -c 1000 /tmp/token)
NiFi reads Secret nifi-credentials when it starts: if the Secret is newer than the pod, restart the StatefulSet nifi."
  printf 'Authorization: Bearer %s\n' "$(cat /tmp/token)" > "$authorization"
}

# same WANTED HAVE: whether every property that is wanted has its value.
same() {
  jq --exit-status --null-input --argjson wanted "$1" --argjson have "$2" \
    '$wanted.properties | to_entries | all(.value == $have.component.properties[.key])' >/dev/null
}

# pick LIST-KEY LIST WANTED: the first of the list with the wanted type and name, or nothing.
pick() {
  printf '%s' "$2" | jq --compact-output --arg key "$1" --argjson wanted "$3" \
    'first(.[$key][] | select(.component.type == $wanted.type and .component.name == $wanted.name))'
}

created() {
  jq --compact-output --null-input --argjson wanted "$1" '{revision: {version: 0}, component: $wanted}'
}

updated() {
  jq --compact-output --null-input --argjson wanted "$1" --argjson have "$2" \
    '{revision: $have.revision, component: {id: $have.id, name: $wanted.name, properties: $wanted.properties}}'
}

read_task() {
  task=$(request GET "/reporting-tasks/$id")
}

task_is() {
  holds "$task" "$1"
}

task_becomes() {
  read_task && task_is "$1"
}

set_task_state() {
  read_task
  body=$(printf '%s' "$task" | jq --compact-output --arg state "$1" '{revision, state: $state}')
  request PUT "/reporting-tasks/$id/run-status" "$body" >/dev/null
}

ensure_reporting_task() {
  wanted=$(cat "$here/reporting-task.json")
  tasks=$(request GET /flow/reporting-tasks)
  task=$(pick reportingTasks "$tasks" "$wanted")
  if [ -z "$task" ]; then
    task=$(request POST /controller/reporting-tasks "$(created "$wanted")")
    log 'reporting task created.'
  fi
  id=$(printf '%s' "$task" | jq --raw-output .id)
  if ! same "$wanted" "$task"; then
    # A running or disabled task refuses changes.
    task_is '.component.state == "STOPPED"' || set_task_state STOPPED
    wait_until 60 task_becomes '.component.state == "STOPPED" and (.component.activeThreadCount // 0) == 0' ||
      fail 'the reporting task does not stop.'
    request PUT "/reporting-tasks/$id" "$(updated "$wanted" "$task")" >/dev/null
    log 'reporting task configured.'
  fi
  read_task
  if ! task_is '.component.state == "RUNNING"'; then
    wait_until 60 task_becomes '.component.validationStatus == "VALID"' ||
      fail "the reporting task is not valid: $(printf '%s' "$task" | jq --compact-output .component.validationErrors)"
    # A disabled task has to be enabled, which makes it a stopped one, before it can be started.
    if task_is '.component.state == "DISABLED"'; then set_task_state STOPPED; fi
    set_task_state RUNNING
    log 'reporting task started.'
  fi
}

ensure_registry_client() {
  wanted=$(cat "$here/registry-client.json")
  clients=$(request GET /controller/registry-clients)
  client=$(pick registries "$clients" "$wanted")
  if [ -z "$client" ]; then
    request POST /controller/registry-clients "$(created "$wanted")" >/dev/null
    log 'client for NiFi Registry created.'
  elif ! same "$wanted" "$client"; then
    id=$(printf '%s' "$client" | jq --raw-output .id)
    request PUT "/controller/registry-clients/$id" "$(updated "$wanted" "$client")" >/dev/null
    log 'client for NiFi Registry configured.'
  fi
}

# The task counts as running even where it could not open its port, and it serves nothing before its first round.
metrics_flow() {
  call "$METRICS_URL" 2>/dev/null | grep -q '^nifi_jvm_'
}

log "waiting for $NIFI_URL"
wait_until 900 nifi_answers || fail "NiFi did not answer within 15 minutes: see kubectl -n infometis describe pod nifi-0."
log_in
ensure_reporting_task
ensure_registry_client
if [ -e "$here/access.sh" ]; then
  . "$here/access.sh"
fi
wait_until 180 metrics_flow || fail "$METRICS_URL serves no metrics: see the bulletins of the reporting task in NiFi."
log 'NiFi has its reporting task and its client for NiFi Registry.'
