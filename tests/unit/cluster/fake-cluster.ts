import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Json, JsonObject } from '../../../scripts/yaml/node.ts';

/** A call of a program, as the program saw it. */
export interface Call {
  readonly args: readonly string[];
  readonly input: string;
}

interface FakeState {
  contexts: string[];
  current: string;
  /** Objects by `resource/namespace/name`; the namespace of what has none is empty. */
  objects: Record<string, JsonObject>;
  /** What each look at the Flux objects finds; the last one stays. */
  polls: Json[][];
  unreachable?: boolean;
  serverVersion?: string;
  /** A resource that the person may not read. */
  forbidden?: string;
  /** The exit code of the Flux CLI. */
  fluxExit?: number;
}

export interface FakeCluster {
  readonly directory: string;
  /** PATH has nothing but what `programs` named. */
  readonly environment: NodeJS.ProcessEnv;
  state(): FakeState;
  set(change: Partial<FakeState>): void;
  calls(program?: string): readonly Call[];
  remove(): void;
}

// Enough of kubectl to keep objects, and strict about what it does not know: a command that it was not taught fails.
const kubectl = String.raw`
const fs = require('node:fs');
const home = __HOME__;
const program = __PROGRAM__;
let args = process.argv.slice(2);
// flux has the terminal of whoever runs the tests.
const input = program === 'flux' ? '' : fs.readFileSync(0, 'utf8');
fs.appendFileSync(home + '/calls', JSON.stringify({ program, args, input }) + '\n');
const state = JSON.parse(fs.readFileSync(home + '/state', 'utf8'));
const save = () => fs.writeFileSync(home + '/state', JSON.stringify(state));
const fail = (message) => { process.stderr.write('error: ' + message + '\n'); process.exit(1); };
if (program === 'flux') process.exit(state.fluxExit ?? 0);
if (program === 'k0s') { if (args[0] !== 'kubectl') fail('unknown'); args = args.slice(1); }
const take = (name, alone) => {
  const at = args.findIndex((arg) => arg === name || arg.startsWith(name + '='));
  if (at === -1) return undefined;
  const [arg] = args.splice(at, 1);
  return arg.includes('=') ? arg.slice(arg.indexOf('=') + 1) : alone ? true : args.splice(at, 1)[0];
};
take('--kubeconfig');
const context = take('--context');
if (args[0] === 'config') {
  if (args[1] === 'get-contexts') process.stdout.write(state.contexts.join('\n') + '\n');
  else if (args[1] === 'current-context') state.current ? process.stdout.write(state.current + '\n') : fail('current-context is not set');
  else if (args[1] === 'view') process.stdout.write('https://10.0.0.1:6443');
  process.exit(0);
}
if (!state.contexts.includes(context)) fail('no context');
if (state.unreachable) fail('connection refused');
const namespace = take('--namespace') ?? '';
const output = take('--output') ?? '';
const ignore = take('--ignore-not-found', true);
const resources = { Namespace: 'namespace', Secret: 'secret', GitRepository: 'gitrepositories.source.toolkit.fluxcd.io', Kustomization: 'kustomizations.kustomize.toolkit.fluxcd.io', Deployment: 'deployment' };
const keyOf = (object) => [resources[object.kind], object.metadata.namespace ?? '', object.metadata.name].join('/');
const store = (object) => {
  state.version = (state.version ?? 0) + 1;
  state.objects[keyOf(object)] = { ...object, metadata: { ...object.metadata, resourceVersion: String(state.version) } };
};
if (args[0] === 'get') {
  if (take('--raw') === '/version') { process.stdout.write(JSON.stringify({ gitVersion: state.serverVersion ?? 'v1.36.3' })); process.exit(0); }
  const [, resource, ...names] = args;
  if (resource === state.forbidden) fail(resource + ' is forbidden');
  if (resource.includes(',')) {
    const items = state.polls.length > 1 ? state.polls.shift() : (state.polls[0] ?? []);
    save();
    process.stdout.write(JSON.stringify({ items }));
    process.exit(0);
  }
  const single = resource === 'deployments' ? 'deployment' : resource;
  if (names.length === 0 || output === 'name') {
    for (const [key, object] of Object.entries(state.objects)) {
      const [kind, ns, name] = key.split('/');
      if (kind === single && ns === namespace && (names.length === 0 || names.includes(name))) process.stdout.write(kind + '/' + name + '\n');
    }
    process.exit(0);
  }
  const object = state.objects[[single, namespace, names[0]].join('/')];
  if (!object) ignore ? process.exit(0) : fail('not found');
  if (output.startsWith('go-template=')) process.stdout.write(['found', ...Object.keys(object.data ?? {})].join('\n'));
  else process.stdout.write(JSON.stringify(object));
  process.exit(0);
}
if (args[0] === 'create') {
  const object = JSON.parse(input);
  if (state.objects[keyOf(object)]) fail(keyOf(object) + ' already exists');
  store(object);
} else if (args[0] === 'replace') {
  const object = JSON.parse(input);
  if (state.objects[keyOf(object)].metadata.resourceVersion !== object.metadata.resourceVersion) fail('the object has been modified');
  store(object);
} else if (args[0] === 'apply') {
  if (!args.includes('--server-side') || !args.includes('--field-manager=infometis-bootstrap')) fail('not as expected');
  for (const object of JSON.parse(input).items) store(object);
} else if (args[0] === 'patch') {
  const object = state.objects[['deployment', namespace, args[2]].join('/')];
  for (const { value } of JSON.parse(take('--patch'))) object.spec.template.spec.containers[0].args.push(value);
} else fail('unknown command ' + args.join(' '));
save();
`;

/** An empty cluster behind the named programs, of `kubectl`, `k0s` and `flux`. */
export function fakeCluster(...programs: readonly string[]): FakeCluster {
  const directory = mkdtempSync(join(tmpdir(), 'fake-cluster-'));
  mkdirSync(join(directory, 'bin'));
  for (const program of programs) {
    const code = kubectl
      .replace('__HOME__', JSON.stringify(directory))
      .replace('__PROGRAM__', JSON.stringify(program));
    writeFileSync(join(directory, 'bin', program), `#!${process.execPath}\n${code}`, { mode: 0o755 });
  }
  const file = join(directory, 'state');
  const state = (): FakeState => JSON.parse(readFileSync(file, 'utf8')) as FakeState;
  const initial: FakeState = { contexts: ['laptop', 'other'], current: 'laptop', objects: {}, polls: [] };
  writeFileSync(file, JSON.stringify(initial));
  writeFileSync(join(directory, 'calls'), '');
  return {
    directory,
    environment: { PATH: join(directory, 'bin'), HOME: directory },
    state,
    set: (change) => writeFileSync(file, JSON.stringify({ ...state(), ...change })),
    calls: (program) =>
      readFileSync(join(directory, 'calls'), 'utf8')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as Call & { program: string })
        .filter((call) => program === undefined || call.program === program),
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}

/** What `flux install` leaves behind. */
export const withFlux: Readonly<Record<string, JsonObject>> = {
  'namespace//flux-system': { kind: 'Namespace', metadata: { name: 'flux-system' } },
  'crd//gitrepositories.source.toolkit.fluxcd.io': {},
  'crd//kustomizations.kustomize.toolkit.fluxcd.io': {},
  'deployment/flux-system/source-controller': {},
  'deployment/flux-system/kustomize-controller': {
    spec: { template: { spec: { containers: [{ args: ['--log-level=info'] }] } } },
  },
};

/** A Flux object with a Ready condition. */
export const fluxObject = (
  kind: string,
  name: string,
  status: string,
  message = '',
  reason = '',
): JsonObject => ({
  kind,
  metadata: { name, generation: 1 },
  status: { observedGeneration: 1, conditions: [{ type: 'Ready', status, message, reason }] },
});
