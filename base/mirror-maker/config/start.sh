#!/bin/bash
# Adds addresses and logins to the settings, from the environment and the mounted Secrets. Nothing secret is in the settings
# themselves, on the command line or in the environment.
set -eu
umask 077

agent=$(echo /usr/share/java/cp-base-new/jmx_prometheus_javaagent-*.jar)
if [ ! -f "$agent" ]; then
  echo "The image has no JMX agent, or more than one: $agent" >&2
  exit 1
fi

login() {
  echo "org.apache.kafka.common.security.scram.ScramLoginModule required username=\"$1\" password=\"$2\";"
}

{
  cat /etc/infometis/mirror-maker.properties
  echo "primary.bootstrap.servers=$PRIMARY_BOOTSTRAP_SERVERS"
  # The components tls and sasl mount these two.
  protocol=PLAINTEXT
  if [ -f /etc/tls/ca.crt ]; then
    protocol=SSL
    echo primary.ssl.truststore.type=PEM
    echo primary.ssl.truststore.location=/etc/tls/ca.crt
  fi
  if [ -f /etc/kafka-user/password ]; then
    protocol=SASL_SSL
    echo primary.sasl.mechanism=SCRAM-SHA-512
    echo "primary.sasl.jaas.config=$(login mirror-maker "$(cat /etc/kafka-user/password)")"
  fi
  echo "primary.security.protocol=$protocol"

  echo "backup.bootstrap.servers=$BACKUP_BOOTSTRAP_SERVERS"
  echo backup.security.protocol=SASL_SSL
  echo backup.sasl.mechanism=SCRAM-SHA-512
  echo "backup.sasl.jaas.config=$(login "$(cat /etc/backup-kafka/username)" "$(cat /etc/backup-kafka/password)")"
  echo backup.ssl.truststore.type=PEM
  echo backup.ssl.truststore.location=/etc/backup-kafka/ca.crt
} > /tmp/mirror-maker.properties

# Not in the pod's environment: there the tools of the image would load the agent too and fail, its port being taken.
export KAFKA_OPTS="-javaagent:$agent=7071:/etc/infometis/jmx-exporter.yml"
export KAFKA_LOG4J_OPTS=-Dlog4j.configuration=file:/etc/infometis/log4j.properties
exec connect-mirror-maker /tmp/mirror-maker.properties --clusters backup
