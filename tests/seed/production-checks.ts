import { containersOf, numberAt, podTemplateOf } from '../../scripts/kubernetes/pod-template.ts';
import { parseQuantity } from '../../scripts/kubernetes/quantity.ts';
import { requirementsOf, unmet } from '../../scripts/kubernetes/selectors.ts';
import { demandOf, sumDemand } from '../../scripts/kubernetes/workload-demand.ts';
import type { Environment } from '../../scripts/render/environment.ts';
import { isKind, locate, type RenderedObject } from '../../scripts/render/object.ts';
import { at, entriesAt, itemsAt, type Node, type Path, textAt } from '../../scripts/yaml/node.ts';
import { statefulSet } from './proofs.ts';
import { failed, matchingObjects, merge, nameOf, proveObjects } from './prove.ts';
import type { CheckedProof, ObjectProof, Outcome } from './statement.ts';

const namespace = 'infometis';

/** The outcome of looking at one value. */
const found = (object: RenderedObject, path: Path, holds: boolean, message: string): Outcome =>
  holds
    ? { evidence: [{ subject: nameOf(object), origin: locate(object, path) }], failures: [] }
    : failed(`${nameOf(object)}: ${message}`, locate(object, path));

const checked = (shows: string, check: (environment: Environment) => Outcome): CheckedProof => ({
  in: 'small-production',
  shows,
  check,
});

/** An object that has to be there; otherwise what is wrong. */
function only(
  environment: Environment,
  pattern: string,
  check: (object: RenderedObject) => Outcome,
): Outcome {
  const [object] = matchingObjects(environment, pattern);
  return object ? check(object) : failed(`${pattern} is not rendered`);
}

const workloadsOf = ({ objects }: Environment): readonly RenderedObject[] =>
  objects.filter(
    (object) =>
      object.namespace === namespace &&
      (isKind(object, 'apps', 'Deployment') || isKind(object, 'apps', 'StatefulSet')),
  );

const policiesFor = (environment: Environment, workload: RenderedObject): readonly RenderedObject[] => {
  const labels = podTemplateOf(workload)?.labels ?? {};
  return environment.objects.filter(
    (object) =>
      isKind(object, 'networking.k8s.io', 'NetworkPolicy') &&
      object.namespace === workload.namespace &&
      unmet(labels, requirementsOf(at(object.node, ['spec', 'podSelector']))).length === 0,
  );
};

/** Which labels `app.kubernetes.io/name` a rule of a policy lets in; undefined where it lets in more than named components. */
function lettingIn(rule: Node): readonly string[] | undefined {
  const peers = itemsAt(rule, ['from']);
  const names = peers.map((peer) =>
    at(peer, ['namespaceSelector']) || at(peer, ['ipBlock'])
      ? undefined
      : textAt(peer, ['podSelector', 'matchLabels', 'app.kubernetes.io/name']),
  );
  return peers.length === 0 || names.includes(undefined) ? undefined : (names as string[]);
}

/** `plain`: not encrypted, and so open to Prometheus alone. */
export type Encrypted = readonly ObjectProof[] | 'plain';

/**
 * Every port that a container of the platform opens: that it is encrypted, by the settings that make it so. A port that the table
 * does not name fails, and so does one that is there for nothing.
 */
export const everyPort = (ports: Readonly<Record<string, Encrypted>>): CheckedProof =>
  checked(
    'every port is encrypted, or a plain one of metrics that Prometheus alone may reach, beside its own component',
    (environment) => {
      const outcomes: Outcome[] = [];
      const seen = new Set<string>();
      for (const workload of workloadsOf(environment)) {
        const template = podTemplateOf(workload);
        for (const container of template ? containersOf(template) : [])
          for (const [index, port] of itemsAt(container.node, ['ports']).entries()) {
            const key = `${workload.name}/${textAt(port, ['name'])}`;
            const path = [...container.path, 'ports', index, 'name'];
            const number = numberAt(port, ['containerPort']) ?? 0;
            const encrypted = ports[key];
            seen.add(key);
            if (encrypted === undefined)
              outcomes.push(found(workload, path, false, `nothing says how port ${key} is encrypted`));
            else if (encrypted === 'plain')
              outcomes.push(reachedByPrometheusAlone(environment, workload, path, number));
            else outcomes.push(...encrypted.map((proof) => proveObjects(environment, proof)));
          }
      }
      for (const key of Object.keys(ports))
        if (!seen.has(key)) outcomes.push(failed(`there is no port ${key}: it need not be listed`));
      return merge(outcomes);
    },
  );

function reachedByPrometheusAlone(
  environment: Environment,
  workload: RenderedObject,
  path: Path,
  port: number,
): Outcome {
  const callers = policiesFor(environment, workload).flatMap((policy) =>
    itemsAt(policy.node, ['spec', 'ingress'])
      .filter((rule) => {
        const opened = itemsAt(rule, ['ports']);
        return (
          opened.length === 0 ||
          opened.some((each) => {
            const from = numberAt(each, ['port']);
            return from === undefined || (from <= port && port <= (numberAt(each, ['endPort']) ?? from));
          })
        );
      })
      .flatMap((rule) => lettingIn(rule) ?? ['everyone']),
  );
  // And by its own component: NiFi's setup asks whether there are metrics.
  const own = podTemplateOf(workload)?.labels['app.kubernetes.io/name'];
  const others = callers.filter((caller) => caller !== 'prometheus' && caller !== own);
  return found(
    workload,
    path,
    callers.length > 0 && others.length === 0,
    `port ${port} is not encrypted and is open to ${callers.length === 0 ? 'nobody' : others.join(', ')}`,
  );
}

/** Every component that may reach the brokers logs in with a user and a password of its own, and has rights. */
export const everyClientLogsIn: CheckedProof = checked(
  'every component that may reach a broker has a user, rights and a password of its own',
  (environment) =>
    only(environment, `NetworkPolicy/${namespace}/kafka`, (policy) => {
      const clients = itemsAt(policy.node, ['spec', 'ingress'])
        .filter((rule) => itemsAt(rule, ['ports']).some((port) => numberAt(port, ['port']) === 9092))
        .flatMap((rule) => lettingIn(rule) ?? [])
        // The brokers themselves, and the Job that makes the users.
        .filter((name) => name !== 'kafka' && name !== 'kafka-access');
      const [declared] = matchingObjects(environment, `ConfigMap/${namespace}/kafka-access-config`);
      const access = textAt(declared?.node, ['data', 'platform.access']) ?? '';
      if (clients.length === 0) return failed('no component may reach a broker');
      return merge(
        clients.map((client) => {
          const readers = workloadsOf(environment).filter(
            (workload) => podTemplateOf(workload)?.labels['app.kubernetes.io/name'] === client,
          );
          const secret = `kafka-user-${client}`;
          if (readers.length === 0) return failed(`there is no workload ${client}`);
          if (!new RegExp(`^user +${client}$`, 'm').test(access))
            return failed(
              `${client} is declared as no user of Kafka`,
              declared && locate(declared, ['data']),
            );
          if (!new RegExp(`^allow +${client} `, 'm').test(access))
            return failed(`${client} has no right at Kafka`, declared && locate(declared, ['data']));
          return merge(
            readers.map((workload) =>
              found(
                workload,
                ['spec', 'template'],
                names(workload.node, secret),
                `it does not read ${secret}`,
              ),
            ),
          );
        }),
      );
    }),
);

/** Whether a text stands anywhere in a node. */
const names = (node: Node, text: string): boolean =>
  node.type === 'scalar'
    ? node.value === text
    : node.type === 'list'
      ? node.items.some((item) => names(item, text))
      : [...node.entries.values()].some(({ value }) => names(value, text));

/** In each namespace nothing may come or go by default, and each workload has a policy that says what may. */
export const everyNamespaceIsClosed: CheckedProof = checked(
  'each namespace that has pods refuses everything both ways, and every workload has a policy of its own',
  (environment) => {
    const policies = environment.objects.filter((object) =>
      isKind(object, 'networking.k8s.io', 'NetworkPolicy'),
    );
    const pods = environment.objects.filter(
      (object) => podTemplateOf(object) !== undefined && !object.apiVersion.includes('k8up'),
    );
    const charted = environment.objects
      .filter((object) => isKind(object, 'helm.toolkit.fluxcd.io', 'HelmRelease'))
      .map(({ node }) => textAt(node, ['spec', 'targetNamespace']));
    const namespaces = new Set([...pods.map((object) => object.namespace), ...charted]);
    const shut = [...namespaces].map((name) => {
      const deny = policies.find(
        (policy) =>
          policy.namespace === name &&
          requirementsOf(at(policy.node, ['spec', 'podSelector'])).length === 0 &&
          itemsAt(policy.node, ['spec', 'policyTypes']).length === 2 &&
          !at(policy.node, ['spec', 'ingress']) &&
          !at(policy.node, ['spec', 'egress']),
      );
      return deny
        ? found(deny, ['spec', 'policyTypes'], true, '')
        : failed(`namespace ${name}: no policy refuses everything both ways`);
    });
    const own = pods.map((workload) =>
      found(
        workload,
        ['metadata', 'name'],
        policiesFor(environment, workload).some(
          (policy) => requirementsOf(at(policy.node, ['spec', 'podSelector'])).length > 0,
        ),
        'no policy of its own says whom it may reach, and who may reach it',
      ),
    );
    return merge([...shut, ...own]);
  },
);

/** So many pods at least, on different nodes, of which a drain takes one at a time. */
export const severalPods = (workload: string, least: number): CheckedProof =>
  checked(
    `${workload} has ${least} pods or more, each on a node of its own, and lets one be evicted`,
    (environment) =>
      only(environment, workload, (object) => {
        const template = podTemplateOf(object);
        const labels = template?.labels ?? {};
        const matches = (selector: Node | undefined): boolean =>
          selector !== undefined && unmet(labels, requirementsOf(selector)).length === 0;
        const replicas = numberAt(object.node, ['spec', 'replicas']) ?? 1;
        const budget = environment.objects.find(
          (each) =>
            isKind(each, 'policy', 'PodDisruptionBudget') &&
            each.namespace === object.namespace &&
            matches(at(each.node, ['spec', 'selector'])),
        );
        const spread = itemsAt(template?.spec, ['topologySpreadConstraints']).findIndex(
          (constraint) =>
            textAt(constraint, ['topologyKey']) === 'kubernetes.io/hostname' &&
            textAt(constraint, ['whenUnsatisfiable']) === 'DoNotSchedule' &&
            numberAt(constraint, ['maxSkew']) === 1 &&
            matches(at(constraint, ['labelSelector'])),
        );
        const path = [...(template?.specPath ?? []), 'topologySpreadConstraints', Math.max(0, spread)];
        return merge([
          found(
            object,
            ['spec', 'replicas'],
            replicas >= least,
            `it has ${replicas} replicas, and should have ${least}`,
          ),
          found(object, path, spread !== -1, 'nothing keeps its pods on different nodes'),
          budget
            ? found(
                budget,
                ['spec', 'maxUnavailable'],
                numberAt(budget.node, ['spec', 'maxUnavailable']) === 1,
                'it does not let exactly one pod be evicted',
              )
            : failed(
                `${nameOf(object)}: it has no PodDisruptionBudget`,
                locate(object, ['metadata', 'name']),
              ),
        ]);
      }),
  );

/** A list of addresses names every pod of a StatefulSet, and no other. */
export const everyPodOf = (name: string, proof: Omit<ObjectProof, 'is' | 'contains'>): CheckedProof =>
  checked(`what ${proof.object.split('/').at(-1)} is told of ${name} names each of its pods`, (environment) =>
    only(environment, statefulSet(name), (store) => {
      const replicas = numberAt(store.node, ['spec', 'replicas']) ?? 1;
      const pods = Array.from({ length: replicas }, (_, index) => `${name}-${index}`);
      const list = pods
        .map((pod) => `[^,]*\\b${pod}(\\.${name}-headless\\.${namespace}\\.svc\\.cluster\\.local)?(:\\d+)?`)
        .join(',');
      return proveObjects(environment, {
        ...proof,
        matches: new RegExp(`^${list}$`),
      });
    }),
  );

/** What protects the data of a claim: a copy by the operator, a copy by other means, or that it can be made again. */
export type Protection = 'copied' | { readonly otherwise: string };

interface Claim {
  readonly object: RenderedObject;
  readonly node: Node;
  readonly path: Path;
  readonly key: string;
}

const claimsOf = (environment: Environment): readonly Claim[] => [
  ...environment.objects
    .filter((object) => isKind(object, '', 'PersistentVolumeClaim'))
    .map((object) => ({ object, node: object.node, path: ['metadata'], key: object.name })),
  ...workloadsOf(environment).flatMap((object) =>
    itemsAt(object.node, ['spec', 'volumeClaimTemplates']).map((node, index) => ({
      object,
      node,
      path: ['spec', 'volumeClaimTemplates', index, 'metadata'],
      key: `${object.name}/${textAt(node, ['metadata', 'name'])}`,
    })),
  ),
];

/** Each claim by its name, or `workload/template`: the operator copies exactly those that the table says. */
export const everyClaim = (claims: Readonly<Record<string, Protection>>): CheckedProof =>
  checked(
    'the operator copies every volume but those whose data is copied otherwise or can be made again',
    (environment) => {
      const seen = new Set<string>();
      const outcomes = claimsOf(environment).map(({ object, node, path, key }) => {
        const wanted = claims[key];
        const isCopied = textAt(node, ['metadata', 'annotations', 'k8up.io/backup']) === 'true';
        seen.add(key);
        if (wanted === undefined)
          return found(object, path, false, `nothing says what protects the claim ${key}`);
        return found(
          object,
          path,
          isCopied === (wanted === 'copied'),
          wanted === 'copied'
            ? `the claim ${key} is not annotated k8up.io/backup, so nobody copies it`
            : `the claim ${key} is copied as files, though ${wanted.otherwise}`,
        );
      });
      for (const key of Object.keys(claims))
        if (!seen.has(key)) outcomes.push(failed(`there is no claim ${key}`));
      return merge(outcomes);
    },
  );

/** The requests of all pods against the nodes that the environment declares: all of them up, and one of them away. */
export const fitsItsNodes = (nodes: { count: number; cpu: number; memory: string }): CheckedProof =>
  checked(
    `what all pods ask for is there on ${nodes.count} nodes of ${nodes.cpu} CPUs and ${nodes.memory}, and what can move still is without one of them`,
    ({ objects }) => {
      const workloads = demandOf(objects, nodes.count);
      const subject = workloads.at(-1)?.object;
      if (!subject) return failed('no pod is rendered');
      const whole = sumDemand(workloads);
      const remaining = sumDemand(workloads, ({ oneNodeDown }) => oneNodeDown ?? 0);
      const room = { cpu: nodes.cpu, memory: parseQuantity(nodes.memory) ?? 0 };
      return merge(
        (['cpu', 'memory'] as const).flatMap((resource) => [
          found(
            subject,
            ['metadata', 'name'],
            whole[resource] <= room[resource] * nodes.count,
            `with all others it asks for ${whole[resource]} of ${resource}, and there are ${room[resource] * nodes.count}`,
          ),
          found(
            subject,
            ['metadata', 'name'],
            remaining[resource] <= room[resource] * (nodes.count - 1),
            `without one node ${remaining[resource]} of ${resource} are asked for, and there are ${room[resource] * (nodes.count - 1)}`,
          ),
        ]),
      );
    },
  );

/** Each Ingress asks who somebody is: by one of Traefik's middlewares, or its component by the settings that make it do so. */
export const everyPathAsks = (own: Readonly<Record<string, readonly ObjectProof[]>>): CheckedProof =>
  checked('every path asks who somebody is, before the component or in it', (environment) =>
    merge(
      matchingObjects(environment, `Ingress/${namespace}/*`).map((ingress) => {
        const annotation = 'traefik.ingress.kubernetes.io/router.middlewares';
        const middlewares = textAt(ingress.node, ['metadata', 'annotations', annotation]) ?? '';
        if (/(^|,)\s*require-(viewer|operator|admin)@file/.test(middlewares))
          return found(ingress, ['metadata', 'annotations', annotation], true, '');
        const proofs = own[ingress.name];
        return proofs
          ? merge(proofs.map((proof) => proveObjects(environment, proof)))
          : found(ingress, ['metadata', 'annotations', annotation], false, 'nothing asks who somebody is');
      }),
    ),
  );

/** The keys that a ConfigMap holds, such as files of alert rules: each of these alerts is in one of them. */
export const everyAlert = (configMap: string, alerts: readonly string[]): CheckedProof =>
  checked(`${alerts.join(', ')}`, (environment) =>
    only(environment, configMap, (object) =>
      merge(
        alerts.map((alert) => {
          const file = [...entriesAt(object.node, ['data'])].find(([, { value }]) =>
            new RegExp(`^\\s*- alert: ${alert}$`, 'm').test(textAt(value, []) ?? ''),
          );
          return file
            ? found(object, ['data', file[0]], true, '')
            : failed(`${nameOf(object)}: there is no alert ${alert}`, locate(object, ['data']));
        }),
      ),
    ),
  );
