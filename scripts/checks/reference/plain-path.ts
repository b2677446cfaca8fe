import { describe } from '../../finding.ts';
import { locate } from '../../render/object.ts';
import type { Rule } from '../rule.ts';
import type { ReferenceSubject } from './index-objects.ts';
import { annotationPath, namesIn, textsAt, traefikLogin } from './traefik-login.ts';

export const plainPath: Rule<ReferenceSubject> = {
  id: 'reference/plain-path',
  severity: 'error',
  title: 'Where people log in, every path is on an entry point that encrypts',
  why: 'A password, a token or a cookie that crosses the network in the clear belongs to whoever listens, and so does what the component answers.',
  fix: 'Write `router.entrypoints: websecure`, or give the entry point `http.tls`.',
  docs: 'https://doc.traefik.io/traefik/reference/install-configuration/entrypoints/',
  scope: 'infometis',
  *check(subject) {
    const login = traefikLogin(subject);
    if (!login) return;
    const plain = (named: readonly string[]): readonly string[] =>
      (named.length > 0 ? named : login.defaultEntryPoints).filter((name) => !login.encrypts(name));
    const because = (name: string): string =>
      login.sendsOn(name)
        ? 'which only sends people on to another, where it is not'
        : 'which does not encrypt';
    for (const object of subject.all('networking.k8s.io', 'Ingress'))
      for (const name of plain(namesIn(object.node, 'router.entrypoints')))
        yield {
          message: `${describe(object)}: it is reached on Traefik's entry point \`${name}\`, ${because(name)}`,
          at: locate(object, annotationPath('router.entrypoints')),
          object,
        };
    for (const [router, { value, origin }] of login.routers)
      for (const name of plain(textsAt(value, ['entryPoints'])))
        yield {
          message: `Traefik's router ${router}: it is reached on the entry point \`${name}\`, ${because(name)}`,
          at: origin,
        };
  },
};
