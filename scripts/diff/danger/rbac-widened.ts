import { describe } from '../../finding.ts';
import type { Json } from '../../yaml/node.ts';
import { get, listIn, mapIn, textIn, textsIn } from '../json.ts';
import { addedObjects, keptObjects, report } from './report.ts';
import type { DangerReport, DangerRule } from './rule.ts';

const roles = ['rbac.authorization.k8s.io/Role', 'rbac.authorization.k8s.io/ClusterRole'];
const bindings = ['rbac.authorization.k8s.io/RoleBinding', 'rbac.authorization.k8s.io/ClusterRoleBinding'];

export const rbacWidened: DangerRule = {
  id: 'rbac-widened',
  severity: 'danger',
  title: 'Somebody may do more in the cluster than before',
  why: 'Whoever takes over a pod of that account has its rights: to read Secrets, to start pods, to change what runs.',
  fix: 'Name the resources, the verbs and where possible the objects that are needed, and no more; say in the pull request what needs them.',
  *check(change) {
    for (const kept of keptObjects(change, ...roles)) {
      const before = rulesOf(kept.before.value).flatMap(({ rights }) => rights);
      for (const { rights, index } of rulesOf(kept.after.value)) {
        const more = rights.filter((right) => !before.some((known) => covers(known, right)));
        if (more.length > 0) yield report(kept, ['rules', index], `it may also ${listed(more)}`);
      }
      if (kept.after.kind === 'ClusterRole')
        for (const label of Object.keys(mapIn(kept.after.value, ['metadata', 'labels'])))
          if (
            label.startsWith(aggregation) &&
            get(kept.before.value, ['metadata', 'labels', label]) === undefined
          )
            yield report(
              kept,
              ['metadata', 'labels', label],
              `its rights are added to the role ${label.slice(aggregation.length)}`,
            );
    }
    for (const kept of keptObjects(change, ...bindings)) {
      const before = new Set(subjectsOf(kept.before.value));
      for (const [index, subject] of subjectsOf(kept.after.value).entries())
        if (!before.has(subject))
          yield report(
            kept,
            ['subjects', index],
            `${subject} gets the rights of ${referredRole(kept.after.value)}`,
          );
    }
    for (const added of addedObjects(change, ...roles)) {
      const powerful = rulesOf(added.after.value)
        .flatMap(({ rights }) => rights)
        .filter(isPowerful);
      yield powerful.length > 0
        ? report(added, ['rules'], `a new role may ${listed(powerful)}`)
        : report(added, ['rules'], 'a new role', {
            severity: 'notice',
            fix: 'See that it is no wider than needed.',
          });
    }
    for (const added of addedObjects(change, ...bindings)) yield newBinding(added);
  },
};

const aggregation = 'rbac.authorization.k8s.io/aggregate-to-';

function newBinding(added: ReturnType<typeof addedObjects>[number]): DangerReport {
  const role = referredRole(added.after.value);
  const subjects = subjectsOf(added.after.value).join(', ') || 'nobody';
  const isPlain =
    role !== 'ClusterRole cluster-admin' &&
    !/ system:(?:authenticated|unauthenticated|anonymous|serviceaccounts)\b/.test(subjects);
  return report(
    added,
    ['subjects'],
    `${subjects} gets the rights of ${role}`,
    isPlain ? { severity: 'notice', fix: 'See that it is no wider than needed.' } : {},
  );
}

/** One thing that a rule allows. */
interface Right {
  readonly group: string;
  /** A resource, or a path that is none. */
  readonly resource: string;
  /** One object; undefined for all of them. */
  readonly name: string | undefined;
  readonly verb: string;
  readonly isPath: boolean;
}

function rulesOf(value: Json): readonly { readonly rights: readonly Right[]; readonly index: number }[] {
  return listIn(value, ['rules']).map((rule, index) => {
    const names = textsIn(rule, ['resourceNames']);
    const verbs = textsIn(rule, ['verbs']);
    const rights: Right[] = [];
    for (const verb of verbs) {
      for (const group of textsIn(rule, ['apiGroups']))
        for (const resource of textsIn(rule, ['resources']))
          for (const name of names.length > 0 ? names : [undefined])
            rights.push({ group, resource, name, verb, isPath: false });
      for (const resource of textsIn(rule, ['nonResourceURLs']))
        rights.push({ group: '', resource, name: undefined, verb, isPath: true });
    }
    return { rights, index };
  });
}

/** Whether a right includes another. Mirrors `ruleCovers` of k8s.io/component-helpers/auth/rbac/validation. */
function covers(wide: Right, narrow: Right): boolean {
  if (wide.isPath !== narrow.isPath) return false;
  if (wide.verb !== '*' && wide.verb !== narrow.verb) return false;
  if (wide.isPath)
    return (
      wide.resource === narrow.resource ||
      (wide.resource.endsWith('*') && narrow.resource.startsWith(wide.resource.slice(0, -1)))
    );
  const [, part] = narrow.resource.split('/');
  return (
    (wide.group === '*' || wide.group === narrow.group) &&
    (wide.resource === '*' ||
      wide.resource === narrow.resource ||
      (part !== undefined && wide.resource === `*/${part}`)) &&
    (wide.name === undefined || wide.name === narrow.name)
  );
}

const powerfulVerbs = ['*', 'escalate', 'bind', 'impersonate'];
const powerfulResources = [
  '*',
  'secrets',
  'pods/exec',
  'pods/attach',
  'nodes/proxy',
  'serviceaccounts/token',
];

/** What leads to more rights, or to Secrets, for somebody who has it on everything. */
const isPowerful = ({ group, resource, name, verb }: Right): boolean =>
  powerfulVerbs.includes(verb) ||
  group === '*' ||
  (name === undefined && powerfulResources.includes(resource)) ||
  (group === 'rbac.authorization.k8s.io' && !['get', 'list', 'watch'].includes(verb));

function listed(rights: readonly Right[]): string {
  const texts = [
    ...new Set(
      rights.map(({ verb, resource, group, name }) => {
        const what = `${resource === '*' ? 'everything' : resource}${group === '' ? '' : ` of ${group === '*' ? 'every group' : group}`}`;
        return `${verb === '*' ? 'do anything with' : verb} ${what}${name === undefined ? '' : ` ${name}`}`;
      }),
    ),
  ];
  return texts.length > 4 ? `${texts.slice(0, 3).join(', ')} and ${texts.length - 3} more` : texts.join(', ');
}

const subjectsOf = (value: Json): readonly string[] =>
  listIn(value, ['subjects']).map((subject) =>
    describe({
      kind: textIn(subject, ['kind']) ?? '',
      name: textIn(subject, ['name']) ?? '',
      ...(textIn(subject, ['namespace']) !== undefined && {
        namespace: textIn(subject, ['namespace']) as string,
      }),
    }),
  );

const referredRole = (value: Json): string =>
  `${textIn(value, ['roleRef', 'kind']) ?? ''} ${textIn(value, ['roleRef', 'name']) ?? ''}`;
