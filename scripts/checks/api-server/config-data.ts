import { apiServerRule } from './api-server-rule.ts';

export const configData = apiServerRule('config-data', {
  title: 'ConfigMaps and Secrets have valid keys, and are not too large.',
  why: 'The server refuses the object.',
  fix: 'Rename the key, or split what is too large.',
});
