#!/bin/bash
# The replicas ask each other by a name that their certificate holds, and a certificate cannot hold the addresses of pods that
# do not exist yet. The cluster's DNS names each pod behind a headless Service after its address: 10-0-0-1.schema-registry-headless…
set -eu

SCHEMA_REGISTRY_HOST_NAME=$(echo "$SCHEMA_REGISTRY_HOST_NAME" | tr .: --).schema-registry-headless.infometis.svc.cluster.local
export SCHEMA_REGISTRY_HOST_NAME
exec /bin/bash /etc/infometis/start.sh
