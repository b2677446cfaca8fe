/** What a person loses with a component's volumes, and what they have to do afterwards. */
export interface Loss {
  readonly data: string;
  /** Who keeps pointing at what is gone. */
  readonly afterwards?: string;
}

// By component. One that is not listed is told as it is: everything in its volumes.
const losses: Readonly<Record<string, Loss>> = {
  alertmanager: { data: 'silences, and which alerts it has told already: those that go on are told again' },
  elasticsearch: { data: 'every index with its documents, and settings made through the API' },
  flink: {
    data: 'checkpoints and savepoints, and with them the state of every job',
    afterwards: 'Submit your jobs again; they start without state, at the positions that their sources name.',
  },
  grafana: {
    data: 'users, preferences, and dashboards that were made by hand; those in Git come back',
    afterwards: 'The administrator has the password of Secret grafana-credentials again.',
  },
  kafka: {
    data: "every topic with its records, every consumer's position, Schema Registry's schemas and ksqlDB's queries, which are topics, too",
    afterwards:
      'Schema Registry and ksqlDB still remember the old topics: kubectl -n infometis rollout restart deployment/schema-registry statefulset/ksqldb',
  },
  nifi: {
    data: 'flows that are in no registry, FlowFiles on their way, their provenance, and settings made by hand',
  },
  'nifi-registry': {
    data: 'every bucket and every version of every flow in it',
    afterwards: 'Process groups in NiFi that are under version control point at what is gone.',
  },
  prometheus: { data: 'every measurement until now' },
};

export const lossOf = (component: string): Loss =>
  losses[component] ?? { data: 'everything that its volumes hold' };
