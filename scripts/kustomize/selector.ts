import type { MapNode, Node, Origin } from '../yaml/node.ts';
import { text } from './kustomization.ts';
import {
  currentId,
  effectiveNamespace,
  gvkOf,
  originalId,
  type Resource,
  type ResourceId,
} from './resource.ts';
import { textOf } from './scalars.ts';
import { unsupported } from './stop.ts';

/** Which resources a patch or a replacement is for; absent parts match everything. */
export interface Selector {
  readonly group: Match;
  readonly version: Match;
  readonly kind: Match;
  readonly name: Match;
  readonly namespace: Match;
  readonly labels: LabelMatch;
  readonly annotations: LabelMatch;
  /** No part of the id is given. */
  readonly anyId: boolean;
  readonly hasLabels: boolean;
}

type Match = (text: string) => boolean;
type LabelMatch = (node: MapNode) => boolean;

const everything: Match = () => true;

const literal = /^[\w/=:,@% -]*$/;
// RE2 and JavaScript agree on these.
const portable = /^[\w.*+?|()^$/[\]=,@% -]*$/;

/** A regular expression that must match the whole text. */
export function anchored(pattern: string, origin: Origin): Match {
  if (pattern === '') return everything;
  if (literal.test(pattern)) return (value) => value === pattern;
  const expression = compile(`^(?:${pattern})$`, pattern, origin);
  return (value) => expression.test(value);
}

/** A regular expression that may match anywhere. */
export function unanchored(pattern: string, origin: Origin): Match {
  if (literal.test(pattern)) return (value) => value.includes(pattern);
  const expression = compile(pattern, pattern, origin);
  return (value) => expression.test(value);
}

function compile(source: string, pattern: string, origin: Origin): RegExp {
  if (!portable.test(pattern) || pattern.includes('(?'))
    unsupported(`the regular expression \`${pattern}\``, origin);
  try {
    return new RegExp(source);
  } catch {
    return unsupported(`the regular expression \`${pattern}\``, origin);
  }
}

export function readSelector(node: Node): Selector {
  const part = (key: string): Match => anchored(text(node, key), originOf(node, key));
  const labelSelector = text(node, 'labelSelector');
  const annotationSelector = text(node, 'annotationSelector');
  return {
    group: part('group'),
    version: part('version'),
    kind: part('kind'),
    name: part('name'),
    namespace: part('namespace'),
    labels: labelMatch('labels', labelSelector, originOf(node, 'labelSelector')),
    annotations: labelMatch('annotations', annotationSelector, originOf(node, 'annotationSelector')),
    anyId: ['group', 'version', 'kind', 'name', 'namespace'].every((key) => text(node, key) === ''),
    hasLabels: labelSelector !== '' || annotationSelector !== '',
  };
}

const originOf = (node: Node, key: string): Origin =>
  (node.type === 'map' ? node.entries.get(key)?.value.origin : undefined) ?? node.origin;

const name = String.raw`[A-Za-z0-9]([\w./-]*[A-Za-z0-9])?`;
const equality = new RegExp(String.raw`^(${name})\s*(==|=|!=)\s*([\w.-]*)$`);
const set = new RegExp(String.raw`^(${name})\s+(in|notin)\s*\(([^()]*)\)$`);
const existence = new RegExp(String.raw`^(!?)\s*(${name})$`);

/** A label selector as `kubectl -l` has it. */
function labelMatch(field: 'labels' | 'annotations', selector: string, origin: Origin): LabelMatch {
  if (selector.trim() === '') return () => true;
  const parts = selector.split(/,(?![^()]*\))/).map((part) => requirement(part.trim(), origin));
  return (node) => {
    const values = metadataMap(node, field);
    return parts.every((part) => part(values));
  };
}

type Requirement = (values: ReadonlyMap<string, string>) => boolean;

function requirement(text: string, origin: Origin): Requirement {
  const equal = equality.exec(text);
  if (equal) {
    const [, key, , operator, value] = equal as unknown as [string, string, string, string, string];
    return operator === '!=' ? (values) => values.get(key) !== value : (values) => values.get(key) === value;
  }
  const among = set.exec(text);
  if (among) {
    const [, key, , operator, list] = among as unknown as [string, string, string, string, string];
    const wanted = new Set(list.split(',').map((each) => each.trim()));
    return operator === 'in'
      ? (values) => values.has(key) && wanted.has(values.get(key) as string)
      : (values) => !values.has(key) || !wanted.has(values.get(key) as string);
  }
  const exists = existence.exec(text);
  if (exists) {
    const [, not, key] = exists as unknown as [string, string, string];
    return (values) => values.has(key) === (not === '');
  }
  return unsupported(`the selector \`${text}\``, origin);
}

/** Labels or annotations as kustomize sees them: everything is text. */
export function metadataMap(node: MapNode, field: 'labels' | 'annotations'): ReadonlyMap<string, string> {
  const metadata = node.entries.get('metadata')?.value;
  const found = metadata?.type === 'map' ? metadata.entries.get(field)?.value : undefined;
  if (found?.type !== 'map') return new Map();
  return new Map([...found.entries].map(([key, { value }]) => [key, textOf(value)]));
}

export const matchesLabels = (selector: Selector, node: MapNode): boolean =>
  selector.labels(node) && selector.annotations(node);

/** Whether an id matches, its namespace as written. */
export const matchesId = (selector: Selector, id: ResourceId): boolean =>
  selector.group(id.group) &&
  selector.version(id.version) &&
  selector.kind(id.kind) &&
  selector.name(id.name) &&
  selector.namespace(id.namespace);

/** Whether a patch's target selects the resource: by the first or the current name and namespace. */
export function selects(selector: Selector, resource: Resource): boolean {
  const current = currentId(resource);
  const original = originalId(resource);
  const originalNamespace =
    resource.previous.length > 0 ? original.namespace || 'default' : effectiveNamespace(original);
  const gvk = gvkOf(resource.node);
  return (
    (selector.namespace(originalNamespace) || selector.namespace(effectiveNamespace(current))) &&
    (selector.name(original.name) || selector.name(current.name)) &&
    selector.group(gvk.group) &&
    selector.version(gvk.version) &&
    selector.kind(gvk.kind) &&
    matchesLabels(selector, resource.node)
  );
}
