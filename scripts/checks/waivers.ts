import { Ajv } from 'ajv';
import type { Finding } from '../finding.ts';
import type { Sources } from '../repository/sources.ts';
import { entriesAt, type Node, type Origin, originAt, textAt, toJson } from '../yaml/node.ts';

/** The file of waivers, at the repository's root. */
export const waiversFile = 'waivers.yaml';

/** A finding that somebody answers for: it is reported, but does not turn the run red. */
export interface Waiver {
  readonly rule: string;
  /** `Kind/namespace/name` or `Kind/name`; waives the rule for this object. */
  readonly object?: string;
  /** A file, or a directory with `/` at its end; waives the rule below it. */
  readonly path?: string;
  readonly reason: string;
  readonly owner: string;
  /** The last day on which it holds: `2027-03-31`. */
  readonly expires: string;
  readonly origin: Origin;
}

export interface WaivedFindings {
  /** What still counts, with findings about the waivers themselves. */
  readonly findings: readonly Finding[];
  readonly waived: readonly { readonly finding: Finding; readonly waiver: Waiver }[];
}

const schema = {
  type: 'array',
  items: {
    type: 'object',
    additionalProperties: false,
    required: ['rule', 'reason', 'owner', 'expires'],
    anyOf: [{ required: ['object'] }, { required: ['path'] }],
    properties: {
      rule: { type: 'string', pattern: '^[a-z-]+/[a-z0-9-]+$' },
      object: { type: 'string', pattern: '^[A-Z][A-Za-z0-9]*/[^/]+(/[^/]+)?$' },
      path: { type: 'string', minLength: 1 },
      reason: { type: 'string', minLength: 10 },
      owner: { type: 'string', minLength: 1 },
      // A plain date arrives as a timestamp.
      expires: { type: 'string', pattern: '^\\d{4}-\\d{2}-\\d{2}(T00:00:00Z)?$' },
    },
  },
};

const finding = (
  rule: string,
  severity: Finding['severity'],
  message: string,
  fix: string,
  origin: Origin,
): Finding => ({
  rule,
  severity,
  message,
  fix,
  file: origin.file,
  line: origin.line,
  column: origin.column,
});

/**
 * Reads waivers.yaml. A file that is not a valid list waives nothing, and is an error.
 * `knownRules` are the ids that exist: a waiver for another can never hold.
 */
export function readWaivers(
  sources: Sources,
  knownRules: ReadonlySet<string>,
): { readonly waivers: readonly Waiver[]; readonly findings: readonly Finding[] } {
  if (sources.files.kind(waiversFile) === undefined) return { waivers: [], findings: [] };
  const file = sources.yaml(waiversFile);
  const start: Origin = { file: waiversFile, line: 1, column: 1 };
  const invalid = (message: string, origin: Origin): Finding =>
    finding(
      'waiver/invalid',
      'error',
      message,
      'Write a list of waivers, each with rule, object or path, reason, owner and expires (a date).',
      origin,
    );
  if (!file) return { waivers: [], findings: [invalid('waivers.yaml cannot be read', start)] };
  const problem = file.problems[0];
  if (problem) return { waivers: [], findings: [invalid(problem.message, problem.origin)] };
  const [first, second] = file.documents.filter(({ node }) => node !== undefined);
  if (second?.node)
    return { waivers: [], findings: [invalid('waivers.yaml has a second document', second.node.origin)] };
  const root = first?.node;
  // A file of comments alone: nothing is waived.
  if (!root) return { waivers: [], findings: [] };
  const ajv = new Ajv({ allErrors: false });
  const validate = ajv.compile(schema);
  if (!validate(toJson(root))) {
    const error = validate.errors?.[0];
    const path = (error?.instancePath ?? '').split('/').slice(1);
    const segments = path.map((segment) => (/^\d+$/.test(segment) ? Number(segment) : segment));
    return {
      waivers: [],
      findings: [
        invalid(
          `waiver ${path.join('/')} ${error?.message ?? 'is not valid'}`.replace('  ', ' '),
          originAt(root, segments),
        ),
      ],
    };
  }
  const items = root.type === 'list' ? root.items : [];
  const waivers = items.map(toWaiver);
  const unknown = waivers.filter((waiver) => !knownRules.has(waiver.rule));
  return {
    waivers: waivers.filter((waiver) => knownRules.has(waiver.rule)),
    findings: unknown.map((waiver) =>
      finding(
        'waiver/unknown-rule',
        'error',
        `there is no rule \`${waiver.rule}\``,
        'Correct the id, or remove the waiver.',
        waiver.origin,
      ),
    ),
  };
}

function toWaiver(node: Node): Waiver {
  const object = textAt(node, ['object']);
  const path = textAt(node, ['path']);
  return {
    rule: textAt(node, ['rule']) ?? '',
    ...(object === undefined ? {} : { object }),
    ...(path === undefined ? {} : { path }),
    reason: textAt(node, ['reason']) ?? '',
    owner: textAt(node, ['owner']) ?? '',
    expires: (textAt(node, ['expires']) ?? '').slice(0, 10),
    origin: entriesAt(node, []).get('rule')?.origin ?? node.origin,
  };
}

/**
 * Separates what is waived. A waiver that is past its day waives nothing; one that nothing needs is a finding.
 * `today` is an ISO date. `complete` says whether every stage ran on everything: only then can a waiver be called unused.
 */
export function applyWaivers(
  findings: readonly Finding[],
  waivers: readonly Waiver[],
  options: { readonly today: string; readonly complete: boolean },
): WaivedFindings {
  const left: Finding[] = [];
  const waived: { finding: Finding; waiver: Waiver }[] = [];
  const used = new Set<Waiver>();
  const valid = waivers.filter((waiver) => waiver.expires >= options.today);
  for (const item of findings) {
    const waiver = valid.find((candidate) => covers(candidate, item));
    if (waiver) {
      used.add(waiver);
      waived.push({ finding: item, waiver });
    } else {
      left.push(item);
    }
  }
  for (const waiver of waivers) {
    if (waiver.expires < options.today)
      left.push(
        finding(
          'waiver/expired',
          'error',
          `the waiver of \`${waiver.rule}\` expired on ${waiver.expires}`,
          `Mend what it waived, or ask ${waiver.owner} for a new date.`,
          waiver.origin,
        ),
      );
    else if (options.complete && !used.has(waiver))
      left.push(
        finding(
          'waiver/unused',
          'error',
          `nothing needs the waiver of \`${waiver.rule}\` any more`,
          'Remove it.',
          waiver.origin,
        ),
      );
  }
  return { findings: left, waived };
}

function covers(waiver: Waiver, item: Finding): boolean {
  if (waiver.rule !== item.rule) return false;
  if (waiver.object !== undefined) {
    const object = item.object;
    if (!object) return false;
    const name = [object.kind, ...(object.namespace ? [object.namespace] : []), object.name].join('/');
    if (name !== waiver.object) return false;
  }
  if (waiver.path !== undefined)
    return waiver.path.endsWith('/') ? item.file.startsWith(waiver.path) : item.file === waiver.path;
  return true;
}
