import { parse as parseYaml } from 'yaml';
import type { Json } from '../../../scripts/yaml/node.ts';

export type { Json };

/** A workflow as plain data. YAML 1.2, as GitHub reads it: `on` is a key, not a boolean. */
export const parse = (text: string): { readonly [key: string]: Json } => parseYaml(text);
