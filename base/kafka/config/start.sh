#!/bin/bash
# The metrics agent is switched on here and not in the pod's environment, because there every tool would load it too:
# `kubectl exec kafka-0 -- kafka-topics …` would fail, its port 7071 being the broker's.
set -eu

agent=$(echo /usr/share/java/cp-base-new/jmx_prometheus_javaagent-*.jar)
if [ ! -f "$agent" ]; then
  echo "The image has no JMX agent, or more than one: $agent" >&2
  exit 1
fi

export KAFKA_OPTS="-javaagent:$agent=7071:/etc/infometis/jmx-exporter.yml"
exec /etc/confluent/docker/run
