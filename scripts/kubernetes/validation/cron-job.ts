/** CronJobs. Mirrors `ValidateCronJobCreate` and the parser of robfig/cron that it asks. */
import { type Errors, faultsOf } from './error.ts';
import { type Field, get, isSet, text } from './field.ts';
import { validateJobTemplate } from './job.ts';
import { notNegative } from './numbers.ts';

const faults = faultsOf('cron-job');
const { fault, missing, oneOf } = faults;

export function* validateCronJob(object: Field): Errors {
  const spec = get(object, 'spec');
  const name = get(object, 'metadata', 'name');
  if (text(name).length > 52)
    yield fault(
      name,
      `has ${text(name).length} characters, and at most 52 are allowed, since the Jobs get 11 more`,
      'shorten the name',
    );
  const schedule = get(spec, 'schedule');
  if (text(schedule) === '') yield missing(schedule);
  else {
    const wrong = text(schedule).includes('TZ') ? 'sets a time zone' : scheduleFault(text(schedule));
    if (wrong !== undefined)
      yield fault(
        schedule,
        `is \`${text(schedule)}\`, which ${wrong}`,
        text(schedule).includes('TZ')
          ? 'use `timeZone` instead'
          : 'write minute, hour, day of month, month and day of week',
      );
  }
  yield* validateTimeZone(get(spec, 'timeZone'));
  const policy = get(spec, 'concurrencyPolicy');
  const policies = ['Allow', 'Forbid', 'Replace'];
  if (text(policy) !== '' && !policies.includes(text(policy))) yield oneOf(policy, policies);
  for (const key of ['startingDeadlineSeconds', 'successfulJobsHistoryLimit', 'failedJobsHistoryLimit'])
    yield* notNegative(get(spec, key), faults);
  yield* validateJobTemplate(get(spec, 'jobTemplate'));
}

interface Bounds {
  readonly name: string;
  readonly low: number;
  readonly high: number;
  readonly names?: readonly string[];
}

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const days = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const parts: readonly Bounds[] = [
  { name: 'minute', low: 0, high: 59 },
  { name: 'hour', low: 0, high: 23 },
  { name: 'day of month', low: 1, high: 31 },
  { name: 'month', low: 1, high: 12, names: months },
  { name: 'day of week', low: 0, high: 6, names: days },
];
const macros = ['@yearly', '@annually', '@monthly', '@weekly', '@daily', '@midnight', '@hourly'];

/** What is wrong with a schedule, as a predicate. */
export function scheduleFault(schedule: string): string | undefined {
  if (schedule.startsWith('@')) {
    if (macros.includes(schedule)) return undefined;
    const every = schedule.startsWith('@every ') ? schedule.slice('@every '.length) : undefined;
    return every !== undefined && isDuration(every) ? undefined : 'is no schedule that cron knows by name';
  }
  const fields = schedule.split(/\s+/).filter((part) => part !== '');
  if (fields.length !== parts.length) return `has ${fields.length} fields, and 5 are wanted`;
  for (const [index, bounds] of parts.entries()) {
    // Empty parts between commas count for nothing.
    for (const range of (fields[index] ?? '').split(',').filter((part) => part !== '')) {
      const wrong = rangeFault(range, bounds);
      if (wrong !== undefined) return `has a ${bounds.name} of \`${range}\`: ${wrong}`;
    }
  }
  return undefined;
}

const isDuration = (text: string): boolean =>
  /^[+-]?(?:0|(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+)$/.test(text);

/** `getRange`. */
function rangeFault(text: string, { low, high, names }: Bounds): string | undefined {
  const [span = '', step, ...more] = text.split('/');
  if (more.length > 0) return 'too many slashes';
  const ends = span.split('-');
  const isAny = ends[0] === '*' || ends[0] === '?';
  if (!isAny && ends.length > 2) return 'too many hyphens';
  const value = (end: string | undefined): number | undefined => {
    const named = names?.indexOf((end ?? '').toLowerCase()) ?? -1;
    if (named !== -1) return names === months ? named + 1 : named;
    return whole(end);
  };
  const start = isAny ? low : value(ends[0]);
  const written = isAny ? high : ends.length === 2 ? value(ends[1]) : start;
  if (start === undefined || written === undefined) return 'that is no number';
  // `5/15` means from 5 to the end.
  const end = step !== undefined && ends.length === 1 ? high : written;
  const by = step === undefined ? 1 : whole(step);
  if (by === undefined) return 'the step is no number';
  if (start < low) return `the least is ${low}`;
  if (end > high) return `the most is ${high}`;
  if (start > end) return 'it begins after its end';
  return by === 0 ? 'the step is 0' : undefined;
}

const whole = (text: string | undefined): number | undefined =>
  text !== undefined && /^\+?\d+$/.test(text) ? Number(text) : undefined;

/** `validateTimeZone`. The names are those that the gate's own machine knows. */
function* validateTimeZone(field: Field): Errors {
  if (!isSet(field)) return;
  const zone = text(field);
  const known =
    zone !== '' &&
    zone.toLowerCase() !== 'local' &&
    zone
      .split('/')
      .every(
        (part) => /^[A-Za-z._0-9+][A-Za-z._\-0-9+]{0,13}$/.test(part) && part !== '.' && part !== '..',
      ) &&
    // The database has each zone twice more, with leap seconds and without.
    isKnownZone(zone.replace(/^(?:posix|right)\//, ''));
  if (!known)
    yield fault(
      field,
      `is \`${zone}\`, which is no time zone`,
      'write a name such as `Europe/Zurich` or `Etc/UTC`',
    );
}

/** Abbreviations that JavaScript knows and the time zone database does not. */
const abbreviations: ReadonlySet<string> = new Set(
  'ACT AET AGT ART AST BET BST CAT CNT CST CTT EAT ECT IET IST JST MIT NET NST PLT PNT PRT PST SST VST'.split(
    ' ',
  ),
);
let zones: ReadonlyMap<string, string> | undefined;

function isKnownZone(zone: string): boolean {
  // Files of the database that are no places.
  if (['Factory', 'localtime', 'posixrules'].includes(zone)) return true;
  // Offsets such as +01:00 are known to JavaScript, not to Go.
  if (/^[+-]/.test(zone) || abbreviations.has(zone)) return false;
  // Go looks for a file, so capitals matter to it.
  zones ??= new Map(Intl.supportedValuesOf('timeZone').map((name) => [name.toLowerCase(), name]));
  const spelling = zones.get(zone.toLowerCase());
  if (spelling !== undefined) return spelling === zone;
  // Older names, of which JavaScript has no list: their words begin with a capital, and short names have nothing else.
  const words = zone.split('/');
  const isShort = words.length === 1 && zone.length <= 3;
  if (!words.every((word) => /^[A-Z]/.test(word)) || (isShort && zone !== zone.toUpperCase())) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}
