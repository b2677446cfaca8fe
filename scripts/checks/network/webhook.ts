import { describe } from '../../finding.ts';
import { closing, type PolicyRule, portsOpened } from '../../kubernetes/network-policy.ts';
import { covers, type IntervalSet, printPortSet } from '../../kubernetes/network-policy-sets.ts';
import { numberAt } from '../../kubernetes/pod-template.ts';
import { locate, type RenderedObject } from '../../render/object.ts';
import { at, itemsAt, type Path, textAt } from '../../yaml/node.ts';
import type { Report, Rule } from '../rule.ts';
import { podPorts, podsBehind } from './blocked-address.ts';
import type { NetworkSubject, PodGroup } from './subject.ts';

export const webhook: Rule<NetworkSubject> = {
  id: 'network/webhook',
  severity: 'warning',
  title: 'The API server can reach the webhooks and API services that it asks',
  why: 'It is no pod of the namespace: it comes from its node, or through an agent in kube-system. Shut out, it refuses whatever the webhook should look at, unless `failurePolicy` is Ignore.',
  fix: 'Open the port of the pods to the addresses of the control plane (`ipBlock`), and to `k8s-app: konnectivity-agent` in kube-system where the cluster has one.',
  docs: 'https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#service-reference',
  scope: 'general',
  *check(subject) {
    for (const { object, path } of asked(subject)) {
      const reference = at(object.node, path);
      const namespace = textAt(reference, ['namespace']);
      const name = textAt(reference, ['name']);
      if (namespace === undefined || name === undefined) continue;
      const service = subject.index.find({ group: '', kind: 'Service', namespace, name });
      if (service) yield* checkService(subject, object, path, service, numberAt(reference, ['port']) ?? 443);
    }
  },
};

function* checkService(
  subject: NetworkSubject,
  object: RenderedObject,
  path: Path,
  service: RenderedObject,
  port: number,
): Generator<Report> {
  for (const pods of podsBehind(subject, service)) {
    const ports = podPorts(service, port, pods);
    const policies = closing(subject.policies, pods, 'ingress');
    if (ports.length === 0 || policies.length === 0 || subject.mayBeOpened(pods.namespace)) continue;
    const open = policies.some(({ rules }) => rules.some((rule) => letsServerIn(rule, pods, ports)));
    if (open) continue;
    yield {
      message: `${describe(object)}: the API server asks ${describe(service)}, and the ingress of ${pods.title} is closed by NetworkPolicy ${policies.map(({ object: policy }) => policy.name).join(', ')}, which open ${printPortSet(ports)} to nobody outside its namespace`,
      at: locate(object, path),
      object,
    };
  }
}

/** Whether a rule may be meant for the API server: whoever is no pod of the same namespace. */
const letsServerIn = (rule: PolicyRule, pods: PodGroup, ports: IntervalSet): boolean =>
  rule.direction === 'ingress' &&
  covers(portsOpened(rule, pods), ports) &&
  (rule.peers.length === 0 ||
    rule.peers.some(({ addresses, namespaces }) => addresses !== undefined || namespaces !== undefined));

/** Every reference to a Service that the API server itself calls. */
function* asked(
  subject: NetworkSubject,
): Generator<{ readonly object: RenderedObject; readonly path: Path }> {
  for (const kind of ['ValidatingWebhookConfiguration', 'MutatingWebhookConfiguration'])
    for (const object of subject.index.all('admissionregistration.k8s.io', kind))
      for (const index of itemsAt(object.node, ['webhooks']).keys())
        yield { object, path: ['webhooks', index, 'clientConfig', 'service'] };
  for (const object of subject.index.all('apiextensions.k8s.io', 'CustomResourceDefinition'))
    yield { object, path: ['spec', 'conversion', 'webhook', 'clientConfig', 'service'] };
  for (const object of subject.index.all('apiregistration.k8s.io', 'APIService'))
    yield { object, path: ['spec', 'service'] };
}
