/** A component that asks its users who they are, so that nothing in front of it has to. */
export interface OwnLogin {
  /** Its label `app.kubernetes.io/name`. */
  readonly component: string;
  /** A variable of its environment, or the dotted name of a setting in one of its files: it must have such a value. */
  readonly requires: Readonly<Record<string, RegExp>>;
  /** With such a value it would let in whoever comes. */
  readonly refuses: Readonly<Record<string, RegExp>>;
}

export const ownLogins: readonly OwnLogin[] = [
  {
    component: 'grafana',
    requires: { GF_AUTH_GENERIC_OAUTH_ENABLED: /^true$/ },
    refuses: {
      GF_AUTH_ANONYMOUS_ENABLED: /^true$/i,
      'auth.anonymous.enabled': /^true$/i,
      GF_AUTH_GENERIC_OAUTH_ROLE_ATTRIBUTE_STRICT: /^false$/i,
    },
  },
  {
    component: 'kafka-ui',
    requires: { 'auth.type': /^OAUTH2$/, AUTH_OAUTH2_CLIENT_OIDC_CLIENTID: /./ },
    refuses: { AUTH_TYPE: /^(disabled|)$/i },
  },
  {
    component: 'nifi',
    requires: { 'nifi.security.user.oidc.discovery.url': /./ },
    refuses: { 'nifi.security.allow.anonymous.authentication': /^true$/i, NIFI_WEB_HTTP_PORT: /./ },
  },
  {
    component: 'nifi-registry',
    requires: {
      'nifi.registry.security.user.oidc.discovery.url': /./,
      'nifi.registry.security.needClientAuth': /^false$/,
    },
    refuses: { 'nifi.registry.web.http.port': /./, NIFI_REGISTRY_WEB_HTTP_PORT: /./ },
  },
  // It is where people log in.
  {
    component: 'oauth2-proxy',
    requires: {},
    refuses: { OAUTH2_PROXY_SKIP_AUTH_ROUTES: /./, skip_auth_routes: /./ },
  },
];
