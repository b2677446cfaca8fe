import { describe, expect, test } from 'vitest';
import { type Danger, dangerRules } from '../../../scripts/diff/danger/index.ts';
import { diffObjects, diffTrees, kustomization, type Tree, tree } from './world.ts';

type Side = string | Tree;
/** [what, before, after] and of what is reported [part of the message, severity]. */
type Accept = readonly [string, Side, Side];
type Reject = readonly [string, Side, Side, string, 'danger' | 'notice'];

const object = (apiVersion: string, kind: string, more: string, metadata = ''): string =>
  `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: {name: web, namespace: shop${metadata}}\n${more}`;
const stream = (...objects: readonly string[]): string => objects.join('---\n');
const other = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: other}\n';
const kept = ', annotations: {kustomize.toolkit.fluxcd.io/prune: disabled}';
const force = ', annotations: {kustomize.toolkit.fluxcd.io/force: enabled}';

interface Workload {
  readonly kind?: string;
  readonly image?: string;
  readonly spec?: string;
  readonly pod?: string;
  readonly container?: string;
  readonly metadata?: string;
}
const workload = ({
  kind = 'Deployment',
  image = 'web:1.2.3',
  spec = '',
  pod = '',
  container = '',
  metadata = '',
}: Workload): string =>
  object(
    'apps/v1',
    kind,
    `spec: {selector: {matchLabels: {app: web}}, ${spec}template: {metadata: {labels: {app: web}}, spec: {${pod}containers: [{name: app, image: "${image}"${container}}]}}}\n`,
    metadata,
  );
const image = (name: string): string => workload({ image: name });
const claimed = 'volumes: [{name: data, persistentVolumeClaim: {claimName: data}}], ';
const claims = (size: string, more = ''): string =>
  `serviceName: web, ${more}volumeClaimTemplates: [{metadata: {name: data}, spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: ${size}}}}}], `;
const store = (size = '1Gi', more = '', rest: Workload = {}): string =>
  workload({ kind: 'StatefulSet', spec: claims(size, more), ...rest });
const claim = (size: string, more = '', metadata = ''): string =>
  object(
    'v1',
    'PersistentVolumeClaim',
    `spec: {accessModes: [ReadWriteOnce], ${more}resources: {requests: {storage: ${size}}}}\n`,
    metadata,
  );
const volume = (source: string, size = '1Gi', policy = 'Retain', metadata = ''): string =>
  `apiVersion: v1\nkind: PersistentVolume\nmetadata: {name: web${metadata}}\nspec: {capacity: {storage: ${size}}, accessModes: [ReadWriteOnce], persistentVolumeReclaimPolicy: ${policy}, hostPath: {path: ${source}}}\n`;
const service = (spec: string): string => object('v1', 'Service', `spec: {${spec}ports: [{port: 80}]}\n`);
const job = (name: string, metadata = ''): string =>
  object(
    'batch/v1',
    'Job',
    `spec: {template: {spec: {restartPolicy: Never, containers: [{name: app, image: "${name}"}]}}}\n`,
    metadata,
  );
const storageClass = (parameters: string, more = ''): string =>
  `apiVersion: storage.k8s.io/v1\nkind: StorageClass\nmetadata: {name: web}\nprovisioner: example.com/disk\nparameters: {${parameters}}\n${more}`;
const binding = (role: string, subjects = '{kind: ServiceAccount, name: web, namespace: shop}'): string =>
  object(
    'rbac.authorization.k8s.io/v1',
    'RoleBinding',
    `roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: ${role}}\nsubjects: [${subjects}]\n`,
  );
const role = (...rules: readonly string[]): string =>
  object('rbac.authorization.k8s.io/v1', 'Role', `rules: [${rules.map((rule) => `{${rule}}`).join(', ')}]\n`);
const namespace = (labels: string, metadata = ''): string =>
  `apiVersion: v1\nkind: Namespace\nmetadata: {name: web, labels: {${labels}}${metadata}}\n`;
const level = (name: string): string => namespace(`pod-security.kubernetes.io/enforce: ${name}`);
const definition = (versions: string, metadata = ''): string =>
  `apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: things.example.com${metadata}}\nspec: {group: example.com, scope: Namespaced, names: {kind: Thing, plural: things}, versions: [${versions}]}\n`;
const policy = (spec: string, name = 'web'): string =>
  `apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: ${name}, namespace: shop}\nspec: {${spec}}\n`;
const forWeb = (rules: string, more = ''): string =>
  policy(`podSelector: {matchLabels: {app: web}}, ${more}ingress: [${rules}]`);
const denyAll = policy('podSelector: {}, policyTypes: [Ingress, Egress]', 'deny');
const from = (labels: string, ports = '{port: 80}'): string =>
  `{from: [{podSelector: {matchLabels: {${labels}}}}], ports: [${ports}]}`;
const budget = (spec: string): string =>
  object('policy/v1', 'PodDisruptionBudget', `spec: {${spec}, selector: {matchLabels: {app: web}}}\n`);
const replicas = (count: number, kind = 'Deployment'): string =>
  kind === 'StatefulSet' ? store('1Gi', `replicas: ${count}, `) : workload({ spec: `replicas: ${count}, ` });
const release = (spec: string): string =>
  object(
    'helm.toolkit.fluxcd.io/v2',
    'HelmRelease',
    `spec: {interval: 1h, chart: {spec: {chart: web, version: 1.0.0, sourceRef: {kind: HelmRepository, name: web}}}, ${spec}}\n`,
  );
const repository = (ref: string): string =>
  object(
    'source.toolkit.fluxcd.io/v1',
    'GitRepository',
    `spec: {interval: 1h, url: "https://example.com/other", ref: {branch: main${ref}}}\n`,
  );
const withFlux = (objects: string, more: string): Tree =>
  tree({ web: objects }, { 'flux/test/web.yaml': kustomization('web', more) });
const mounted = (mount: string, volumes: string): string =>
  workload({ pod: `volumes: [${volumes}], `, container: `, volumeMounts: [${mount}]` });

const cases: Readonly<
  Record<string, { readonly accept: readonly Accept[]; readonly reject: readonly Reject[] }>
> = {
  'immutable-field': {
    accept: [
      [
        'a StatefulSet may scale, roll and keep its claims',
        store(),
        workload({
          kind: 'StatefulSet',
          image: 'web:1.2.4',
          spec: `replicas: 3, minReadySeconds: 5, persistentVolumeClaimRetentionPolicy: {whenScaled: Delete}, ${claims('1Gi')}`,
        }),
      ],
      ['a default that is spelled out', store(), store('1Gi', 'podManagementPolicy: OrderedReady, ')],
      ['a claim that grows', claim('1Gi'), claim('2Gi')],
      ['a claim that now names its volume', claim('1Gi'), claim('1Gi', 'volumeName: web, ')],
      ['a Job that Flux may delete', job('web:1', force), job('web:2', force)],
      [
        'a Job of another number of retries',
        job('web:1'),
        job('web:1').replace('spec: {', 'spec: {backoffLimit: 3, '),
      ],
      [
        'a Service that turns to a name',
        service('clusterIP: None, '),
        service('type: ExternalName, externalName: example.com, '),
      ],
      [
        'subjects of a binding',
        binding('a'),
        binding('a', '{kind: ServiceAccount, name: api, namespace: shop}'),
      ],
      [
        'a StorageClass that lets volumes grow',
        storageClass('a: b'),
        storageClass('a: b', 'allowVolumeExpansion: true\n'),
      ],
      [
        'a volume of another size and claim',
        volume('/a'),
        volume('/a', '2Gi').replace('spec: {', 'spec: {claimRef: {name: web, namespace: shop}, '),
      ],
      [
        'data of a ConfigMap',
        object('v1', 'ConfigMap', 'data: {a: b}\n'),
        object('v1', 'ConfigMap', 'data: {a: c}\n'),
      ],
    ],
    reject: [
      [
        'claim templates of a StatefulSet',
        store('1Gi'),
        store('2Gi'),
        'volumeClaimTemplates[data].spec.resources.requests.storage',
        'danger',
      ],
      [
        'serviceName of a StatefulSet',
        store(),
        store().replace('serviceName: web', 'serviceName: api'),
        'spec.serviceName',
        'danger',
      ],
      [
        'podManagementPolicy',
        store(),
        store('1Gi', 'podManagementPolicy: Parallel, '),
        'spec.podManagementPolicy',
        'danger',
      ],
      [
        'selector of a Deployment',
        workload({}),
        workload({}).replaceAll('app: web', 'app: api'),
        'spec.selector.matchLabels.app',
        'danger',
      ],
      [
        'selector of a DaemonSet',
        workload({ kind: 'DaemonSet' }),
        workload({ kind: 'DaemonSet' }).replaceAll('app: web', 'app: api'),
        'spec.selector',
        'danger',
      ],
      ['template of a Job', job('web:1'), job('web:2'), 'spec.template.spec.containers[app].image', 'danger'],
      [
        'storage class of a claim',
        claim('1Gi', 'storageClassName: a, '),
        claim('1Gi', 'storageClassName: b, '),
        'spec.storageClassName',
        'danger',
      ],
      [
        'a Service that becomes headless',
        service(''),
        service('clusterIP: None, '),
        'spec.clusterIP',
        'danger',
      ],
      ['parameters of a StorageClass', storageClass('a: b'), storageClass('a: c'), 'parameters.a', 'danger'],
      ['the role of a binding', binding('a'), binding('b'), 'roleRef.name', 'danger'],
      ['the directory of a volume', volume('/a'), volume('/b'), 'spec.hostPath.path', 'danger'],
      [
        'an immutable ConfigMap',
        object('v1', 'ConfigMap', 'immutable: true\ndata: {a: b}\n'),
        object('v1', 'ConfigMap', 'immutable: true\ndata: {a: c}\n'),
        'data.a',
        'danger',
      ],
      [
        'type of a Secret',
        object('v1', 'Secret', 'type: Opaque\n'),
        object('v1', 'Secret', 'type: example.com/x\n'),
        '`type`',
        'danger',
      ],
      [
        'a forced StatefulSet is made again',
        store('1Gi', '', { metadata: force }).replace('serviceName: web', 'serviceName: api'),
        store('1Gi', '', { metadata: force }),
        'Flux deletes the object',
        'notice',
      ],
      [
        'force of the whole Kustomization',
        withFlux(service(''), '  force: true\n'),
        withFlux(service('clusterIP: None, '), '  force: true\n'),
        'Flux deletes the object',
        'notice',
      ],
    ],
  },
  'volume-shrunk': {
    accept: [
      ['growth', stream(claim('1Gi'), volume('/a', '1Gi')), stream(claim('2Gi'), volume('/a', '2Gi'))],
      ['another way to write it', claim('1Gi'), claim('1024Mi')],
    ],
    reject: [
      ['a claim', claim('2Gi'), claim('1Gi'), 'from 2Gi to 1Gi', 'danger'],
      ['a volume', volume('/a', '1Gi'), volume('/a', '900Mi'), 'the volume shrinks', 'danger'],
      ['a claim template', store('10Gi'), store('9Gi'), 'claim template `data` shrinks', 'danger'],
    ],
  },
  'volume-removed': {
    accept: [['an object that holds nothing', stream(service(''), other), other]],
    reject: [
      ['a claim', stream(claim('1Gi'), other), other, 'Flux deletes it', 'danger'],
      ['a volume', stream(volume('/a'), other), other, 'Flux deletes it', 'danger'],
      [
        'a protected claim stays',
        stream(claim('1Gi', '', kept), other),
        other,
        'stays in the cluster',
        'notice',
      ],
    ],
  },
  'volume-unmounted': {
    accept: [
      [
        'another name of the volume',
        mounted('{name: a, mountPath: /data}', '{name: a, persistentVolumeClaim: {claimName: web}}'),
        mounted('{name: b, mountPath: /data/}', '{name: b, persistentVolumeClaim: {claimName: web}}'),
      ],
      [
        'a temporary directory',
        mounted('{name: a, mountPath: /tmp}', '{name: a, emptyDir: {}}'),
        workload({}),
      ],
    ],
    reject: [
      [
        'it is gone',
        mounted('{name: a, mountPath: /data}', '{name: a, persistentVolumeClaim: {claimName: web}}'),
        workload({}),
        'claim `web` at /data',
        'danger',
      ],
      [
        'it is elsewhere',
        mounted('{name: a, mountPath: /data}', '{name: a, persistentVolumeClaim: {claimName: web}}'),
        mounted('{name: a, mountPath: /var/data}', '{name: a, persistentVolumeClaim: {claimName: web}}'),
        'at /data',
        'danger',
      ],
      [
        'a claim template',
        store('1Gi', '', { container: ', volumeMounts: [{name: data, mountPath: /data}]' }),
        store('1Gi', '', { container: ', volumeMounts: [{name: data, mountPath: /data, subPath: x}]' }),
        'claim `data` at /data',
        'danger',
      ],
    ],
  },
  'reclaim-delete': {
    accept: [
      ['it was so before', volume('/a', '1Gi', 'Delete'), volume('/a', '2Gi', 'Delete')],
      [
        'Retain is spelled out',
        store(),
        store('1Gi', 'persistentVolumeClaimRetentionPolicy: {whenDeleted: Retain}, '),
      ],
    ],
    reject: [
      ['a volume', volume('/a'), volume('/a', '1Gi', 'Delete'), 'Delete instead of Retain', 'danger'],
      [
        'claims of a StatefulSet',
        store(),
        store('1Gi', 'persistentVolumeClaimRetentionPolicy: {whenDeleted: Delete}, '),
        'its claims go',
        'danger',
      ],
      [
        'claims of its replicas',
        store(),
        store('1Gi', 'persistentVolumeClaimRetentionPolicy: {whenScaled: Delete}, '),
        'scaled down',
        'danger',
      ],
    ],
  },
  'store-removed': {
    accept: [
      [
        'a StatefulSet without claims',
        stream(workload({ kind: 'StatefulSet', spec: 'serviceName: web, ' }), other),
        other,
      ],
    ],
    reject: [
      ['its claims stay', stream(store(), other), other, 'nothing serves their data', 'danger'],
      [
        'its claims go',
        stream(store('1Gi', 'persistentVolumeClaimRetentionPolicy: {whenDeleted: Delete}, '), other),
        other,
        'the data is lost',
        'danger',
      ],
      [
        'it is protected',
        stream(store('1Gi', '', { metadata: kept }), other),
        other,
        'goes on running',
        'notice',
      ],
    ],
  },
  'namespace-removed': {
    accept: [['a label goes', namespace('a: b'), namespace('')]],
    reject: [
      ['deleted', stream(namespace(''), other), other, 'and everything in it', 'danger'],
      ['protected', stream(namespace('', kept), other), other, 'stays in the cluster', 'notice'],
    ],
  },
  'definition-removed': {
    accept: [
      [
        'a version comes',
        definition('{name: v1, served: true}'),
        definition('{name: v1, served: true}, {name: v2, served: true}'),
      ],
    ],
    reject: [
      [
        'deleted',
        stream(definition('{name: v1, served: true}'), other),
        other,
        'every Thing in the cluster',
        'danger',
      ],
      [
        'a version goes',
        definition('{name: v1, served: true}, {name: v2, served: true}'),
        definition('{name: v1, served: false}, {name: v2, served: true}'),
        'version v1 is no longer served',
        'danger',
      ],
    ],
  },
  'kustomization-removed': {
    accept: [
      [
        'another path',
        tree({ web: other }),
        tree(
          { web: other },
          { 'flux/test/web.yaml': kustomization('web', '', './apps/new'), 'apps/new/a.yaml': other },
        ),
      ],
      ['a new one', tree({ web: other }), tree({ web: other, api: store() })],
    ],
    reject: [
      [
        'removed',
        tree({ web: other, api: store() }),
        tree({ web: other }),
        'it is no longer in Git: Flux deletes what it applied (1 object, among them StatefulSet shop/web)',
        'danger',
      ],
      [
        'renamed',
        tree({ api: store() }),
        tree(
          { web: store() },
          { 'flux/test/web.yaml': kustomization('web', '', './apps/api'), 'apps/api/objects.yaml': store() },
        ),
        'it is called web now',
        'danger',
      ],
      [
        'it does not prune',
        tree(
          { web: other, api: store() },
          { 'flux/test/api.yaml': kustomization('api').replace('prune: true', 'prune: false') },
        ),
        tree({ web: other }),
        'stays in the cluster',
        'notice',
      ],
    ],
  },
  'object-moved': {
    accept: [
      [
        'it was protected',
        tree({ a: stream(claim('1Gi', '', kept), other), b: service('') }),
        tree({ a: other, b: stream(service(''), claim('1Gi', '', kept)) }),
      ],
      [
        'the old one does not prune',
        tree(
          { a: stream(claim('1Gi'), other), b: service('') },
          { 'flux/test/a.yaml': kustomization('a').replace('prune: true', 'prune: false') },
        ),
        tree({ a: other, b: stream(service(''), claim('1Gi')) }),
      ],
    ],
    reject: [
      [
        'a claim',
        tree({ a: stream(claim('1Gi'), other), b: service('') }),
        tree({ a: other, b: stream(service(''), claim('1Gi')) }),
        'from Kustomization a to b',
        'danger',
      ],
      [
        'a Service',
        tree({ a: stream(service(''), other), b: image('a') }),
        tree({ a: other, b: stream(image('a'), service('')) }),
        'from Kustomization a to b',
        'notice',
      ],
    ],
  },
  'prune-protection-dropped': {
    accept: [['it comes', claim('1Gi'), claim('1Gi', '', kept)]],
    reject: [
      ['of a claim', claim('1Gi', '', kept), claim('1Gi'), 'nothing keeps Flux', 'danger'],
      ['of a Deployment', workload({ metadata: kept }), workload({}), 'nothing keeps Flux', 'notice'],
      [
        'of a Kustomization',
        tree(
          { web: other },
          { 'flux/test/web.yaml': kustomization('web').replace('prune: true', 'prune: false') },
        ),
        tree({ web: other }),
        'it prunes now',
        'notice',
      ],
    ],
  },
  'image-downgraded': {
    accept: [
      ['newer', image('registry.example.com/web:1.9.0'), image('registry.example.com/web:1.10.0')],
      ['another program', image('web:2.0.0'), image('api:1.0.0')],
      ['a digest', image('web:1.2.3'), image(`web:1.2.3@sha256:${'a'.repeat(64)}`)],
      ['tags that are no versions', image('web:main'), image('web:latest')],
      ['more parts', image('web:1.2'), image('web:1.2.0')],
    ],
    reject: [
      [
        'a store',
        store('1Gi', '', { image: 'web:v1.10.0' }),
        store('1Gi', '', { image: 'web:v1.9.9' }),
        'from v1.10.0 to v1.9.9',
        'danger',
      ],
      [
        'with a claim, a variant, from a mirror',
        workload({ image: 'flink:1.18.1-scala_2.12-java11', pod: claimed }),
        workload({ image: 'mirror.example.com/flink:1.17.2-scala_2.12-java11', pod: claimed }),
        'goes back',
        'danger',
      ],
      ['what keeps no data', image('web:v1.10.0'), image('web:v1.9.9'), 'from v1.10.0 to v1.9.9', 'notice'],
      [
        'a chart',
        release('x: y'),
        release('x: y').replace('1.0.0', '0.9.0'),
        'chart web goes back',
        'danger',
      ],
    ],
  },
  'major-skipped': {
    accept: [
      ['a minor', image('web:7.17.10'), image('web:7.17.11')],
      ['years', image('web:20240101'), image('web:20260101')],
    ],
    reject: [
      ['two majors on', image('web:7.17.10'), image('web:9.0.0'), 'past 1 major version', 'danger'],
      ['one major on', image('web:7.17.10'), image('web:8.0.0'), 'a new major version', 'notice'],
    ],
  },
  'replicas-reduced': {
    accept: [
      ['a Deployment scaled down', replicas(3), replicas(2)],
      ['scaled up', replicas(0), replicas(2)],
      [
        'within its budget',
        stream(budget('maxUnavailable: 1'), replicas(3)),
        stream(budget('maxUnavailable: 1'), replicas(2)),
      ],
    ],
    reject: [
      ['to 0', replicas(2), replicas(0), 'from 2 to 0', 'danger'],
      [
        'below its budget',
        stream(budget('minAvailable: 2'), replicas(3)),
        stream(budget('minAvailable: 2'), replicas(1)),
        'fewer than PodDisruptionBudget shop/web wants',
        'danger',
      ],
      ['a store', replicas(3, 'StatefulSet'), replicas(2, 'StatefulSet'), 'out of reach', 'notice'],
    ],
  },
  'budget-blocks-drain': {
    accept: [
      ['one may go', replicas(3), stream(replicas(3), budget('maxUnavailable: 1'))],
      [
        'it was so before',
        stream(replicas(1), budget('minAvailable: 1')),
        stream(replicas(1).replace('1.2.3', '1.2.4'), budget('minAvailable: 1')),
      ],
    ],
    reject: [
      [
        'a new budget',
        replicas(2),
        stream(replicas(2), budget('minAvailable: 100%')),
        'allows no eviction',
        'danger',
      ],
      [
        'fewer replicas',
        stream(replicas(3), budget('minAvailable: 2')),
        stream(replicas(2), budget('minAvailable: 2')),
        'allows no eviction',
        'danger',
      ],
      [
        'none may go',
        stream(replicas(3), budget('maxUnavailable: 1')),
        stream(replicas(3), budget('maxUnavailable: 0')),
        'allows no eviction',
        'danger',
      ],
    ],
  },
  'rbac-widened': {
    accept: [
      [
        'narrower',
        role('apiGroups: ["*"], resources: ["*"], verbs: ["*"]'),
        role('apiGroups: [""], resources: [pods, pods/log], verbs: [get]'),
      ],
      [
        'the same, written otherwise',
        role('apiGroups: [""], resources: [pods, services], verbs: [get, list]'),
        role(
          'apiGroups: [""], resources: [services], verbs: [list, get]',
          'apiGroups: [""], resources: [pods], verbs: [get, list]',
        ),
      ],
      [
        'one name of many',
        role('apiGroups: [""], resources: [secrets], verbs: [get]'),
        role('apiGroups: [""], resources: [secrets], resourceNames: [web], verbs: [get]'),
      ],
      [
        'a subject less',
        binding('a', '{kind: User, name: x}, {kind: User, name: y}'),
        binding('a', '{kind: User, name: y}'),
      ],
    ],
    reject: [
      [
        'a verb',
        role('apiGroups: [""], resources: [pods], verbs: [get]'),
        role('apiGroups: [""], resources: [pods], verbs: [get, delete]'),
        'it may also delete pods',
        'danger',
      ],
      [
        'a wildcard',
        role('apiGroups: [""], resources: [pods], verbs: [get]'),
        role('apiGroups: ["*"], resources: ["*"], verbs: ["*"]'),
        'do anything with everything of every group',
        'danger',
      ],
      [
        'all names',
        role('apiGroups: [""], resources: [secrets], resourceNames: [web], verbs: [get]'),
        role('apiGroups: [""], resources: [secrets], verbs: [get]'),
        'get secrets',
        'danger',
      ],
      [
        'a subject',
        binding('a', '{kind: User, name: x}'),
        binding('a', '{kind: User, name: x}, {kind: User, name: y}'),
        'User y gets the rights of Role a',
        'danger',
      ],
      [
        'a new role that reads Secrets',
        other,
        stream(other, role('apiGroups: [""], resources: [secrets], verbs: [list]')),
        'a new role may list secrets',
        'danger',
      ],
      [
        'a new role',
        other,
        stream(other, role('apiGroups: [""], resources: [pods], verbs: [list]')),
        'a new role',
        'notice',
      ],
      [
        'cluster-admin',
        other,
        stream(other, binding('x').replace('kind: Role, name: x', 'kind: ClusterRole, name: cluster-admin')),
        'ClusterRole cluster-admin',
        'danger',
      ],
      [
        'a new binding',
        other,
        stream(other, binding('x')),
        'ServiceAccount shop/web gets the rights of Role x',
        'notice',
      ],
    ],
  },
  'network-opened': {
    accept: [
      ['the first policy of its pods', workload({}), stream(workload({}), forWeb(from('app: api')))],
      [
        'fewer ports',
        forWeb(from('app: api', '{port: 80, endPort: 90}')),
        forWeb(from('app: api', '{port: 85}')),
      ],
      ['fewer peers', forWeb(from('app: api')), forWeb(from('app: api, tier: front'))],
      [
        'a smaller network',
        forWeb('{from: [{ipBlock: {cidr: 10.0.0.0/8}}]}'),
        forWeb('{from: [{ipBlock: {cidr: 10.1.0.0/16, except: [10.1.2.0/24]}}]}'),
      ],
      [
        'removed where another one closes',
        stream(workload({}), denyAll, forWeb(from('app: api'))),
        stream(workload({}), denyAll),
      ],
      ['removed with its pods', stream(workload({}), forWeb(from('app: api')), other), other],
      [
        'a rule that is written as two',
        forWeb(
          '{from: [{podSelector: {matchLabels: {app: a}}}, {podSelector: {matchLabels: {app: b}}}], ports: [{port: 80}]}',
        ),
        forWeb(`${from('app: b')}, ${from('app: a')}`),
      ],
    ],
    reject: [
      [
        'another port',
        forWeb(from('app: api')),
        forWeb(from('app: api', '{port: 80}, {port: metrics}')),
        'on TCP 80, TCP metrics',
        'danger',
      ],
      [
        'everyone',
        forWeb(from('app: api')),
        forWeb('{ports: [{port: 80}]}'),
        'it lets everyone in on TCP 80',
        'danger',
      ],
      [
        'a larger network',
        forWeb('{from: [{ipBlock: {cidr: 10.1.0.0/16}}]}'),
        forWeb('{from: [{ipBlock: {cidr: 10.0.0.0/8}}]}'),
        '10.0.0.0/8',
        'danger',
      ],
      [
        'other namespaces',
        forWeb(from('app: api')),
        forWeb(
          '{from: [{podSelector: {matchLabels: {app: api}}, namespaceSelector: {}}], ports: [{port: 80}]}',
        ),
        'of every namespace',
        'danger',
      ],
      [
        'a direction is no longer closed',
        policy('podSelector: {}, policyTypes: [Ingress, Egress]'),
        policy('podSelector: {}, policyTypes: [Ingress]'),
        'no longer closes egress',
        'danger',
      ],
      [
        'the last one is removed',
        stream(workload({}), forWeb(from('app: api'))),
        workload({}),
        'nothing else closes ingress',
        'danger',
      ],
      [
        'other pods',
        forWeb(from('app: api')),
        forWeb(from('app: api')).replace(
          'podSelector: {matchLabels: {app: web}}',
          'podSelector: {matchLabels: {app: db}}',
        ),
        'no longer guards the pods with app=web',
        'danger',
      ],
      ['a new way', denyAll, stream(denyAll, forWeb(from('app: api'))), 'pods with app=api in', 'notice'],
      [
        'a new way for everyone',
        denyAll,
        stream(denyAll, forWeb('{}')),
        'everyone in on every port',
        'danger',
      ],
    ],
  },
  'pod-security-lowered': {
    accept: [
      ['higher', level('baseline'), level('restricted')],
      ['only the warning', namespace('pod-security.kubernetes.io/warn: restricted'), namespace('')],
    ],
    reject: [
      ['lower', level('restricted'), level('baseline'), 'baseline instead of restricted', 'danger'],
      ['the label is gone', level('baseline'), namespace(''), 'privileged instead of baseline', 'danger'],
    ],
  },
  'helm-identity': {
    accept: [['other values', release('values: {a: 1}'), release('values: {a: 2}')]],
    reject: [
      [
        'another namespace',
        release('targetNamespace: a'),
        release('targetNamespace: b'),
        'from a to b',
        'danger',
      ],
      [
        'another chart',
        release('x: y'),
        release('x: y').replace('chart: web', 'chart: api'),
        'another chart, api',
        'danger',
      ],
      ['gone', stream(release('x: y'), other), other, 'uninstalled', 'danger'],
    ],
  },
  'helm-crds': {
    accept: [
      [
        'the default is spelled out',
        release('x: y'),
        release('install: {crds: Create}, upgrade: {crds: Skip}'),
      ],
    ],
    reject: [
      [
        'replaced on upgrade',
        release('x: y'),
        release('upgrade: {crds: CreateReplace}'),
        'CreateReplace instead of Skip',
        'notice',
      ],
    ],
  },
  suspended: {
    accept: [['false is spelled out', tree({ web: other }), withFlux(other, '  suspend: false\n')]],
    reject: [
      [
        'a Kustomization',
        tree({ web: other }),
        withFlux(other, '  suspend: true\n'),
        'Kustomization flux-system/web: it is suspended',
        'danger',
      ],
      ['a rollout', workload({}), workload({ spec: 'paused: true, ' }), 'it is paused', 'danger'],
      ['resumed', withFlux(other, '  suspend: true\n'), tree({ web: other }), 'it is resumed', 'notice'],
    ],
  },
  'pin-dropped': {
    accept: [['moved', repository(`, commit: ${'a'.repeat(40)}`), repository(`, commit: ${'b'.repeat(40)}`)]],
    reject: [
      [
        'dropped',
        repository(`, commit: ${'a'.repeat(40)}`),
        repository(''),
        'no longer pinned to aaaaaaaaaaaa',
        'danger',
      ],
    ],
  },
};

const lint = (before: Side, after: Side): readonly Danger[] =>
  typeof before === 'string' && typeof after === 'string'
    ? diffObjects(before, after).dangers
    : diffTrees(before as Tree, after as Tree)[0]!.dangers;

test('every rule has cases of both sorts', () => {
  expect(Object.keys(cases)).toEqual(expect.arrayContaining(dangerRules.map(({ id }) => id)));
  for (const { accept, reject } of Object.values(cases))
    expect(Math.min(accept.length, reject.length)).toBeGreaterThan(0);
  expect(new Set(dangerRules.map(({ id }) => id)).size).toBe(dangerRules.length);
});

describe.each(Object.entries(cases))('%s', (id, { accept, reject }) => {
  test.each(accept)('accepts: %s', (_, before, after) => {
    expect(lint(before, after).filter(({ rule }) => rule === id)).toEqual([]);
  });
  test.each(reject)('rejects: %s', (_, before, after, message, severity) => {
    const found = lint(before, after).filter(({ rule }) => rule === id);
    expect(found).toEqual([expect.objectContaining({ severity, message: expect.stringContaining(message) })]);
    expect(found[0]!.at).toMatchObject({
      file: expect.stringMatching(/^(?:apps|flux)\//),
      line: expect.any(Number),
    });
  });
});
