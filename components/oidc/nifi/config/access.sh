# Read by setup.sh. The groups of the identity provider, and what each may do: access.json, where "root" in a resource stands
# for the canvas. Rights are added where they are missing; what an administrator has given besides stays.
#
# No braces around variables: Flux would take them for its own where it substitutes.

# tenant KIND IDENTITY: the id of a user group or user, which is made where it is missing.
tenant() {
  all=$(request GET "/tenants/$1")
  tenant_id=$(printf '%s' "$all" | jq --raw-output --arg identity "$2" \
    'first((.userGroups // .users)[] | select(.component.identity == $identity) | .id) // empty')
  if [ -z "$tenant_id" ]; then
    body=$(jq --compact-output --null-input --arg identity "$2" '{revision: {version: 0}, component: {identity: $identity}}')
    made=$(request POST "/tenants/$1" "$body")
    tenant_id=$(printf '%s' "$made" | jq --raw-output .id)
    log "$2 created."
  fi
  printf '%s' "$tenant_id"
}

# grant RESOURCE ACTION WANTED, the last one {users: [{id}…], userGroups: [{id}…]}.
grant() {
  status=$(call --output "$response" --write-out '%{http_code}' --header "@$authorization" "$api/policies/$2$1") ||
    fail "GET /policies/$2$1: no answer."
  case $status in
    # Where a resource has no policy of its own NiFi may answer with the one it inherits.
    200) policy=$(jq --compact-output --arg resource "$1" 'select(.component.resource == $resource)' "$response") ;;
    404) policy= ;;
    *) fail "GET /policies/$2$1 answered $status: $(head -c 1000 "$response")" ;;
  esac
  if [ -z "$policy" ]; then
    body=$(jq --compact-output --null-input --arg resource "$1" --arg action "$2" --argjson wanted "$3" \
      '{revision: {version: 0}, component: ({resource: $resource, action: $action} + $wanted)}')
    request POST /policies "$body" >/dev/null
    log "$2 $1: policy created."
    return
  fi
  body=$(jq --compact-output --null-input --argjson policy "$policy" --argjson wanted "$3" '
    def ids: map({id}) | unique;
    {
      users: ($policy.component.users + $wanted.users | ids),
      userGroups: ($policy.component.userGroups + $wanted.userGroups | ids)
    } as $all
    | if $all.users == ($policy.component.users | ids) and $all.userGroups == ($policy.component.userGroups | ids)
      then empty
      else {revision: $policy.revision, component: ({id: $policy.id, resource: $policy.component.resource, action: $policy.component.action} + $all)}
      end')
  if [ -n "$body" ]; then
    request PUT "/policies/$(printf '%s' "$policy" | jq --raw-output .id)" "$body" >/dev/null
    log "$2 $1: policy extended."
  fi
}

ensure_access() {
  canvas=$(request GET /flow/process-groups/root)
  root_group=$(printf '%s' "$canvas" | jq --raw-output .processGroupFlow.id)
  viewer=$(tenant user-groups infometis-viewer)
  operator=$(tenant user-groups infometis-operator)
  admin=$(tenant user-groups infometis-admin)
  node=$(tenant users nifi)
  groups=$(jq --compact-output --null-input --arg viewer "$viewer" --arg operator "$operator" --arg admin "$admin" \
    '{viewer: $viewer, operator: $operator, admin: $admin}')
  # One line for each rule; a loop that reads from a pipe would hide a failure inside it.
  jq --compact-output --argjson groups "$groups" --arg node "$node" --arg root "$root_group" '.[] | {
    resource: (.resource | sub("/root$"; "/" + $root)),
    action,
    wanted: {users: (if .users then [{id: $node}] else [] end), userGroups: [.groups[] | {id: $groups[.]}]}
  }' "$here/access.json" > /tmp/access
  while read -r rule; do
    grant "$(printf '%s' "$rule" | jq --raw-output .resource)" "$(printf '%s' "$rule" | jq --raw-output .action)" \
      "$(printf '%s' "$rule" | jq --compact-output .wanted)"
  done < /tmp/access
}

ensure_access
