import { ADD_ONS, type CrdFolder } from '../schemas/sources.ts';

/** A set of programs that one go.mod under tests/cluster/tools pins. */
export interface Tool {
  /** Its directory under tests/cluster/tools. */
  readonly name: string;
  /** The Go module whose required version is the version of the programs. */
  readonly module: string;
  /** The suite that starts it. */
  readonly suite: 'cluster' | 'components';
  /** By the name of the program. */
  readonly programs: Readonly<Record<string, Program>>;
  /** Variables that its own release sets with the linker: without them a program does not know its version. */
  readonly variables?: (version: string) => Readonly<Record<string, string>>;
  /** A directory of the module that its users need beside the programs. */
  readonly files?: string;
  /** Built only when it is named: what takes minutes, and is for something that is off by default. */
  readonly onRequest?: true;
}

export interface Program {
  /** Its Go package, as the `tool` directive has it. */
  readonly package: string;
  /** Makes it print its version; without them it cannot, and one on PATH is never trusted. */
  readonly versionArguments?: readonly string[];
}

const kubernetesProgram = (name: string): Program => ({
  package: `k8s.io/kubernetes/cmd/${name}`,
  versionArguments: ['--version'],
});

const fluxController = (name: string): Tool => ({
  name,
  module: `github.com/fluxcd/${name}`,
  suite: 'cluster',
  programs: { [name]: { package: `github.com/fluxcd/${name}` } },
  files: 'config/crd/bases',
});

/** The definitions of what a chart brings. */
const addOn = ({ name, module, folder }: CrdFolder): Tool => ({
  name,
  module,
  suite: 'cluster',
  programs: {},
  files: folder,
});

/** Every tool, in the order in which they are built: first what most tests wait for. */
export const tools: readonly Tool[] = [
  {
    name: 'etcd',
    module: 'go.etcd.io/etcd/server/v3',
    suite: 'cluster',
    programs: {
      etcd: { package: 'go.etcd.io/etcd/server/v3', versionArguments: ['--version'] },
      etcdctl: { package: 'go.etcd.io/etcd/etcdctl/v3', versionArguments: ['version'] },
      etcdutl: { package: 'go.etcd.io/etcd/etcdutl/v3', versionArguments: ['version'] },
    },
  },
  {
    name: 'kubernetes',
    module: 'k8s.io/kubernetes',
    suite: 'cluster',
    programs: {
      'kube-apiserver': kubernetesProgram('kube-apiserver'),
      'kube-controller-manager': kubernetesProgram('kube-controller-manager'),
      'kube-scheduler': kubernetesProgram('kube-scheduler'),
    },
    variables: (version) => {
      const [major = '', minor = ''] = version.slice(1).split('.');
      const of = 'k8s.io/component-base/version';
      return {
        [`${of}.gitVersion`]: version,
        [`${of}.gitMajor`]: major,
        [`${of}.gitMinor`]: minor,
        [`${of}.gitTreeState`]: 'clean',
      };
    },
  },
  {
    name: 'kwok',
    module: 'sigs.k8s.io/kwok',
    suite: 'cluster',
    programs: { kwok: { package: 'sigs.k8s.io/kwok/cmd/kwok', versionArguments: ['--version'] } },
    variables: (version) => ({ 'sigs.k8s.io/kwok/pkg/consts.Version': version }),
    files: 'kustomize/stage',
  },
  fluxController('source-controller'),
  fluxController('kustomize-controller'),
  fluxController('helm-controller'),
  {
    name: 'flux2',
    module: 'github.com/fluxcd/flux2/v2',
    suite: 'cluster',
    programs: {},
    // The roles that `flux install` gives the controllers.
    files: 'manifests/rbac',
  },
  ...ADD_ONS.map(addOn),
  {
    name: 'kubeconform',
    module: 'github.com/yannh/kubeconform',
    suite: 'cluster',
    programs: {
      kubeconform: { package: 'github.com/yannh/kubeconform/cmd/kubeconform', versionArguments: ['-v'] },
    },
    variables: (version) => ({ 'main.version': version }),
  },
  {
    name: 'sops',
    module: 'github.com/getsops/sops/v3',
    suite: 'cluster',
    programs: {
      sops: {
        package: 'github.com/getsops/sops/v3/cmd/sops',
        versionArguments: ['--version', '--disable-version-check'],
      },
    },
  },
  {
    name: 'age',
    module: 'filippo.io/age',
    suite: 'cluster',
    programs: {
      age: { package: 'filippo.io/age/cmd/age', versionArguments: ['--version'] },
      'age-keygen': { package: 'filippo.io/age/cmd/age-keygen', versionArguments: ['--version'] },
    },
    variables: (version) => ({ 'main.Version': version }),
  },
  {
    name: 'promtool',
    module: 'github.com/prometheus/prometheus',
    suite: 'components',
    programs: {
      promtool: {
        package: 'github.com/prometheus/prometheus/cmd/promtool',
        versionArguments: ['--version'],
      },
    },
    // The module v0.N.P is the release 2.N.P.
    variables: (version) => ({
      'github.com/prometheus/common/version.Version': version.replace(/^v0\./, '2.'),
    }),
  },
  {
    name: 'amtool',
    module: 'github.com/prometheus/alertmanager',
    suite: 'components',
    programs: {
      amtool: { package: 'github.com/prometheus/alertmanager/cmd/amtool', versionArguments: ['--version'] },
    },
    variables: (version) => ({ 'github.com/prometheus/common/version.Version': version.slice(1) }),
  },
  {
    name: 'seaweedfs',
    module: 'github.com/seaweedfs/seaweedfs',
    suite: 'components',
    // Its releases are no versions that Go knows: the module has the commit, and the test asks the program which release it is.
    programs: { weed: { package: 'github.com/seaweedfs/seaweedfs/weed' } },
    onRequest: true,
  },
];

export const toolNamed = (name: string): Tool | undefined => tools.find((tool) => tool.name === name);

/** The tool that has a program of this name. */
export const toolOf = (program: string): Tool | undefined =>
  tools.find(({ programs }) => Object.hasOwn(programs, program));
