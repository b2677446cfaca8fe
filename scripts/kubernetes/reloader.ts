/** Which workloads Reloader restarts when a ConfigMap or Secret changes. Mirrors `ShouldReload` of stakater/Reloader 1.4. */

import { entriesAt, type Node, type Path } from '../yaml/node.ts';

export interface ReloadSource {
  readonly kind: 'ConfigMap' | 'Secret';
  readonly name: string;
  /** The object itself, whose own annotations have a say; absent where it is not in Git. */
  readonly node?: Node;
}

/**
 * `named`: a change restarts the workload, whether its pods use the object or not. `used`: where its pods use it.
 *
 * @param templatePath where the pod template is within the workload
 */
export function reloadOf(
  workload: Node,
  templatePath: Path,
  source: ReloadSource,
): 'named' | 'used' | undefined {
  const { kind, name } = source;
  const own = source.node
    ? annotationsAt(source.node, ['metadata', 'annotations'])
    : new Map<string, string>();
  if (own.get('reloader.stakater.com/ignore') === 'true') return undefined;
  const type = kind.toLowerCase();
  const listed = `${type}.reloader.stakater.com/reload`;
  const typed = `${type}.reloader.stakater.com/auto`;
  const onWorkload = annotationsAt(workload, ['metadata', 'annotations']);
  const says = [listed, typed, 'reloader.stakater.com/auto', 'reloader.stakater.com/search'];
  // Those of the pods count only where the workload itself says nothing.
  const annotations = says.some((annotation) => onWorkload.has(annotation))
    ? onWorkload
    : annotationsAt(workload, [...templatePath, 'metadata', 'annotations']);
  if (listOf(onWorkload.get(`${type}s.exclude.reloader.stakater.com/reload`)).includes(name))
    return undefined;
  if (listOf(annotations.get(listed)).some((pattern) => matches(pattern, name))) return 'named';
  const searched =
    annotations.get('reloader.stakater.com/search') === 'true' &&
    own.get('reloader.stakater.com/match') === 'true';
  const automatic = [typed, 'reloader.stakater.com/auto'].some((annotation) =>
    truths.has(annotations.get(annotation) ?? ''),
  );
  return searched || automatic ? 'used' : undefined;
}

// Go's strconv.ParseBool.
const truths: ReadonlySet<string> = new Set(['1', 't', 'T', 'TRUE', 'true', 'True']);

const listOf = (text: string | undefined): readonly string[] =>
  (text ?? '').split(',').map((item) => item.trim());

/** The names in a list are regular expressions; one that is none matches nothing. */
function matches(pattern: string, name: string): boolean {
  try {
    return new RegExp(`^${pattern}$`).test(name);
  } catch {
    return false;
  }
}

/** Annotations as strings: kustomize makes strings of what is not quoted. */
const annotationsAt = (node: Node, path: Path): ReadonlyMap<string, string> =>
  new Map(
    [...entriesAt(node, path)].flatMap(([key, { value }]) =>
      value.type === 'scalar' ? [[key, String(value.value)] as const] : [],
    ),
  );
