#!/bin/bash
# Succeeds when this broker answers and no partition that has a copy here is without it among its in-sync copies. Copies that
# other brokers lack do not count: three brokers that start together must not wait for each other.
set -eu

# The first is written by the component that switches SASL on, the second comes with TLS.
set --
for file in /etc/kafka/internal-client.properties /etc/infometis/internal-client.properties; do
  if [ -f "$file" ]; then
    set -- --command-config "$file"
    break
  fi
done

# No need to start a process while the port is closed.
if ! (: <> /dev/tcp/localhost/9092) 2> /dev/null; then
  echo 'The broker does not listen yet: it waits for the controllers, or reads its logs.'
  exit 1
fi

# A small process beside the broker, and not with the broker's heap.
export KAFKA_OPTS= KAFKA_HEAP_OPTS='-Xms16m -Xmx64m' KAFKA_JVM_PERFORMANCE_OPTS='-XX:+UseSerialGC -XX:TieredStopAtLevel=1'
partitions=$(timeout 25 kafka-topics --bootstrap-server localhost:9092 "$@" --describe --under-replicated-partitions)

behind=no
while read -r partition; do
  replicas=
  isr=
  # Into words: … Replicas: 0,1,2 Isr: 0,1
  set -- $partition
  while [ $# -gt 1 ]; do
    case $1 in
      Replicas:) replicas=$2 ;;
      Isr:) isr=$2 ;;
    esac
    shift
  done
  case ",$replicas," in
    *",$KAFKA_NODE_ID,"*) ;;
    *) continue ;;
  esac
  case ",$isr," in
    *",$KAFKA_NODE_ID,"*) ;;
    *)
      behind=yes
      echo "Not in sync yet: $partition"
      ;;
  esac
done <<< "$partitions"

[ "$behind" = no ]
