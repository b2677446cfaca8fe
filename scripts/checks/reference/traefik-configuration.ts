import { containersOf, volumesOf } from '../../kubernetes/pod-template.ts';
import { locate } from '../../render/object.ts';
import { at, entriesAt, itemsAt, type Node, type Origin, originInText, textAt } from '../../yaml/node.ts';
import { parseYaml } from '../../yaml/parse.ts';
import type { ReferenceSubject, Workload } from './index-objects.ts';

/** What the Traefik of an environment offers to the annotations of Ingresses and Services. */
export interface TraefikConfiguration {
  readonly entryPoints: ReadonlySet<string>;
  readonly middlewares: ReadonlySet<string>;
  readonly serversTransports: ReadonlySet<string>;
  readonly tlsOptions: ReadonlySet<string>;
}

/**
 * Reads the arguments of Traefik's containers and the YAML files that it mounts; undefined where the environment runs no
 * Traefik, or one whose configuration is not all there to be read.
 */
export function traefikConfiguration(subject: ReferenceSubject): TraefikConfiguration | undefined {
  const workloads = traefikWorkloads(subject);
  if (workloads.length === 0) return undefined;
  const entryPoints = new Set<string>();
  const middlewares = new Set<string>();
  const serversTransports = new Set<string>();
  const tlsOptions = new Set<string>(['default']);
  for (const workload of workloads) {
    for (const { node } of containersOf(workload.template))
      for (const argument of [...itemsAt(node, ['command']), ...itemsAt(node, ['args'])]) {
        const match = argument.type === 'scalar' && /^--entrypoints\.([^.=]+)/i.exec(String(argument.value));
        if (match) entryPoints.add(match[1]!.toLowerCase());
      }
    const files = mountedFiles(subject, workload);
    if (!files) return undefined;
    for (const file of files) {
      for (const name of entriesAt(file, ['entryPoints']).keys()) entryPoints.add(name.toLowerCase());
      for (const protocol of ['http', 'tcp']) {
        for (const name of entriesAt(file, [protocol, 'middlewares']).keys()) middlewares.add(name);
        for (const name of entriesAt(file, [protocol, 'serversTransports']).keys())
          serversTransports.add(name);
      }
      for (const name of entriesAt(file, ['tls', 'options']).keys()) tlsOptions.add(name);
    }
  }
  return { entryPoints, middlewares, serversTransports, tlsOptions };
}

const traefikWorkloads = (subject: ReferenceSubject): readonly Workload[] =>
  subject.workloads.filter(({ template }) =>
    containersOf(template).some(({ node }) => isTraefik(textAt(node, ['image']) ?? '')),
  );

/** The YAML files that an environment's Traefik mounts; undefined where not all of them can be read. */
export function traefikFiles(subject: ReferenceSubject): readonly Node[] | undefined {
  const files: Node[] = [];
  for (const workload of traefikWorkloads(subject)) {
    const mounted = mountedFiles(subject, workload);
    if (!mounted) return undefined;
    files.push(...mounted);
  }
  return files;
}

const isTraefik = (image: string): boolean => /(^|\/)traefik([:@]|$)/.test(image);

function mountedFiles(subject: ReferenceSubject, { namespace, template }: Workload): Node[] | undefined {
  const files: Node[] = [];
  for (const { node } of volumesOf(template)) {
    const sources = [node, ...itemsAt(node, ['projected', 'sources'])];
    for (const source of sources) {
      const name = textAt(source, ['configMap', 'name']);
      if (name === undefined) continue;
      const configMap = subject.find({ group: '', kind: 'ConfigMap', namespace, name });
      if (!configMap) return undefined;
      for (const [key, { value }] of entriesAt(configMap.node, ['data'])) {
        if (value.type !== 'scalar') continue;
        if (key.endsWith('.toml')) return undefined;
        if (!/\.ya?ml$/.test(key)) continue;
        const text = String(value.value);
        const lines = text.split('\n');
        const place = (line: number, column: number): Origin => {
          const before = lines.slice(0, line - 1).reduce((sum, each) => sum + each.length + 1, 0);
          return originInText(value, before + column - 1) ?? locate(configMap, ['data', key]);
        };
        for (const document of parseYaml(key, text, place).documents)
          if (at(document.node, []) !== undefined) files.push(document.node!);
      }
    }
  }
  return files;
}
