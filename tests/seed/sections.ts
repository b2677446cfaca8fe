import * as components from './components.ts';
import * as platform from './platform.ts';
import type { Section, Statement } from './statement.ts';

/** Every section of the seed, in its order, with what it states. */
export const sections: readonly Section[] = [
  components.architecture,
  components.ingressLayer,
  components.dataIngestion,
  components.eventStreaming,
  components.flink,
  components.ksqlDb,
  components.dataStorage,
  components.schemaManagement,
  components.prometheusSection,
  components.grafanaSection,
  components.realTimeEtl,
  components.streamAnalytics,
  components.eventProcessing,
  platform.persistentVolumes,
  platform.volumeMappings,
  platform.serviceDiscovery,
  platform.portMappings,
  platform.currentSecurity,
  platform.productionSecurity,
  platform.horizontalScaling,
  platform.resourceRequirements,
  platform.currentLimitations,
  platform.upgradePath,
  platform.backupStrategies,
  platform.recoveryProcedures,
  platform.designDecisions,
  platform.suitableFor,
];

export const statements: readonly Statement[] = sections.flatMap((section) => section.statements);

/** The headings of the seed, written down apart, so that a section that somebody drops is missed. */
export const headings: readonly string[] = [
  'System Architecture',
  'Component Details: Traefik',
  'Component Details: Apache NiFi',
  'Component Details: Apache Kafka',
  'Component Details: Apache Flink',
  'Component Details: ksqlDB',
  'Component Details: Elasticsearch',
  'Component Details: Schema Registry',
  'Monitoring Stack: Prometheus',
  'Monitoring Stack: Grafana',
  'Data Flow Patterns: Real-Time ETL',
  'Data Flow Patterns: Stream Analytics',
  'Data Flow Patterns: Event Processing',
  'Storage Architecture: Persistent Volumes',
  'Storage Architecture: Volume Mappings',
  'Network Architecture: Service Discovery',
  'Network Architecture: Port Mappings',
  'Security Considerations: Current State',
  'Security Considerations: Production Recommendations',
  'Scalability: Horizontal Scaling Options',
  'Scalability: Resource Requirements',
  'High Availability: Current Limitations',
  'High Availability: HA Upgrade Path',
  'Disaster Recovery: Backup Strategies',
  'Disaster Recovery: Recovery Procedures',
  'Key Design Decisions',
  'Suitable For',
];
