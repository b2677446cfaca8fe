import { containersOf, numberAt, podTemplateOf } from '../kubernetes/pod-template.ts';
import type { Environment } from '../render/environment.ts';
import { isKind, type RenderedObject } from '../render/object.ts';
import { at, entriesAt, itemsAt, type Node, textAt } from '../yaml/node.ts';
import { parseYaml } from '../yaml/parse.ts';

export interface ComponentUrl {
  readonly component: string;
  readonly url: string;
}

/** An entry point of Traefik as it is reached from outside. */
interface EntryPoint {
  readonly name: string;
  /** On the node or the load balancer. */
  readonly port: number;
  readonly tls: boolean;
  readonly isDefault: boolean;
}

interface TraefikConfiguration {
  readonly entryPoints: readonly EntryPoint[];
  /** Middlewares of the file provider that only send the browser elsewhere. */
  readonly redirects: ReadonlySet<string>;
  readonly dashboards: readonly {
    readonly component: string;
    readonly entryPoint: string;
    readonly path: string;
  }[];
}

/**
 * Where each component is reached: its Ingresses on the entry points that they name, and Traefik's own dashboard. Everything
 * is read from the rendered objects; an entry point that leads to no port outside the cluster gives no row.
 */
export function componentUrls(environment: Environment, publicHost: string): readonly ComponentUrl[] {
  const { entryPoints, redirects, dashboards } = traefikConfiguration(environment);
  const rows: ComponentUrl[] = [];
  const add = (
    component: string,
    host: string,
    entryPoint: EntryPoint | undefined,
    path: string,
    tls: boolean,
  ): void => {
    if (!entryPoint) return;
    const secure = tls || entryPoint.tls;
    const port = entryPoint.port === (secure ? 443 : 80) ? '' : `:${entryPoint.port}`;
    const url = `${secure ? 'https' : 'http'}://${host}${port}${path}`;
    if (!rows.some((row) => row.url === url)) rows.push({ component, url });
  };

  for (const ingress of environment.objects) {
    if (!isKind(ingress, 'networking.k8s.io', 'Ingress')) continue;
    if (listOf(ingress, 'router.middlewares').some((name) => redirects.has(name))) continue;
    const named = listOf(ingress, 'router.entrypoints');
    const entryPoint = named.length
      ? named.flatMap((name) => entryPoints.find((point) => point.name === name) ?? [])[0]
      : entryPoints.find(({ isDefault }) => isDefault);
    const tls = itemsAt(ingress.node, ['spec', 'tls']).length > 0;
    for (const rule of itemsAt(ingress.node, ['spec', 'rules']))
      for (const path of itemsAt(rule, ['http', 'paths']))
        add(
          ingress.component,
          textAt(rule, ['host']) ?? publicHost,
          entryPoint,
          textAt(path, ['path']) ?? '/',
          tls,
        );
  }
  for (const { component, entryPoint, path } of dashboards)
    add(
      component,
      publicHost,
      entryPoints.find(({ name }) => name === entryPoint),
      path,
      false,
    );
  return rows.sort((a, b) => (a.component < b.component ? -1 : a.component > b.component ? 1 : 0));
}

const listOf = (ingress: RenderedObject, annotation: string): readonly string[] =>
  (textAt(ingress.node, ['metadata', 'annotations', `traefik.ingress.kubernetes.io/${annotation}`]) ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');

// Traefik is found by what its configuration holds, not by its name.
function traefikConfiguration(environment: Environment): TraefikConfiguration {
  const configMaps = environment.objects.filter((object) => isKind(object, '', 'ConfigMap'));
  const owner = configMaps.find((object) => documentsOf(object).some(isStatic));
  if (!owner) return { entryPoints: [], redirects: new Set(), dashboards: [] };
  const documents = documentsOf(owner);
  const own = environment.objects.filter(({ component }) => component === owner.component);
  const statics = documents.find(isStatic);
  const entryPoints = [...entriesAt(statics, ['entryPoints'])].flatMap(([name, { value }]): EntryPoint[] => {
    const listening = Number(/:(\d+)/.exec(textAt(value, ['address']) ?? '')?.[1]);
    const port = outsidePort(own, listening);
    if (port === undefined) return [];
    const isDefault = at(value, ['asDefault']);
    return [
      {
        name,
        port,
        tls: at(value, ['http', 'tls']) !== undefined,
        isDefault: isDefault?.type === 'scalar' && isDefault.value === true,
      },
    ];
  });
  const redirects = documents.flatMap((document) =>
    [...entriesAt(document, ['http', 'middlewares'])]
      .filter(([, { value }]) => at(value, ['redirectScheme']) ?? at(value, ['redirectRegex']))
      .map(([name]) => `${name}@file`),
  );
  const dashboards = documents.flatMap((document) =>
    [...entriesAt(document, ['http', 'routers']).values()].flatMap(({ value: router }) => {
      const path = /PathPrefix\(`([^`]+)`\)/.exec(textAt(router, ['rule']) ?? '')?.[1];
      const entryPoint = textAt(itemsAt(router, ['entryPoints'])[0], []);
      if (textAt(router, ['service']) !== 'api@internal' || !path || !entryPoint) return [];
      return [{ component: owner.component, entryPoint, path }];
    }),
  );
  return { entryPoints, redirects: new Set(redirects), dashboards };
}

const isStatic = (document: Node): boolean =>
  at(document, ['entryPoints'])?.type === 'map' &&
  at(document, ['providers', 'kubernetesIngress']) !== undefined;

const documentsOf = (configMap: RenderedObject): readonly Node[] =>
  [...entriesAt(configMap.node, ['data'])].flatMap(([key, { value }]) =>
    value.type === 'scalar' && typeof value.value === 'string' && /\.ya?ml$/.test(key)
      ? parseYaml(key, value.value).documents.flatMap(({ node }) => node ?? [])
      : [],
  );

// A port of the node itself, or else one of a load balancer.
function outsidePort(objects: readonly RenderedObject[], listening: number): number | undefined {
  let portName: string | undefined;
  for (const object of objects) {
    const template = podTemplateOf(object);
    for (const { node } of template ? containersOf(template) : [])
      for (const port of itemsAt(node, ['ports'])) {
        if (numberAt(port, ['containerPort']) !== listening) continue;
        const hostPort = numberAt(port, ['hostPort']);
        if (hostPort !== undefined) return hostPort;
        portName = textAt(port, ['name']);
      }
  }
  for (const object of objects) {
    if (!isKind(object, '', 'Service') || textAt(object.node, ['spec', 'type']) !== 'LoadBalancer') continue;
    for (const port of itemsAt(object.node, ['spec', 'ports'])) {
      const target = at(port, ['targetPort']) ?? at(port, ['port']);
      if (target?.type === 'scalar' && (target.value === listening || target.value === portName))
        return numberAt(port, ['port']);
    }
  }
  return undefined;
}
