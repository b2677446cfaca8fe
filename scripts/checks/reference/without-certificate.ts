import { describe } from '../../finding.ts';
import { locate } from '../../render/object.ts';
import { at, itemsAt, textAt } from '../../yaml/node.ts';
import type { Rule } from '../rule.ts';
import { configReferences } from './config-references.ts';
import type { ReferenceSubject } from './index-objects.ts';
import { replicasOf } from './replicas.ts';

const group = 'cert-manager.io';

export const withoutCertificate: Rule<ReferenceSubject> = {
  id: 'reference/without-certificate',
  severity: 'error',
  title: 'In a namespace with an authority of its own every component has a certificate',
  why: 'The authority is there so that nothing passes the network in the clear. A component without a Certificate either serves plain text or believes whoever answers.',
  fix: 'Add a Certificate of the namespace’s Issuer, and mount its Secret.',
  docs: 'https://cert-manager.io/docs/usage/certificate/',
  scope: 'infometis',
  *check(subject) {
    const authorities = subject.all(group, 'Issuer').filter(({ node }) => at(node, ['spec', 'ca']));
    const namespaces = new Map<string | undefined, string>();
    for (const issuer of authorities) {
      const namespace = subject.namespaceOf(issuer);
      namespaces.set(namespace, namespaces.get(namespace) ?? issuer.name);
    }
    const issued = new Set(
      subject
        .all(group, 'Certificate')
        .map(
          (object) => `${subject.namespaceOf(object)}/${textAt(object.node, ['spec', 'secretName']) ?? ''}`,
        ),
    );
    const holders = new Set(
      [...configReferences(subject, 'Secret')].flatMap(({ object, target }) =>
        issued.has(`${target.namespace}/${target.name}`) ? [object] : [],
      ),
    );
    for (const { object, namespace, template } of subject.workloads) {
      const issuer = namespaces.get(namespace);
      if (issuer === undefined || holders.has(object) || replicasOf(subject, object) === undefined) continue;
      const opens = itemsAt(template.spec, ['containers']).some(
        (container) => itemsAt(container, ['ports']).length > 0,
      );
      if (!opens) continue;
      yield {
        message: `${describe(object)}: it reads the Secret of no Certificate, and the namespace has Issuer ${issuer}: what it serves and asks passes the network in the clear`,
        at: locate(object, [...template.specPath, 'containers']),
        object,
      };
    }
  },
};
