import type { SecretDeclaration } from './declaration.ts';

/** A Secret as text with its plain values: it goes to sops by standard input, and never to a disk. */
export function secretText(
  { name, namespace }: Pick<SecretDeclaration, 'name' | 'namespace'>,
  values: ReadonlyMap<string, string>,
): string {
  return [
    'apiVersion: v1',
    'kind: Secret',
    'metadata:',
    `  name: ${name}`,
    `  namespace: ${namespace}`,
    '  labels:',
    '    app.kubernetes.io/part-of: infometis',
    '  annotations:',
    // Flux substitutes after it decrypts: a password with ${…} in it would be changed.
    '    kustomize.toolkit.fluxcd.io/substitute: disabled',
    'type: Opaque',
    'stringData:',
    // JSON's strings are YAML's: no value is taken for a number.
    ...[...values].map(([key, value]) => `  ${JSON.stringify(key)}: ${JSON.stringify(value)}`),
    '',
  ].join('\n');
}
