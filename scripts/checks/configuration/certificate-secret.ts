import { describe } from '../../finding.ts';
import { locate } from '../../render/object.ts';
import type { Rule } from '../rule.ts';
import { certificates } from './certificates.ts';
import type { ConfigurationSubject } from './subject.ts';

export const certificateSecret: Rule<ConfigurationSubject> = {
  id: 'configuration/certificate-secret',
  severity: 'error',
  title: 'Each Certificate writes a Secret of its own',
  why: 'cert-manager issues for one, then for the other, and overwrites the Secret again and again: servers get a certificate with the names of another, and the authority signs without end.',
  fix: 'Give each Certificate its own `secretName`.',
  docs: 'https://cert-manager.io/docs/usage/certificate/',
  scope: 'general',
  *check({ index }) {
    const seen = new Map<string, string>();
    for (const { object, namespace, secretName } of certificates(index)) {
      const key = `${namespace}/${secretName}`;
      const other = seen.get(key);
      if (other !== undefined)
        yield {
          message: `${describe(object)}: its Secret ${key} is that of ${other} too: the two overwrite each other`,
          at: locate(object, ['spec', 'secretName']),
          object,
        };
      else seen.set(key, describe(object));
    }
  },
};
