#!/bin/bash
# Reads /etc/infometis/access/*.access (platform.access describes the format), compares it with what Kafka has and changes the
# difference. Nothing is changed when a line cannot be understood. Lists are kept as sorted files, one item a line.
set -euo pipefail
umask 077

passwords=/etc/kafka-users
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
touch changes topics users retired rights

fail() {
  echo "$*" >&2
  exit 1
}

# change WHAT COMMAND…: does it and says so. What a tool prints is shown only if it fails; it may repeat a password.
change() {
  local what=$1
  shift
  "$@" --bootstrap-server "$BOOTSTRAP_SERVERS" --command-config client < /dev/null > tool-output 2>&1 ||
    fail "Not done: $what. $(sed -E 's/password=[^],[:space:]]*/password=…/g' tool-output)"
  echo "$what" | tee -a changes
}

# ask COMMAND…: what Kafka has.
ask() {
  "$@" --bootstrap-server "$BOOTSTRAP_SERVERS" --command-config client < /dev/null
}

# --- What is declared ------------------------------------------------------------------------------------------------------

# One right as Kafka lists it: user, kind, pattern, resource, host, operation, verdict.
declare_rights() {
  local place=$1 user=$2 kind=$3 resource=$4 operation pattern=LITERAL
  case $kind in
    topic) kind=TOPIC ;;
    group) kind=GROUP ;;
    transactional-id) kind=TRANSACTIONAL_ID ;;
    cluster)
      kind=CLUSTER
      [ "$resource" = kafka-cluster ] || fail "$place: the cluster is always called kafka-cluster, not $resource."
      ;;
    *) fail "$place: '$kind' is no kind of resource; topic, group, transactional-id and cluster are." ;;
  esac
  case $resource in
    '*') ;;
    *'*')
      pattern=PREFIXED
      resource=$(echo "$resource" | sed 's/.$//')
      ;;
  esac
  for operation in $(echo "$5" | tr , ' '); do
    case $operation in
      Read | Write | Create | Delete | Alter | Describe | ClusterAction | DescribeConfigs | AlterConfigs | IdempotentWrite) ;;
      *) fail "$place: '$operation' is no operation that can be allowed here." ;;
    esac
    echo "$user $kind $pattern $resource * $operation ALLOW" >> rights
  done
}

declare_line() {
  local place=$1 word=$2 name=$3 setting
  shift 3
  case $word in
    topic)
      ! grep -q "^$name " topics || fail "$place: the topic $name is declared twice."
      for setting in "$@"; do
        echo "$setting" | grep -Eq '^[a-z.]+=.+$' || fail "$place: '$setting' is not of the form SETTING=VALUE."
      done
      echo "$name $*" >> topics
      ;;
    user)
      [ $# = 0 ] || fail "$place: a user has a name and nothing else."
      echo "$name" >> users
      ;;
    retired)
      [ $# = 0 ] || fail "$place: a retired user has a name and nothing else."
      echo "$name" >> retired
      ;;
    allow)
      [ $# = 3 ] || fail "$place: allow takes a user, a kind, a resource and operations."
      declare_rights "$place" "$name" "$@"
      ;;
    *) fail "$place: a line begins with topic, user, allow or retired, not with '$word'." ;;
  esac
}

set -- /etc/infometis/access/*.access
# A resource may be *, which is no pattern of file names.
set -f
for file in "$@"; do
  number=0
  while read -r line || [ -n "$line" ]; do
    number=$((number + 1))
    case $line in
      '' | '#'*) continue ;;
      *' '*) declare_line "$(basename "$file"), line $number" $line ;;
      *) fail "$(basename "$file"), line $number: '$line' is incomplete." ;;
    esac
  done < "$file"
done
for list in users retired rights; do
  LC_ALL=C sort -u -o $list $list
done

while read -r user rest; do
  grep -qx "$user" users || fail "$user is allowed something but is not declared as a user."
done < rights
while read -r user; do
  [ -f "$passwords/$user/password" ] || fail "The user $user has no password: the Secret kafka-user-$user is not mounted."
done < users
while read -r user; do
  ! grep -qx "$user" users || fail "$user is both a user and retired."
done < retired

# --- How to log in ---------------------------------------------------------------------------------------------------------

# client_of USER: the settings with which a tool logs in as this user.
client_of() {
  local protocol=PLAINTEXT
  if [ -f /etc/tls/ca.crt ]; then
    protocol=SSL
    echo ssl.truststore.type=PEM
    echo ssl.truststore.location=/etc/tls/ca.crt
  fi
  if [ -s users ]; then
    [ $protocol = SSL ] || fail "Passwords are sent over TLS alone, and /etc/tls/ca.crt is not there."
    protocol=SASL_SSL
    echo sasl.mechanism=SCRAM-SHA-512
    echo "sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required username=\"$1\" password=\"$(cat "$passwords/$1/password")\";"
  fi
  echo security.protocol=$protocol
}

# Whether Kafka takes this user's password. While no broker answers it waits, half an hour at least: they may be starting.
can_log_in() {
  local tries=30
  client_of "$1" > client-of-user
  until kafka-topics --bootstrap-server "$BOOTSTRAP_SERVERS" --command-config client-of-user --list < /dev/null > login-output 2>&1; do
    ! grep -q SaslAuthenticationException login-output || return 1
    tries=$((tries - 1))
    [ $tries -gt 0 ] || fail "Kafka does not answer: $(tail -n 3 login-output)"
    echo "Kafka does not answer yet."
    sleep 5
  done
}

# admin and broker may both do everything. When the password of one was changed in its Secret, Kafka still has the old one, and
# the other opens the door to change it. So never change both at once.
operator=admin
if [ -s users ] && ! can_log_in admin; then
  echo "Kafka does not know the password of admin: logging in as broker."
  operator=broker
  can_log_in broker || fail "Kafka knows neither the password of admin nor that of broker. Bring one of them back from Git's history."
fi
client_of $operator > client

# --- Users -----------------------------------------------------------------------------------------------------------------

if [ -s users ] || [ -s retired ]; then
  ask kafka-configs --describe --entity-type users | sed -nE "s/^SCRAM credential configs for user-principal '(.*)' are .*/\1/p" > known
  while read -r user; do
    [ "$user" != $operator ] || continue
    if ! grep -qx "$user" known; then
      what="user $user: made"
    elif ! can_log_in "$user"; then
      what="user $user: password changed"
    else
      continue
    fi
    # Without the brackets that the same setting has on a command line.
    echo "SCRAM-SHA-512=password=$(cat "$passwords/$user/password")" > credential
    change "$what" kafka-configs --alter --entity-type users --entity-name "$user" --add-config-file credential
  done < users
  while read -r user; do
    ! grep -qx "$user" known ||
      change "user $user: retired" kafka-configs --alter --entity-type users --entity-name "$user" --delete-config SCRAM-SHA-512
  done < retired
fi

# --- Topics ----------------------------------------------------------------------------------------------------------------

# Name, partitions, replicas and the settings, which begin with a comma.
ask kafka-topics --describe |
  sed -nE 's/^Topic: ([^[:space:]]+).*PartitionCount: ([0-9]+)[[:space:]]+ReplicationFactor: ([0-9]+)[[:space:]]+Configs: ?(.*)$/\1 \2 \3 ,\4/p' > existing

while read -r topic settings; do
  partitions=
  replicas=
  : > properties
  for setting in $settings; do
    case $setting in
      partitions=*) partitions=$(echo "$setting" | cut -d= -f2) ;;
      replicas=*) replicas=$(echo "$setting" | cut -d= -f2) ;;
      *) echo "$setting" >> properties ;;
    esac
  done

  if ! grep -q "^$topic " existing; then
    set -- --create --topic "$topic"
    [ -z "$partitions" ] || set -- "$@" --partitions "$partitions"
    [ -z "$replicas" ] || set -- "$@" --replication-factor "$replicas"
    while read -r setting; do
      set -- "$@" --config "$setting"
    done < properties
    change "topic $topic: made" kafka-topics "$@"
    continue
  fi

  read -r topic has_partitions has_replicas has_settings <<< "$(grep "^$topic " existing)"
  if [ -n "$partitions" ] && [ "$partitions" -gt "$has_partitions" ]; then
    change "topic $topic: partitions $has_partitions -> $partitions" kafka-topics --alter --topic "$topic" --partitions "$partitions"
  elif [ -n "$partitions" ] && [ "$partitions" -lt "$has_partitions" ]; then
    echo "note: the topic $topic has $has_partitions partitions, more than the $partitions that are declared. Kafka cannot take them away."
  fi
  if [ -n "$replicas" ] && [ "$replicas" != "$has_replicas" ]; then
    echo "note: the topic $topic has $has_replicas copies, not the $replicas that are declared. kafka-reassign-partitions changes that."
  fi
  # A value may hold commas: only one before the next name parts two settings.
  echo "$has_settings" | sed -E 's/,([a-z.]+=)/\n\1/g' > has
  grep -Fxvf has properties > differing || true
  if [ -s differing ]; then
    change "topic $topic: $(tr '\n' ' ' < differing)" kafka-configs --alter --entity-type topics --entity-name "$topic" --add-config-file differing
  fi
done < topics

# --- Rights ----------------------------------------------------------------------------------------------------------------

if [ -s users ] || [ -s retired ]; then
  ask kafka-acls --list > listing
  sed -nE \
    -e 's/^Current ACLs for resource .*resourceType=([A-Z_]+), name=(.*), patternType=([A-Z]+)\).*/resource \1 \3 \2/p' \
    -e 's/.*\(principal=User:([^,]*), host=([^,]*), operation=([A-Z_]+), permissionType=([A-Z]+)\).*/right \1 \2 \3 \4/p' listing |
    while read -r what first second third fourth; do
      case $what in
        resource) resource="$first $second $third" ;;
        right) echo "$first $resource $second $third $fourth" ;;
      esac
    done |
    sed -E \
      -e 's/ READ (ALLOW|DENY)$/ Read \1/' -e 's/ WRITE (ALLOW|DENY)$/ Write \1/' -e 's/ CREATE (ALLOW|DENY)$/ Create \1/' \
      -e 's/ DELETE (ALLOW|DENY)$/ Delete \1/' -e 's/ ALTER (ALLOW|DENY)$/ Alter \1/' -e 's/ DESCRIBE (ALLOW|DENY)$/ Describe \1/' \
      -e 's/ CLUSTER_ACTION (ALLOW|DENY)$/ ClusterAction \1/' -e 's/ DESCRIBE_CONFIGS (ALLOW|DENY)$/ DescribeConfigs \1/' \
      -e 's/ ALTER_CONFIGS (ALLOW|DENY)$/ AlterConfigs \1/' -e 's/ IDEMPOTENT_WRITE (ALLOW|DENY)$/ IdempotentWrite \1/' \
      -e 's/ ALL (ALLOW|DENY)$/ All \1/' |
    LC_ALL=C sort -u > has-rights

  # Only who is named in the files is looked after.
  LC_ALL=C sort -u users retired > managed
  : > managed-rights
  while read -r user right; do
    if grep -qx "$user" managed; then
      echo "$user $right" >> managed-rights
    else
      echo "$user" >> strangers
    fi
  done < has-rights
  if [ -f strangers ]; then
    echo "note: these have rights and are not declared; they keep them: $(sort -u strangers | tr '\n' ' ')"
  fi

  # apply_rights --add|--remove WORD < rights: one command for all operations on one resource.
  apply_rights() {
    local action=$1 word=$2 group= operations= user kind pattern resource host operation verdict
    while read -r user kind pattern resource host operation verdict; do
      if [ "$user $kind $pattern $resource $host $verdict" != "$group" ]; then
        [ -z "$group" ] || apply_group $action $word $group $operations
        group="$user $kind $pattern $resource $host $verdict"
        operations=
      fi
      operations="$operations $operation"
    done
    [ -z "$group" ] || apply_group $action $word $group $operations
  }
  apply_group() {
    local action=$1 word=$2 user=$3 kind=$4 pattern=$5 resource=$6 host=$7 verdict=$8 operation operations
    shift 8
    operations="$*"
    case $verdict in
      ALLOW) set -- --allow-principal "User:$user" --allow-host "$host" ;;
      DENY) set -- --deny-principal "User:$user" --deny-host "$host" ;;
    esac
    case $kind in
      TOPIC) set -- "$@" --topic "$resource" ;;
      GROUP) set -- "$@" --group "$resource" ;;
      TRANSACTIONAL_ID) set -- "$@" --transactional-id "$resource" ;;
      CLUSTER) set -- "$@" --cluster ;;
      *) fail "$user has a right on a $kind ($resource), which is not declared and cannot be taken away here." ;;
    esac
    for operation in $operations; do
      set -- "$@" --operation "$operation"
    done
    [ "$action" = --add ] || set -- "$@" --force
    change "right $word: $user $verdict $kind $pattern $resource:$(echo " $operations" | tr -s ' ')" \
      kafka-acls $action --resource-pattern-type "$(echo "$pattern" | tr A-Z a-z)" "$@"
  }
  LC_ALL=C sort -o managed-rights managed-rights
  LC_ALL=C comm -23 rights managed-rights | apply_rights --add added
  LC_ALL=C comm -13 rights managed-rights | apply_rights --remove removed
fi

echo "$(wc -l < changes) changes."
