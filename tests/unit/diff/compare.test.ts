import { describe, expect, test } from 'vitest';
import { diffObjects, diffTrees, kustomization, told, tree } from './world.ts';

const workload = (template: string, kind = 'Deployment', more = ''): string =>
  `apiVersion: apps/v1
kind: ${kind}
metadata: {name: web, namespace: shop}
spec:
  selector: {matchLabels: {app: web}}
${more}  template:
    metadata: {labels: {app: web}}
    spec:
${template}`;
const container = (more: string): string =>
  `      containers:\n        - name: app\n          image: web:1.0.0\n${more}        - name: proxy\n          image: proxy:1.0.0\n`;
const changed = (before: string, after: string) =>
  told(diffObjects(workload(before), workload(after)).change);

describe('list items are matched by their merge keys', () => {
  test('containers and environment by name, wherever they stand', () => {
    const env = (list: string): string => container(`          env: [${list}]\n`);
    expect(
      changed(
        env('{name: A, value: "1"}, {name: B, value: "2"}'),
        env('{name: C, value: "3"}, {name: A, value: "1"}, {name: B, value: "9"}'),
      ),
    ).toEqual([
      'changed Deployment web',
      'spec.template.spec.containers[app].env[C]: undefined → {"name":"C","value":"3"}',
      'spec.template.spec.containers[app].env[B].value: "2" → "9"',
    ]);
    expect(
      changed(
        env('{name: A, value: "1"}, {name: B, value: "2"}'),
        env('{name: B, value: "2"}, {name: A, value: "1"}'),
      ),
    ).toEqual(['changed Deployment web', 'spec.template.spec.containers[app].env reordered']);
  });
  test('ports by number and protocol, which is TCP where none is said', () => {
    const ports = (list: string): string => container(`          ports: [${list}]\n`);
    expect(
      changed(
        ports('{containerPort: 53, protocol: UDP}, {containerPort: 53}'),
        ports('{containerPort: 53, protocol: TCP, name: dns}, {containerPort: 53, protocol: UDP}'),
      ),
    ).toEqual([
      'changed Deployment web',
      'spec.template.spec.containers[app].ports[53/TCP].name: undefined → "dns"',
      'spec.template.spec.containers[app].ports reordered',
    ]);
  });
  test('mounts by path, volumes by name', () => {
    const mounts = (list: string, volumes: string): string =>
      `${container(`          volumeMounts: [${list}]\n`)}      volumes: [${volumes}]\n`;
    expect(
      changed(
        mounts('{name: a, mountPath: /a}, {name: a, mountPath: /b}', '{name: a, emptyDir: {}}'),
        mounts(
          '{name: a, mountPath: /b, readOnly: true}',
          '{name: z, emptyDir: {}}, {name: a, emptyDir: {}}',
        ),
      ),
    ).toEqual([
      'changed Deployment web',
      'spec.template.spec.containers[app].volumeMounts[/b].readOnly: undefined → true',
      'spec.template.spec.containers[app].volumeMounts[/a]: {"name":"a","mountPath":"/a"} → undefined',
      'spec.template.spec.volumes[z]: undefined → {"name":"z","emptyDir":{}}',
    ]);
  });
  test('items without a key: equal ones first, then the first with the first', () => {
    const role = (rules: string): string =>
      `apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {name: web, namespace: shop}\nrules: [${rules}]\n`;
    const [a, b] = [
      '{apiGroups: [""], resources: [pods], verbs: [get]}',
      '{apiGroups: [apps], resources: [deployments], verbs: [get]}',
    ];
    expect(told(diffObjects(role(`${a}, ${b}`), role(`${b}, ${a.replace('get', 'list')}`)).change)).toEqual([
      'changed Role web',
      'rules[1].verbs: ["get"] → ["list"]',
    ]);
  });
});

test('what the API server fills in makes no difference, nor does another way to write a quantity', () => {
  const { change } = diffObjects(
    workload(container('          resources: {requests: {cpu: 1000m, memory: 1Gi}}\n')),
    workload(
      container(
        '          resources: {requests: {cpu: "1", memory: 1024Mi}}\n          imagePullPolicy: IfNotPresent\n          securityContext: null\n',
      ),
    ),
  );
  expect(told(change)).toEqual([]);
  expect(change.restarts).toEqual([]);
});
test('a field that the API server does not know is shown all the same', () => {
  expect(changed(container(''), container('          imagePolicy: x\n'))).toEqual([
    'changed Deployment web',
    'spec.template.spec.containers[app].imagePolicy: undefined → "x"',
  ]);
});

describe('objects', () => {
  const map = (name: string, more = '', version = 'v1'): string =>
    `apiVersion: ${version}\nkind: ConfigMap\nmetadata: {name: ${name}, namespace: shop}\n${more}`;
  test('are the same by group, kind, namespace and name, not by version', () => {
    const policy = (version: string): string =>
      `apiVersion: policy/${version}\nkind: PodDisruptionBudget\nmetadata: {name: web, namespace: shop}\nspec: {maxUnavailable: 1}\n`;
    expect(told(diffObjects(policy('v1beta1'), policy('v1')).change)).toEqual([
      'changed PodDisruptionBudget web',
      'apiVersion: "policy/v1beta1" → "policy/v1"',
    ]);
    expect(told(diffObjects(map('a'), map('b')).change)).toEqual([
      'removed ConfigMap a',
      'added ConfigMap b',
    ]);
  });
  test('move between Kustomizations', () => {
    const [diff] = diffTrees(
      tree({ a: map('one'), b: map('two') }),
      tree({ a: map('three'), b: `${map('two')}---\n${map('one')}` }),
    );
    expect(diff!.change.objects).toMatchObject([
      { status: 'added', component: 'a' },
      { status: 'moved', component: 'b', movedFrom: 'a', fields: [] },
    ]);
  });
  test('that are removed are deleted, or kept for a reason', () => {
    const kept = (files: Parameters<typeof diffTrees>[0], after = tree({ web: map('b') })) =>
      diffTrees(files, after)[0]!.change.objects.find(({ status }) => status === 'removed')?.fate;
    const note = `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: shop, annotations: {kustomize.toolkit.fluxcd.io/prune: disabled}}\n`;
    const both = `${map('a')}---\n${map('b')}`;
    expect(kept(tree({ web: both }))).toEqual({ deleted: true });
    expect(kept(tree({ web: `${note}---\n${map('b')}` }))).toMatchObject({
      deleted: false,
      reason: expect.stringContaining('annotation'),
    });
    const unpruned = kustomization('web').replace('prune: true', 'prune: false');
    expect(
      kept(tree({ web: both }), tree({ web: map('b') }, { 'flux/test/web.yaml': unpruned })),
    ).toMatchObject({ deleted: false });
    const orphaned = kustomization('web', '  deletionPolicy: Orphan\n');
    const empty = {
      'flux/test/kustomization.yaml': 'resources: [other.yaml]\n',
      'flux/test/other.yaml': kustomization('other'),
      'apps/other/objects.yaml': map('o'),
    };
    const gone = (files: Parameters<typeof diffTrees>[0]) =>
      diffTrees(files, empty)[0]!.change.objects.find(({ reference }) => reference.name === 'a')?.fate;
    expect(gone(tree({ web: map('a') }))).toEqual({ deleted: true });
    expect(gone(tree({ web: map('a') }, { 'flux/test/web.yaml': orphaned }))).toMatchObject({
      deleted: false,
    });
    expect(gone(tree({ web: map('a') }, { 'flux/test/web.yaml': unpruned }))).toMatchObject({
      deleted: false,
    });
    expect(
      gone(tree({ web: map('a') }, { 'flux/test/web.yaml': unpruned.concat('  deletionPolicy: Delete\n') })),
    ).toEqual({ deleted: true });
  });
});

describe('generated names', () => {
  const files = (text: string, kind = 'configMap'): Record<string, string> => ({
    ...tree({ web: '' }),
    'apps/web/kustomization.yaml': `namespace: shop\nresources: [deployment.yaml]\n${kind}Generator:\n  - name: web-config\n    literals: [text=${text}]\n`,
    'apps/web/deployment.yaml': workload(
      `${container('')}      volumes: [{name: config, ${kind === 'secret' ? 'secret: {secretName' : 'configMap: {name'}: web-config}}]\n`,
    ),
    'apps/web/objects.yaml': '',
  });
  test('a change of content is a change, the new name none; what mounts it restarts', () => {
    const { change } = diffTrees(files('one'), files('two'))[0]!;
    expect(told(change)).toEqual(['changed ConfigMap web-config', 'data.text: "one" → "two"']);
    expect(change.restarts).toMatchObject([
      { reference: { name: 'web' }, causes: ['ConfigMap web-config'], how: 'new pods before old ones go' },
    ]);
  });
  test('values of Secrets are never shown', () => {
    const { change } = diffTrees(files('b25l', 'secret'), files('dHdv', 'secret'))[0]!;
    expect(told(change)).toEqual(['changed Secret web-config', 'data.text changed, hidden']);
    expect(JSON.stringify(change.objects.map(({ fields }) => fields))).not.toMatch(/b25l|dHdv|YjI1bA|ZEhkdg/);
    expect(change.restarts).toMatchObject([{ causes: ['Secret web-config'] }]);
  });
  test('two generations side by side keep their names', () => {
    const map = (hash: string): string => `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web-${hash}}\n`;
    expect(
      told(diffObjects(map('2222222222'), `${map('4444444444')}---\n${map('5555555555')}`).change),
    ).toEqual(['removed ConfigMap web', 'added ConfigMap web-4444444444', 'added ConfigMap web-5555555555']);
  });
});

test('a Secret within a value is hidden, too', () => {
  const map = (value: string): string =>
    `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  manifest: |\n    kind: Secret\n    stringData: {password: ${value}}\n`;
  expect(told(diffObjects(map('one'), map('two')).change)).toEqual([
    'changed ConfigMap a',
    'data.manifest changed, hidden',
  ]);
});
test('annotations of a Secret are hidden, its labels are not', () => {
  const secret = (value: string): string =>
    `apiVersion: v1\nkind: Secret\nmetadata: {name: a, labels: {l: ${value}}, annotations: {note: ${value}}}\nstringData: {k: ${value}}\n`;
  expect(told(diffObjects(secret('one'), secret('two')).change)).toEqual([
    'changed Secret a',
    'metadata.annotations.note changed, hidden',
    'metadata.labels.l: "one" → "two"',
    'stringData.k changed, hidden',
  ]);
});

describe('restarts', () => {
  const restarts = (before: string, after: string) =>
    diffObjects(before, after).change.restarts.map(({ how }) => how);
  const image = (tag: string, kind: string, more = ''): string =>
    workload(container('').replace('web:1.0.0', `web:${tag}`), kind, more);
  test.each([
    ['Deployment', '', ['new pods before old ones go']],
    ['Deployment', '  strategy: {type: Recreate}\n', ['all pods at once']],
    ['Deployment', '  replicas: 0\n', []],
    ['Deployment', '  paused: true\n', ['when its rollout is resumed']],
    ['StatefulSet', '', ['one pod at a time']],
    ['StatefulSet', '  updateStrategy: {type: OnDelete}\n', ['each pod when somebody deletes it']],
    ['DaemonSet', '', ['node by node']],
  ])('%s %j', (kind, more, how) => {
    expect(restarts(image('1.0.0', kind, more), image('1.0.1', kind, more))).toEqual(how);
  });
  test('not when only the number of replicas changes', () => {
    expect(
      restarts(image('1', 'Deployment', '  replicas: 1\n'), image('1', 'Deployment', '  replicas: 2\n')),
    ).toEqual([]);
  });
  test('by Reloader, of what has its annotation', () => {
    const secret = (value: string, note: string): string =>
      `${workload(container('          envFrom: [{secretRef: {name: web}}]\n')).replace('namespace: shop', `namespace: shop, annotations: {${note}}`)}---\napiVersion: v1\nkind: Secret\nmetadata: {name: web, namespace: shop}\nstringData: {k: ${value}}\n`;
    const note = 'reloader.stakater.com/auto: "true"';
    expect(diffObjects(secret('a', note), secret('b', note)).change.restarts).toMatchObject([
      { causes: ['Secret web (Reloader)'] },
    ]);
    expect(diffObjects(secret('a', ''), secret('b', '')).change.restarts).toEqual([]);
    const listed = 'secret.reloader.stakater.com/reload: "other,web"';
    expect(diffObjects(secret('a', listed), secret('b', listed)).change.restarts).toMatchObject([
      { causes: ['Secret web (Reloader)'] },
    ]);
    const others = 'configmap.reloader.stakater.com/auto: "true"';
    expect(diffObjects(secret('a', others), secret('b', others)).change.restarts).toEqual([]);
  });
});

describe('what cannot be built', () => {
  const map = (name: string): string => `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\n`;
  const good = tree({ a: map('one'), b: map('two') });
  test.each(['before', 'after'] as const)('%s: its side is told, the others go on', (side) => {
    const broken = { ...good, 'apps/a/objects.yaml': 'kind: [', 'apps/b/objects.yaml': map('three') };
    const [diff] = side === 'before' ? diffTrees(broken, good) : diffTrees(good, broken);
    expect(diff!.change.uncompared).toMatchObject([{ component: 'a', [side]: [{ stage: 'render' }] }]);
    expect(diff!.change.objects.map(({ component }) => component)).toEqual(['b', 'b']);
    expect(diff!.dangers).toEqual([]);
  });
  test('where the environment itself is broken, nothing counts as removed', () => {
    const [diff] = diffTrees(good, { ...good, 'flux/test/kustomization.yaml': 'resources: [' });
    expect(diff!.change.objects).toEqual([]);
    expect(diff!.change.uncompared.map(({ component }) => component)).toEqual(['a', 'b', 'flux-system']);
    expect(diff!.dangers).toEqual([]);
  });
});

test('environments and Kustomizations that come and go', () => {
  const other = {
    'flux/new/kustomization.yaml': 'resources: [x.yaml]\n',
    'flux/new/x.yaml': kustomization('x', '', './apps/a'),
  };
  const map = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: one}\n';
  const diffs = diffTrees(tree({ a: map }), tree({ a: map, b: map.replace('one', 'two') }, other));
  expect(diffs.map(({ change }) => [change.environment, change.addedComponents])).toEqual([
    ['new', ['flux-system', 'x']],
    ['test', ['b']],
  ]);
  expect(diffTrees(tree({ a: map }, other), tree({ a: map }))[0]!.change.removedComponents).toEqual([
    'flux-system',
    'x',
  ]);
});
