import { apiServerRule } from './api-server-rule.ts';

export const ownership = apiServerRule('ownership', {
  title: 'Owners and finalizers are written in full.',
  why: 'The server refuses the object.',
  fix: 'Name the owner with apiVersion, kind, name and uid, and the finalizer with a domain.',
});
