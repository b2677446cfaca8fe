import { describeRequests } from '../cluster/requests.ts';
import { printObjects } from '../render/print.ts';
import type { KeyDeclaration, SecretDeclaration } from '../secrets/declaration.ts';
import type { JsonObject } from '../yaml/node.ts';
import { secretKey } from './cluster.ts';
import type { Source } from './objects.ts';
import type { Plan } from './plan.ts';
import type { SecretWork } from './secrets.ts';

/** Where the deployment comes from, and what a person should know about it. */
export interface DescribedSource extends Source {
  readonly notes: readonly string[];
}

/** What is chosen, what it asks of the node, and where it comes from. */
export function describePlan(plan: Plan, source: DescribedSource): string {
  const { choice, environment, requests } = plan;
  const total = choice.components.length + choice.omitted.length;
  const lines = [
    `Environment   ${environment.name}`,
    `Source        ${source.url}, branch ${source.branch}, directory ${environment.path}`,
    ...source.notes.map((note) => `              note: ${note}`),
    `Components    ${choice.components.length} of ${total}: ${choice.components.join(', ')}`,
    ...choice.added.map(({ component, reason }) => `              added ${component}: ${reason}`),
    ...(choice.omitted.length > 0 ? [`              not deployed: ${choice.omitted.join(', ')}`] : []),
    ...choice.notes.map((note) => `              note: ${note}`),
    `Requests      ${describeRequests(requests.chosen)}`,
    ...(choice.omitted.length > 0
      ? [`              all ${total} components: ${describeRequests(requests.all)}`]
      : []),
  ];
  return block(lines);
}

/** Each declared Secret and what happens to it. Values never appear. */
export function describeSecrets(work: readonly SecretWork[]): string {
  if (work.length === 0) return block(['Secrets       none needed']);
  const lines = work.flatMap(({ secret, action, missing }) => {
    const keys = secret.keys.filter(({ name }) => missing.includes(name));
    const kept = secret.keys.length - keys.length;
    const head = {
      create: 'is made',
      complete: `gets what it lacks; ${kept} ${kept === 1 ? 'key stays as it is' : 'keys stay as they are'}`,
      keep: 'is there and stays as it is',
    }[action];
    return [`  ${secretKey(secret)} ${head}`, ...keys.map((key) => `    ${key.name}: ${describeKey(key)}`)];
  });
  return block(['Secrets (see secrets.yaml)', ...lines]);
}

function describeKey(key: KeyDeclaration): string {
  switch (key.generator) {
    case 'fixed':
      return `the text ${key.value}, which is not secret`;
    case 'alphanumeric':
      return `${key.length} random letters and digits`;
    case 'external':
      return 'a value that only you have';
  }
}

/** The URL of each component. */
export function describeUrls({ urls, facts }: Pick<Plan, 'urls' | 'facts'>): string {
  if (urls.length === 0) return block(['URLs          none: no chosen component has an Ingress']);
  const width = Math.max(...urls.map(({ component }) => component.length));
  const local = facts.bindAddress?.startsWith('127.') === true;
  return block([
    'URLs',
    ...urls.map(({ component, url }) => `  ${component.padEnd(width)}  ${url}`),
    ...(local
      ? [
          `  Only from the node itself: its ports listen on ${facts.bindAddress} (bindAddress in ${facts.file}).`,
        ]
      : []),
    ...(urls.some(({ url }) => url.startsWith('https:'))
      ? ['  https: a browser warns of the certificate where the cluster has signed its own.']
      : []),
  ]);
}

/** How to read each credential. */
export function describeCredentials(plan: Plan, kubectl: string): string {
  if (plan.secrets.length === 0) return '';
  return block([
    'Credentials',
    ...plan.secrets.flatMap((secret) => [
      `  ${secretKey(secret)} (${secret.consumers.join(', ')})`,
      ...secret.keys.flatMap((key) => [
        `    ${key.name}: ${key.purpose}`,
        `      ${readCommand(kubectl, secret, key.name)}`,
      ]),
    ]),
  ]);
}

/** A command that prints one value of a Secret, decoded. */
export const readCommand = (kubectl: string, { namespace, name }: SecretDeclaration, key: string): string =>
  `${kubectl} -n ${namespace} get secret ${name} -o go-template='{{index .data "${key}" | base64decode}}{{"\\n"}}'`;

/** Objects as they are applied. */
export const describeObjects = (title: string, objects: readonly JsonObject[]): string =>
  block([
    title,
    ...printObjects(objects.map((value) => ({ value })))
      .trimEnd()
      .split('\n')
      .map((line) => `  ${line}`),
  ]);

/** Lines with an empty one after them. */
export const block = (lines: readonly string[]): string => `${lines.join('\n')}\n\n`;
