/** What the text and the Markdown report say alike. */

import { stringify } from 'yaml';
import { describe } from '../../finding.ts';
import type { Json } from '../../yaml/node.ts';
import type { EnvironmentChange, FieldChange, ImageChange, ObjectChange, Restart } from '../change.ts';
import type { Danger } from '../danger/index.ts';
import { isMap } from '../json.ts';
import { lineDifference } from '../lines.ts';
import type { EnvironmentDiff } from '../run.ts';
import { parseImage } from '../version.ts';

export interface DiffReport {
  /** The commit that was compared with, and how it was chosen; without it no heading says so. */
  readonly base?: { readonly id: string; readonly label: string };
  readonly diffs: readonly EnvironmentDiff[];
  readonly color: boolean;
}

export type DiffReporter = (report: DiffReport) => string;

/** A line of a change; the sign says how to colour it. */
export interface SignedLine {
  readonly sign: '+' | '-' | '~' | ' ';
  readonly text: string;
}

export const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

/** `prototype`, or `small-production, when it is promoted`. */
export const titleOf = ({ environment, timing }: EnvironmentChange): string =>
  timing === 'merge' ? environment : `${environment}, when promoted`;

export const isUnchanged = ({ objects, restarts, uncompared }: EnvironmentChange): boolean =>
  objects.length + restarts.length + uncompared.length === 0;

/** `2 objects changed, 1 removed; 1 workload restarts; 1 danger`. */
export function summaryOf({ change, dangers }: EnvironmentDiff): string {
  if (isUnchanged(change)) return 'no change';
  const count = (status: ObjectChange['status']): number =>
    change.objects.filter((object) => object.status === status).length;
  const objects = (['changed', 'added', 'removed', 'moved'] as const)
    .filter((status) => count(status) > 0)
    .map((status, index) =>
      index === 0 ? `${plural(count(status), 'object')} ${status}` : `${count(status)} ${status}`,
    )
    .join(', ');
  const restarts = change.restarts.length;
  const severe = dangers.filter(({ severity }) => severity === 'danger').length;
  return [
    objects,
    restarts > 0 && `${plural(restarts, 'workload')} ${restarts === 1 ? 'restarts' : 'restart'}`,
    change.uncompared.length > 0 && `${plural(change.uncompared.length, 'component')} not compared`,
    severe > 0 && plural(severe, 'danger'),
    dangers.length > severe && plural(dangers.length - severe, 'notice'),
  ]
    .filter((part) => part)
    .join('; ');
}

export interface ImageLine {
  /** `confluentinc/cp-kafka: 7.6.1 → 7.6.2`. */
  readonly what: string;
  readonly where: string;
}

/** One line for each image that changed, however many containers have it. */
export function imageLines(images: readonly ImageChange[]): readonly ImageLine[] {
  const byChange = new Map<string, string[]>();
  for (const { before, after, holder, type, change } of images) {
    const key = imageStep(before, after, type);
    const owner = `${describe(change.reference)}${type === 'chart' ? '' : ` (${holder})`}`;
    byChange.set(key, [...(byChange.get(key) ?? []), owner]);
  }
  return [...byChange]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([what, owners]) => ({ what, where: owners.join(', ') }));
}

function imageStep(before: string, after: string, type: ImageChange['type']): string {
  const [old, now] = [parseImage(before), parseImage(after)];
  const name = type === 'chart' ? `chart ${now.repository}` : now.repository;
  if (old.repository !== now.repository) return `${before} → ${after}`;
  if (old.tag !== now.tag) return `${name}: ${old.tag || 'no tag'} → ${now.tag || 'no tag'}`;
  return `${name}:${now.tag}: ${old.digest || 'no digest'} → ${now.digest || 'no digest'}`;
}

export const restartLine = ({ reference, how, causes }: Restart): string =>
  `${describe(reference)}, ${how}: ${causes.length > 5 ? `${causes.slice(0, 4).join(', ')} and ${causes.length - 4} more` : causes.join(', ')}`;

/** What Flux deletes, and what it leaves although it is no longer in Git. */
export function fatesOf({ objects }: EnvironmentChange): {
  readonly deleted: readonly string[];
  readonly kept: readonly string[];
} {
  const removed = objects.filter(({ status }) => status === 'removed');
  return {
    deleted: removed.filter(({ fate }) => fate?.deleted).map(({ reference }) => describe(reference)),
    kept: removed
      .filter(({ fate }) => !fate?.deleted)
      .map(({ reference, fate }) => `${describe(reference)}: ${fate?.reason}`),
  };
}

export const placeOf = ({ at }: Danger): string => `${at.file}:${at.line}`;

/** The failures of a component that could not be compared, by side. */
export function uncomparedLines({ uncompared }: EnvironmentChange): readonly string[] {
  return uncompared.flatMap(({ component, before, after, because }) =>
    because !== undefined
      ? [`${component}: ${because}, which should yield it, cannot be built`]
      : [
          ...before.map(
            ({ message, origin }) => `${component} in the base: ${origin.file}:${origin.line}: ${message}`,
          ),
          ...after.map(
            ({ message, origin }) =>
              `${component} in the working tree: ${origin.file}:${origin.line}: ${message}`,
          ),
        ],
  );
}

/** The changed objects of each component, in order. */
export function byComponent({ objects }: EnvironmentChange): ReadonlyMap<string, readonly ObjectChange[]> {
  const groups = new Map<string, ObjectChange[]>();
  for (const object of objects)
    groups.set(object.component, [...(groups.get(object.component) ?? []), object]);
  return groups;
}

const signs = { added: '+', removed: '-', changed: '~', moved: '~' } as const;

/** One object: its name, then what changed in it, images first. */
export function objectLines({
  status,
  reference,
  fields,
  movedFrom,
  fate,
}: ObjectChange): readonly SignedLine[] {
  const note =
    status === 'moved'
      ? `, from Kustomization ${movedFrom}`
      : status === 'removed' && !fate?.deleted
        ? ' (stays in the cluster)'
        : '';
  const isImage = ({ path }: FieldChange): boolean => path.endsWith('.image');
  const sorted = [...fields.filter(isImage), ...fields.filter((field) => !isImage(field))];
  return [{ sign: signs[status], text: `${describe(reference)}${note}` }, ...sorted.flatMap(fieldLines)];
}

const longest = 60;

function fieldLines({ path, before, after, kind, hidden }: FieldChange): readonly SignedLine[] {
  const sign = kind === 'added' ? '+' : kind === 'removed' ? '-' : '~';
  const line = (text: string): SignedLine[] => [{ sign, text: `  ${path}${text}` }];
  if (hidden)
    return line(kind === 'changed' || kind === 'reordered' ? ': changed (not shown)' : ` (not shown)`);
  if (kind === 'reordered') return line(': other order');
  if (isShort(before) && isShort(after))
    return line(
      kind === 'added'
        ? `: ${shown(after)}`
        : kind === 'removed'
          ? `: ${shown(before)}`
          : `: ${shown(before)} → ${shown(after)}`,
    );
  const [old, now] = [textOf(before), textOf(after)];
  const lines =
    old === undefined || now === undefined
      ? (now ?? old ?? '').split('\n').map((text) => ({ sign, text }) as const)
      : lineDifference(old, now);
  const inner = lines.map(
    ({ sign: own, text }): SignedLine => ({
      sign: own === '…' ? ' ' : own,
      text: own === '…' ? '    …' : `    ${text}`,
    }),
  );
  const rest = inner.length - longest;
  return [
    ...line(':'),
    ...inner.slice(0, rest > 5 ? longest : inner.length),
    ...(rest > 5 ? [{ sign: ' ', text: `    … ${rest} more lines` } as const] : []),
  ];
}

const isShort = (value: Json | undefined): boolean =>
  value === undefined ||
  (typeof value === 'string'
    ? !value.includes('\n') && value.length <= 200
    : JSON.stringify(value).length <= 80);

const shown = (value: Json | undefined): string =>
  typeof value === 'string' && /^[\w./@:+-]+$/.test(value) && Number.isNaN(Number(value))
    ? value
    : JSON.stringify(value);

const textOf = (value: Json | undefined): string | undefined =>
  value === undefined
    ? undefined
    : typeof value === 'string'
      ? value
      : Array.isArray(value) || isMap(value)
        ? stringify(value, { lineWidth: 0, aliasDuplicateObjects: false }).trimEnd()
        : JSON.stringify(value);
