import { isDeepStrictEqual } from 'node:util';
import type { Environment, Repository } from '../../scripts/render/environment.ts';
import { locate, type RenderedObject } from '../../scripts/render/object.ts';
import {
  at,
  type Json,
  type MapNode,
  map,
  type Node,
  type Origin,
  originAt,
  type Path,
  scalar,
  toJson,
} from '../../scripts/yaml/node.ts';
import { parseYaml } from '../../scripts/yaml/parse.ts';
import type { Expectation, ObjectProof, Outcome, Proof, Step, Steps } from './statement.ts';

/** Holds a proof against what is rendered for its environment. */
export function prove(repository: Repository, proof: Proof): Outcome {
  if ('file' in proof) {
    const file = repository.sources.yaml(proof.file);
    if (!file) return failed(`there is no file ${proof.file}`);
    const origin: Origin = { file: proof.file, line: 1, column: 1 };
    const node = proof.path.length === 0 ? scalar(file.text, origin) : file.documents[0]?.node;
    return node ? check(proof.file, node, proof.path, proof) : failed(`${proof.file} is empty`);
  }
  const place = proof.in ?? 'prototype';
  const environment = repository.environments.find(({ name }) => name === place);
  if (!environment) return failed(`there is no environment ${place}`);
  if ('none' in proof) return proveNone(environment, proof.none);
  if ('check' in proof) {
    const outcome = proof.check(environment);
    // What found nothing to look at has shown nothing.
    return outcome.evidence.length + outcome.failures.length > 0
      ? outcome
      : failed(`nothing shows that ${proof.shows}`);
  }
  return proveObjects(environment, proof);
}

/** Holds a proof against the objects that it names. */
export function proveObjects(environment: Environment, proof: ObjectProof): Outcome {
  const objects = matchingObjects(environment, proof.object);
  if (objects.length === 0) return failed(`${proof.object} is not rendered`);
  return merge(objects.map((object) => proveObject(object, proof)));
}

/** The same for a single object, whatever its name. */
export function proveObject(
  object: Pick<RenderedObject, 'kind' | 'namespace' | 'name' | 'node'>,
  proof: { readonly path: Steps; readonly inside?: Steps } & Expectation,
): Outcome {
  const subject = nameOf(object);
  if (!proof.inside) return check(subject, object.node, proof.path, proof);
  const outer = follow(object.node, proof.path);
  if (!outer.found) return failed(`${subject}: ${outer.why}`, locate(object, outer.path));
  const file = String(outer.path.at(-1));
  if (outer.node.type !== 'scalar' || typeof outer.node.value !== 'string')
    return failed(`${subject}: ${file} is no text`, locate(object, outer.path));
  const inner = parseFile(file, outer.node.value, locate(object, outer.path));
  if (!inner) return failed(`${subject}: ${file} cannot be read`, locate(object, outer.path));
  return check(`${subject} ${file}`, inner, proof.inside, proof);
}

/** What kustomize appends to the name of a ConfigMap that it generates: a hash of ten of these characters. */
const generatedSuffix = /-[2456789bcdfghkmt]{10}$/;

/** The objects that a pattern such as `StatefulSet/infometis/*` names. */
export function matchingObjects(environment: Environment, pattern: string): readonly RenderedObject[] {
  const parts = pattern.split('/');
  const [kind, name] = [parts[0], parts.at(-1)!];
  const namespace = parts.length === 3 ? parts[1] : undefined;
  return environment.objects.filter(
    (object) =>
      object.kind === kind &&
      object.namespace === namespace &&
      (name === '*' ||
        object.name === name ||
        (object.kind === 'ConfigMap' && object.name.replace(generatedSuffix, '') === name)),
  );
}

/** Steps as people write them: `spec.containers[name=kafka].image`. */
export function pathText(steps: Steps): string {
  let text = '';
  for (const step of steps)
    if (typeof step === 'number') text += `[${step}]`;
    else if (typeof step === 'object') text += `[${selectorText(step)}]`;
    else if (/^[\w-]+$/.test(step)) text += text === '' ? step : `.${step}`;
    else text += `["${step}"]`;
  return text;
}

const selectorText = (selector: Exclude<Step, string | number>): string =>
  Object.entries(selector)
    .map(([key, value]) => `${key}=${value}`)
    .join(',');

export const nameOf = ({
  kind,
  namespace,
  name,
}: Pick<RenderedObject, 'kind' | 'namespace' | 'name'>): string =>
  [kind, namespace, name].filter((part) => part !== undefined).join('/');

export const failed = (message: string, origin?: Origin): Outcome => ({
  evidence: [],
  failures: [{ message, ...(origin ? { origin } : {}) }],
});

export const merge = (outcomes: readonly Outcome[]): Outcome => ({
  evidence: outcomes.flatMap(({ evidence }) => evidence),
  failures: outcomes.flatMap(({ failures }) => failures),
});

function proveNone(environment: Environment, kind: string): Outcome {
  return merge(
    environment.objects
      .filter((object) => object.kind === kind)
      .map((object) =>
        failed(
          `${nameOf(object)} is rendered, and there should be no ${kind}`,
          locate(object, ['metadata', 'name']),
        ),
      ),
  );
}

function check(subject: string, node: Node, steps: Steps, expectation: Expectation): Outcome {
  if ('absent' in expectation) {
    const parent = follow(node, steps.slice(0, -1));
    if (!parent.found) return failed(`${subject}: ${parent.why}`, originAt(node, parent.path));
    const last = follow(parent.node, steps.slice(-1));
    const origin = originAt(node, last.found ? [...parent.path, ...last.path] : parent.path);
    return last.found
      ? failed(`${subject}: ${pathText(steps)} is ${shown(toJson(last.node))}, and should not be set`, origin)
      : { evidence: [{ subject, origin }], failures: [] };
  }
  const value = follow(node, steps);
  if (!value.found) return failed(`${subject}: ${value.why}`, originAt(node, value.path));
  const origin = originAt(node, value.path);
  const json = toJson(value.node);
  return fulfils(json, expectation)
    ? { evidence: [{ subject, origin }], failures: [] }
    : failed(
        `${subject}: ${pathText(steps) || 'the file'} is ${shown(json)}, and should ${wanted(expectation)}`,
        origin,
      );
}

function fulfils(value: Json, expectation: Exclude<Expectation, { absent: true }>): boolean {
  if ('is' in expectation) return isDeepStrictEqual(value, expectation.is);
  if ('matches' in expectation) return typeof value === 'string' && expectation.matches.test(value);
  if (Array.isArray(value)) return value.some((item) => item === expectation.contains);
  return typeof value === 'string' && value.includes(String(expectation.contains));
}

const wanted = (expectation: Exclude<Expectation, { absent: true }>): string =>
  'is' in expectation
    ? `be ${shown(expectation.is)}`
    : 'matches' in expectation
      ? `match ${expectation.matches}`
      : `contain ${shown(expectation.contains)}`;

const shown = (value: Json): string => {
  const text = JSON.stringify(value);
  return text.length > 120 ? `${text.slice(0, 119)}…` : text;
};

type Walk =
  | { readonly found: true; readonly node: Node; readonly path: Path }
  /** `path` leads to the deepest part that exists. */
  | { readonly found: false; readonly why: string; readonly path: Path };

/** Follows steps from a node, turning selectors into indexes. */
export function follow(root: Node, steps: Steps): Walk {
  let node = root;
  const path: (string | number)[] = [];
  for (const [index, step] of steps.entries()) {
    const key = typeof step === 'object' ? indexOf(node, step) : step;
    const next = key === undefined ? undefined : at(node, [key]);
    if (key === undefined || !next) {
      const missing = pathText(steps.slice(0, index + 1));
      return { found: false, why: `there is no ${missing}${alternatives(node, step)}`, path };
    }
    path.push(key);
    node = next;
  }
  return { found: true, node, path };
}

function indexOf(list: Node, selector: Exclude<Step, string | number>): number | undefined {
  if (list.type !== 'list') return undefined;
  const index = list.items.findIndex((item) =>
    Object.entries(selector).every(([key, value]) => {
      const found = at(item, fieldPath(key));
      return found?.type === 'scalar' && found.value === value;
    }),
  );
  return index === -1 ? undefined : index;
}

const fieldPath = (field: string): Path =>
  field.split('.').map((part) => (/^\d+$/.test(part) ? Number(part) : part));

function alternatives(node: Node, step: Step): string {
  const present =
    node.type === 'map'
      ? [...node.entries.keys()]
      : node.type === 'list' && typeof step === 'object'
        ? node.items.map((item) =>
            Object.keys(step)
              .map((key) => `${key}=${shown(toJson(at(item, fieldPath(key)) ?? scalar(null, item.origin)))}`)
              .join(','),
          )
        : [];
  return present.length === 0 ? '' : `, only ${present.slice(0, 20).join(', ')}`;
}

/** A file that stands in a value; `origin` is its first line. */
function parseFile(name: string, text: string, origin: Origin): Node | undefined {
  const place = (line: number, column: number): Origin => ({
    file: origin.file,
    line: origin.line + line - 1,
    column,
  });
  if (/\.(?:ya?ml|json)$/.test(name)) {
    const parsed = parseYaml(origin.file, text, place);
    return parsed.problems.length === 0 ? parsed.documents[0]?.node : undefined;
  }
  if (/\.(?:properties|ini|cfg)$/.test(name)) return parseProperties(text, place);
  return undefined;
}

/** `key=value` lines; a line `[section]` opens a mapping for the ones below it. */
function parseProperties(text: string, place: (line: number, column: number) => Origin): MapNode {
  const root = map(place(1, 1));
  let section = root;
  for (const [index, line] of text.split('\n').entries()) {
    const origin = place(index + 1, 1);
    const [, header] = /^\[(.+)\]\s*$/.exec(line) ?? [];
    const [, key, value] = /^\s*([^#;=\s][^=]*?)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
    if (header !== undefined) {
      section = map(origin);
      root.entries.set(header, { origin, value: section });
    } else if (key !== undefined) {
      section.entries.set(key, { origin, value: scalar(value!, origin) });
    }
  }
  return root;
}
