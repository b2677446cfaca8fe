import { describe } from '../../finding.ts';
import { volumesOf } from '../../kubernetes/pod-template.ts';
import { locate, type RenderedObject } from '../../render/object.ts';
import { didYouMean } from '../../text/nearest.ts';
import { itemsAt, type Origin, textAt } from '../../yaml/node.ts';
import type { ReferenceSubject, Workload } from '../reference/index-objects.ts';
import type { Report, Rule } from '../rule.ts';
import { type ConfigFile, configFilesOf, mainContainers, placeIn, rootOf } from './config-files.ts';
import { elasticsearchNodes } from './elasticsearch.ts';
import type { ConfigurationSubject } from './subject.ts';
import { variablesOf } from './variables.ts';

/** Users that Elasticsearch has by itself, and roles that it knows. */
const ownUsers: ReadonlySet<string> = new Set([
  'elastic',
  'kibana_system',
  'logstash_system',
  'beats_system',
  'apm_system',
  'remote_monitoring_user',
]);
const ownRoles: ReadonlySet<string> = new Set([
  'superuser',
  'viewer',
  'editor',
  'monitoring_user',
  'remote_monitoring_collector',
  'remote_monitoring_agent',
  'snapshot_user',
  'ingest_admin',
  'kibana_admin',
]);
const secretPrefix = 'elasticsearch-user-';

export const elasticsearchUser: Rule<ConfigurationSubject> = {
  id: 'configuration/elasticsearch-user',
  severity: 'error',
  title: 'Every user of Elasticsearch is declared, has a role that exists and a password that is mounted',
  why: 'Nobody makes the user, so each of its requests is answered with 401; a user with a role that does not exist gets 403.',
  fix: 'Declare `user NAME ROLE` in the file `users` of elasticsearch-access, with role-ROLE.json beside it and its Secret in the Job.',
  docs: 'https://www.elastic.co/guide/en/elasticsearch/reference/7.17/security-api-put-user.html',
  scope: 'infometis',
  *check({ index }) {
    const declared = index.workloads.flatMap((workload) => readUsers(index, workload));
    for (const declaration of declared) yield* checkDeclaration(declaration);
    const names = new Set(declared.flatMap(({ users }) => users.map(({ name }) => name)));
    if (names.size === 0) return;
    for (const login of logins(index, new Set(declared.map(({ workload }) => workload))))
      if (!names.has(login.user) && !ownUsers.has(login.user))
        yield {
          message: `${describe(login.object)}: ${login.reader} calls Elasticsearch as \`${login.user}\`, a user that is not declared: it is answered with 401${didYouMean(login.user, names)}`,
          at: login.at,
          object: login.object,
        };
  },
};

interface Declaration {
  readonly workload: Workload;
  readonly users: readonly {
    readonly name: string;
    readonly roles: readonly string[];
    readonly at: Origin;
    readonly object: RenderedObject;
  }[];
  readonly roles: ReadonlySet<string>;
}

function readUsers(index: ReferenceSubject, workload: Workload): readonly Declaration[] {
  const files = configFilesOf(index, workload);
  return files
    .filter(({ path }) => path === 'users')
    .map((file) => {
      const users = [...file.text.matchAll(/^user[ \t]+(\S+)(?:[ \t]+(\S+))?/gm)].map((match) => ({
        name: match[1]!,
        roles: (match[2] ?? '').split(',').filter((role) => role !== ''),
        at: placeIn(file, match.index),
        object: file.object,
      }));
      const roles = new Set(
        files
          .filter(({ volume }) => volume === file.volume)
          .flatMap(({ path }) => /^role-(.+)\.json$/.exec(path)?.[1] ?? []),
      );
      return { workload, users, roles };
    });
}

function* checkDeclaration({ workload, users, roles }: Declaration): Generator<Report> {
  const mounted = new Map<string, string>();
  for (const { node } of volumesOf(workload.template))
    for (const source of [node, ...itemsAt(node, ['projected', 'sources'])])
      for (const item of itemsAt(source, ['secret', 'items']))
        mounted.set(textAt(item, ['path']) ?? '', textAt(source, ['secret', 'name']) ?? '');
  for (const { name, roles: own, at, object } of users) {
    for (const role of own)
      if (!roles.has(role) && !ownRoles.has(role))
        yield {
          message: `user \`${name}\` has the role \`${role}\`, for which there is no role-${role}.json: it may do nothing${didYouMean(role, [...roles, ...ownRoles])}`,
          at,
          object,
        };
    if (own.length === 0) yield { message: `user \`${name}\` has no role: it may do nothing`, at, object };
    const secret = mounted.get(`${name}/password`);
    if (secret !== `${secretPrefix}${name}`)
      yield {
        message: `user \`${name}\`: ${describe(workload.object)} mounts ${secret === undefined ? 'no password for it' : `Secret ${secret} as its password`}, and its clients read Secret ${secretPrefix}${name}`,
        at,
        object,
      };
  }
}

interface Login {
  readonly user: string;
  readonly reader: string;
  readonly at: Origin;
  readonly object: RenderedObject;
}

function* logins(index: ReferenceSubject, except: ReadonlySet<Workload>): Generator<Login> {
  const nodes = new Set(elasticsearchNodes(index).map(({ workload }) => workload));
  for (const workload of index.workloads) {
    if (except.has(workload) || nodes.has(workload)) continue;
    const { object, template } = workload;
    for (const container of mainContainers(workload)) {
      const variables = variablesOf(index, workload, container);
      const named = variables.get('ES_USERNAME');
      if (named?.value !== undefined)
        yield { user: named.value, reader: 'env `ES_USERNAME`', at: named.at, object };
      for (const { name, secret, at } of variables.values())
        if (secret?.name.startsWith(secretPrefix) && secret.name !== `${secretPrefix}${named?.value}`)
          yield { user: secret.name.slice(secretPrefix.length), reader: `env \`${name}\``, at, object };
    }
    for (const { node, path, name } of volumesOf(template)) {
      const secret = textAt(node, ['secret', 'secretName']);
      if (secret?.startsWith(secretPrefix))
        yield {
          user: secret.slice(secretPrefix.length),
          reader: `volume \`${name}\``,
          at: locate(object, [...path, 'secret', 'secretName']),
          object,
        };
    }
    for (const file of configFilesOf(index, workload)) yield* dataSources(file);
  }
}

/** Grafana's data sources. */
function* dataSources(file: ConfigFile): Generator<Login> {
  if (!file.text.includes('basicAuthUser')) return;
  for (const source of itemsAt(rootOf(file), ['datasources'])) {
    const user = textAt(source, ['basicAuthUser']);
    if (user === undefined || textAt(source, ['type']) !== 'elasticsearch') continue;
    yield {
      user,
      reader: `data source \`${textAt(source, ['name'])}\``,
      at:
        source.type === 'map'
          ? (source.entries.get('basicAuthUser')?.origin ?? source.origin)
          : source.origin,
      object: file.object,
    };
  }
}
