import { json } from './json.ts';
import { markdown } from './markdown.ts';
import { text } from './text.ts';

export const diffReporters = { text, markdown, json } as const;

export type DiffReporterName = keyof typeof diffReporters;
