import { apiServerRule } from './api-server-rule.ts';

export const volume = apiServerRule('volume', {
  title: 'Volumes have unique names and one well-formed source.',
  why: 'The server refuses the object.',
  fix: 'Write one source for each volume.',
});
