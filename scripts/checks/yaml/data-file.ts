import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv, type ErrorObject } from 'ajv';
import { knownGoodKey } from '../../cache/known-good.ts';
import { nearestWord } from '../../text/nearest.ts';
import { at, entriesAt, type Node, type Path, toJson } from '../../yaml/node.ts';
import { hasHouseLayout } from '../kustomization/subject.ts';
import type { Report, Rule } from '../rule.ts';
import type { YamlSubject } from './subject.ts';

/** The repository's own data files, and the schema of each. */
const schemas: readonly { readonly file: RegExp; readonly schema: string }[] = [
  { file: /^secrets\.yaml$/, schema: 'secrets.json' },
  { file: /^overlays\/[^/]+\/environment\/environment\.yaml$/, schema: 'environment.json' },
];

export const dataFile: Rule<YamlSubject> = {
  id: 'yaml/data-file',
  severity: 'error',
  title: 'The facts of an environment, and the Secrets that it needs, are written as their schema says.',
  why: 'A fact of the wrong form reaches every component that takes it, and a Secret that is not understood is never made.',
  fix: 'Write it as the schema beside it (schemas/) describes.',
  scope: 'infometis',
  *check({ file, repository }) {
    const known = schemas.find((candidate) => candidate.file.test(file.file));
    if (!known || !hasHouseLayout(repository)) return;
    const root = file.documents[0]?.node;
    // What cannot be parsed is told by yaml/syntax.
    if (root === undefined || file.problems.length > 0) return;
    const text = readFileSync(join(import.meta.dirname, '../../../schemas', known.schema), 'utf8');
    const key = knownGoodKey('data-file', text, file.text);
    if (repository.knownGood?.has(key)) return;
    const validate = new Ajv({ allErrors: true, verbose: true, strict: false, discriminator: true }).compile(
      JSON.parse(text) as object,
    );
    if (validate(toJson(root))) {
      repository.knownGood?.add(key);
      return;
    }
    for (const error of validate.errors ?? []) if (error.keyword !== 'if') yield reportOf(error, root);
  },
};

function reportOf(error: ErrorObject, root: Node): Report {
  const path: Path = error.instancePath
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map((part) => (/^\d+$/.test(part) ? Number(part) : part));
  const node = at(root, path) ?? root;
  const place = path.length === 0 ? 'the file' : `\`${path.join('.')}\``;
  const { description } = (error.parentSchema ?? {}) as { description?: string };
  const { additionalProperty, missingProperty } = error.params as Record<string, string | undefined>;
  if (additionalProperty !== undefined) {
    const allowed = Object.keys((error.parentSchema as { properties?: object }).properties ?? {});
    const nearest = nearestWord(additionalProperty, allowed);
    const entry = entriesAt(node, []).get(additionalProperty);
    return {
      message: `${place} has no field \`${additionalProperty}\`${nearest === undefined ? '' : `; did you mean \`${nearest}\`?`}`,
      fix: `One of ${allowed.join(', ')}.`,
      at: entry?.origin ?? node.origin,
    };
  }
  if (missingProperty !== undefined) {
    const { properties = {} } = error.parentSchema as {
      properties?: Record<string, { description?: string }>;
    };
    return {
      message: `${place} has no \`${missingProperty}\``,
      fix: properties[missingProperty]?.description ?? `Add \`${missingProperty}\`.`,
      at: node.origin,
    };
  }
  if (error.keyword === 'discriminator') {
    const { tag = '', tagValue = '' } = error.params as Record<string, string | undefined>;
    return {
      message: `${place} has the ${tag} \`${tagValue}\`, which is none of those there are`,
      at: node.origin,
    };
  }
  const value = node.type === 'scalar' ? ` is ${JSON.stringify(node.value)}, and` : '';
  return {
    message: `${place}${value} ${error.message ?? 'does not fit'}`,
    ...(description === undefined ? {} : { fix: description }),
    at: node.origin,
  };
}
