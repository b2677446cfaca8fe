import { resolve } from 'node:path';
import { type ParseArgsConfig, parseArgs } from 'node:util';
import { nearestWord } from '../text/nearest.ts';
import type { UsageError } from './exit.ts';

type Values = Readonly<Record<string, string | boolean | readonly (string | boolean)[] | undefined>>;

export type ParsedArguments =
  | { readonly ok: true; readonly values: Values; readonly positionals: readonly string[] }
  | { readonly ok: false; readonly error: UsageError };

/** The options of a command; an unknown or incomplete one is a usage error that names the nearest known one. */
export function parseArguments(
  argv: readonly string[],
  options: NonNullable<ParseArgsConfig['options']>,
  allowPositionals = false,
): ParsedArguments {
  try {
    const { values, positionals } = parseArgs({ args: [...argv], options, allowPositionals, strict: true });
    return { ok: true, values: values as Values, positionals };
  } catch (error) {
    const message = error instanceof Error ? error.message.split('. ')[0]! : String(error);
    const known = Object.keys(options);
    const written = /^Unknown option '--([^'=]+)/.exec(message)?.[1];
    const meant = written === undefined ? undefined : nearestWord(written, known);
    return {
      ok: false,
      error: {
        message: meant === undefined ? message : `${message}; did you mean --${meant}?`,
        fix: `Known options: ${known.map((name) => `--${name}`).join(', ')}.`,
      },
    };
  }
}

/** The texts of an option that may be given more than once, or as a list with commas. */
export const texts = (value: Values[string]): string[] =>
  (Array.isArray(value) ? value : value === undefined ? [] : [value])
    .filter((item): item is string => typeof item === 'string')
    .flatMap((item) => item.split(','))
    .map((item) => item.trim())
    .filter((item) => item !== '');

export const text = (value: Values[string]): string | undefined =>
  typeof value === 'string' ? value : undefined;

/** A path is meant from where the person stands, which npm changes. */
export const fromHere = (path: string | undefined): string | undefined =>
  path === undefined ? undefined : resolve(process.env.INIT_CWD ?? process.cwd(), path);
