/** What the validators report. */
import { type Field, type Path, pathText } from './field.ts';

/** The topic of an error; each is a rule of the api-server stage. */
export const validationCodes = [
  'name',
  'label',
  'ownership',
  'selector',
  'pod',
  'container',
  'container-port',
  'environment-variable',
  'volume',
  'volume-mount',
  'probe',
  'resources',
  'security-context',
  'scheduling',
  'workload',
  'job',
  'cron-job',
  'service',
  'endpoints',
  'ingress',
  'network-policy',
  'config-data',
  'storage',
  'access-control',
  'disruption-budget',
  'autoscaling',
  'limits',
  'class',
  'lease',
  'flow-control',
  'admission',
  'custom-resource-definition',
  'event',
  'certificate',
  'device',
] as const;

export type ValidationCode = (typeof validationCodes)[number];

/** One reason why the API server refuses to create an object that its schema allows. */
export interface ValidationError {
  /** The value at fault; for a missing one its place. */
  readonly path: Path;
  readonly message: string;
  /** What to write instead. */
  readonly fix: string;
  readonly code: ValidationCode;
  /** `warning` where it hangs on how the cluster is set up. */
  readonly severity?: 'warning';
  /** Whether the fault is that an earlier item says the same. */
  readonly repeats?: true;
}

export type Errors = Iterable<ValidationError>;

/** Makes the errors of one topic. Messages begin with the path of the field, so `complaint` is a predicate. */
export interface Faults {
  /** Any fault: `` `spec.replicas` must not be negative ``. */
  readonly fault: (field: Field, complaint: string, fix: string) => ValidationError;
  readonly missing: (field: Field, why?: string) => ValidationError;
  readonly forbidden: (field: Field, why: string) => ValidationError;
  readonly oneOf: (field: Field, allowed: readonly string[]) => ValidationError;
  readonly duplicate: (field: Field, name: string | number) => ValidationError;
}

export function faultsOf(code: ValidationCode): Faults {
  const fault: Faults['fault'] = (field, complaint, fix) => ({
    path: field.path,
    message: `\`${pathText(field.path)}\` ${complaint}`,
    fix,
    code,
  });
  const last = (field: Field): string => String(field.path.findLast((part) => typeof part === 'string'));
  return {
    fault,
    missing: (field, why) =>
      fault(
        field,
        `is missing or empty${why === undefined ? ', and it is required' : `: ${why}`}`,
        `write \`${last(field)}\``,
      ),
    forbidden: (field, why) => fault(field, `must not be set: ${why}`, `remove \`${last(field)}\``),
    oneOf: (field, allowed) =>
      fault(
        field,
        `is ${shown(field.value)}, which is not one of ${allowed.join(', ')}`,
        `write ${listed(allowed)}`,
      ),
    duplicate: (field, name) => ({
      ...fault(
        field,
        `repeats \`${name}\`, which an earlier one has already`,
        'give each its own, or remove one',
      ),
      repeats: true,
    }),
  };
}

/** A value as messages show it; long ones are cut. */
export function shown(value: unknown): string {
  const all = value === undefined ? 'missing' : (JSON.stringify(value) ?? String(value));
  return all.length > 80 ? `${all.slice(0, 77)}…` : all;
}

/** `a, b or c`. */
export const listed = (names: readonly string[]): string =>
  names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`;
