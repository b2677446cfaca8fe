#!/bin/bash
# In place of the image's own start script, which keeps running as the first process and does not pass SIGTERM on, so that
# ksqlDB would be killed instead of stopped; and which writes its properties among its templates, on the read-only root.
set -eu

agent=$(echo /usr/share/java/cp-base-new/jmx_prometheus_javaagent-*.jar)
if [ ! -f "$agent" ]; then
  echo "The image has no JMX agent, or more than one: $agent" >&2
  exit 1
fi

# KSQL_X_Y in the environment becomes the property x.y.
dub template /etc/ksqldb/ksqldb-server.properties.template /tmp/ksqldb-server.properties

# ksqlDB gives up when Kafka is not there yet, and would crash in a loop while the broker's image is still being pulled. The
# same file tells how to log in at Kafka.
cub kafka-ready -b "$KSQL_BOOTSTRAP_SERVERS" -c /tmp/ksqldb-server.properties 1 300

# Not in the pod's environment: there the tools of the image would load the agent too and fail, its port being taken.
export KSQL_OPTS="-javaagent:$agent=7071:/etc/infometis/jmx-exporter.yml"
exec /usr/bin/ksql-server-start /tmp/ksqldb-server.properties
