#!/bin/bash
# The first two users are written into the metadata while the volume is formatted, because nobody could log in to make them.
# From then on a volume keeps what it has: kafka-access changes passwords, theirs too.
set -eu
umask 077

# Makes kafka.properties and the tools' log settings from the environment. The image's own start does it once more.
/etc/confluent/docker/configure

cat > /etc/kafka/internal-client.properties <<PROPERTIES
security.protocol=SASL_SSL
sasl.mechanism=SCRAM-SHA-512
sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required username="broker" password="$BROKER_PASSWORD";
ssl.truststore.type=PEM
ssl.truststore.location=/etc/tls/ca.crt
PROPERTIES

if [ ! -f "$KAFKA_LOG_DIRS/meta.properties" ]; then
  echo "Formatting the volume with the users admin and broker."
  admin_password=$(cat /etc/kafka-users/admin/password)
  # Java reads its arguments from the file: on the command line every process of the node could see the passwords.
  cat > /tmp/format.arguments <<ARGUMENTS
kafka.tools.StorageTool format --ignore-formatted
--cluster-id $CLUSTER_ID
--config /etc/kafka/kafka.properties
--add-scram "SCRAM-SHA-512=[name=admin,password=$admin_password]"
--add-scram "SCRAM-SHA-512=[name=broker,password=$BROKER_PASSWORD]"
ARGUMENTS
  KAFKA_HEAP_OPTS=-Xmx256m kafka-run-class @/tmp/format.arguments
  rm /tmp/format.arguments
fi

exec /bin/bash /etc/infometis/start.sh
