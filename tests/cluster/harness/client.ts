import { Agent, request as requestTls } from 'node:https';

export interface ObjectMeta {
  readonly name?: string;
  readonly namespace?: string;
  readonly generation?: number;
  readonly resourceVersion?: string;
  readonly uid?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly [field: string]: unknown;
}

export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly [field: string]: unknown;
}

export interface Kind {
  readonly apiVersion: string;
  readonly kind: string;
}

export interface ObjectReference extends Kind {
  readonly namespace?: string | undefined;
  readonly name: string;
}

/** An HTTP answer. */
export interface Answer {
  readonly status: number;
  readonly body: string;
  /** The texts of its Warning headers: deprecations, Pod Security, policies that warn. */
  readonly warnings: readonly string[];
}

/** What the API server says to a write. */
export type Verdict =
  | { readonly ok: true; readonly object: KubernetesObject; readonly warnings: readonly string[] }
  | {
      readonly ok: false;
      /** HTTP status; 0 where the server did not answer, or does not know the kind. */
      readonly status: number;
      /** As in a Status object: `Invalid`, `Forbidden` … */
      readonly reason: string;
      readonly message: string;
      readonly causes: readonly {
        readonly reason?: string;
        readonly message?: string;
        readonly field?: string;
      }[];
      readonly warnings: readonly string[];
    };

export interface WriteOptions {
  /** Everything but the storing: admission and validation run. */
  readonly dryRun?: boolean;
  /** What becomes of unknown and duplicate fields; `Strict`, unless told otherwise. */
  readonly fieldValidation?: 'Strict' | 'Warn' | 'Ignore';
  readonly fieldManager?: string;
}

export interface ApplyOptions extends WriteOptions {
  /** Takes fields over from other managers; true, unless told otherwise, as with Flux. */
  readonly force?: boolean;
}

export interface ListOptions {
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
}

/** A Kubernetes REST client for tests. Reads throw where the server fails; writes return its verdict. */
export interface Client {
  /** @throws where there is no answer */
  request(
    method: string,
    path: string,
    body?: { readonly text: string; readonly type: string },
  ): Promise<Answer>;
  get(reference: ObjectReference): Promise<KubernetesObject | undefined>;
  list(kind: Kind, options?: ListOptions): Promise<KubernetesObject[]>;
  /** Every object of a kind, and the version of the whole list, from which a stream can go on. */
  snapshot(
    kind: Kind,
  ): Promise<{ readonly items: readonly KubernetesObject[]; readonly resourceVersion: string }>;
  /** The changes of a kind since a version, one JSON text a line; `watch` makes events of them. Returns what closes it. */
  stream(kind: Kind, resourceVersion: string, listener: StreamListener): Promise<() => void>;
  create(object: KubernetesObject, options?: WriteOptions): Promise<Verdict>;
  /** Creates from a text as it stands: the way to send what no object can hold, duplicate keys for one. */
  createText(
    target: Kind & { readonly namespace?: string | undefined },
    text: string,
    type: 'application/json' | 'application/yaml',
    options?: WriteOptions,
  ): Promise<Verdict>;
  /** Replaces it. */
  update(object: KubernetesObject, options?: WriteOptions): Promise<Verdict>;
  /** Server-side apply. */
  apply(object: KubernetesObject, options?: ApplyOptions): Promise<Verdict>;
  /** JSON merge patch; of a subresource where one is named. */
  mergePatch(
    reference: ObjectReference,
    patch: unknown,
    options?: WriteOptions & { readonly subresource?: string },
  ): Promise<Verdict>;
  /** True where it was there. */
  delete(reference: ObjectReference, propagation?: 'Background' | 'Foreground' | 'Orphan'): Promise<boolean>;
  /** A token of a service account, valid for a day. */
  serviceAccountToken(namespace: string, name: string): Promise<string>;
  /** Where a kind is served; undefined where it is not. */
  resource(kind: Kind): Promise<Resource | undefined>;
  /** Closes its connections; the next request opens new ones. */
  close(): void;
}

export interface StreamListener {
  line(text: string): void;
  /** The stream has ended, and nobody closed it. */
  end(reason: string): void;
}

export interface Resource {
  /** The plural, as in its URL. */
  readonly name: string;
  readonly namespaced: boolean;
}

/** Opens a client; its connections are kept and shared by its requests. */
export function openClient(options: {
  readonly url: string;
  readonly token: string;
  readonly ca: string;
  /** How many requests may be under way at once. */
  readonly connections?: number;
}): Client {
  const agent = new Agent({ keepAlive: true, maxSockets: options.connections ?? 8, ca: options.ca });
  const groups = new Map<string, Map<string, Resource>>();

  const openStream = (path: string, { line, end }: StreamListener): Promise<() => void> =>
    new Promise((resolve, reject) => {
      let closed = false;
      const call = requestTls(`${options.url}${path}`, {
        // On a connection of its own: it is held for as long as the stream lasts.
        agent: false,
        ca: options.ca,
        headers: { authorization: `Bearer ${options.token}`, accept: 'application/json' },
      });
      const ended = (reason: string): void => {
        if (!closed) end(reason);
      };
      call.once('error', (error) => {
        reject(error);
        ended(error.message);
      });
      call.once('response', (response) => {
        if (response.statusCode !== 200) {
          response.resume();
          reject(new Error(`GET ${path}: ${response.statusCode}`));
          return;
        }
        let rest = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => {
          const lines = (rest + chunk).split('\n');
          rest = lines.pop() ?? '';
          for (const text of lines) if (text !== '' && !closed) line(text);
        });
        response.once('error', (error) => ended(error.message));
        response.once('end', () => ended('the server has ended it'));
        resolve(() => {
          closed = true;
          call.destroy();
        });
      });
      call.end();
    });

  const once = (
    method: string,
    path: string,
    body: { readonly text: string; readonly type: string } | undefined,
  ): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const payload = body && Buffer.from(body.text, 'utf8');
      const call = requestTls(
        `${options.url}${path}`,
        {
          method,
          agent,
          timeout: 60_000,
          headers: {
            authorization: `Bearer ${options.token}`,
            accept: 'application/json',
            ...(payload ? { 'content-type': body.type, 'content-length': payload.length } : {}),
          },
        },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.once('error', reject);
          response.once('end', () =>
            resolve({
              status: response.statusCode ?? 0,
              body: Buffer.concat(chunks).toString('utf8'),
              warnings: readWarnings(response.headers['warning']),
            }),
          );
        },
      );
      call.once('timeout', () => call.destroy(new Error(`${method} ${path}: no answer within 60 s`)));
      call.once('error', (error) => {
        // The server closed a kept connection just when it was used again, and has not seen the request.
        if (call.reusedSocket && (error as NodeJS.ErrnoException).code === 'ECONNRESET')
          once(method, path, body).then(resolve, reject);
        else reject(error);
      });
      call.end(payload);
    });

  const resource = async ({ apiVersion, kind }: Kind): Promise<Resource | undefined> => {
    const known = groups.get(apiVersion)?.get(kind);
    if (known) return known;
    // A definition may have been added since: ask anew.
    const answer = await once('GET', apiPath(apiVersion), undefined);
    if (answer.status === 404) return undefined;
    const { resources } = parse<{
      resources: { name: string; kind: string; namespaced: boolean; group?: string; version?: string }[];
    }>(answer);
    const kinds = new Map<string, Resource>();
    for (const { name, kind: itsKind, namespaced } of resources)
      if (!name.includes('/')) kinds.set(itsKind, { name, namespaced });
    groups.set(apiVersion, kinds);
    return kinds.get(kind);
  };

  const pathOf = async (
    kind: Kind,
    namespace: string | undefined,
    name?: string,
  ): Promise<string | undefined> => {
    const found = await resource(kind);
    if (found === undefined) return undefined;
    // As kubectl does: a namespaced object without a namespace belongs to `default`.
    const inside = found.namespaced ? `/namespaces/${encodeURIComponent(namespace ?? 'default')}` : '';
    const last = name === undefined ? '' : `/${encodeURIComponent(name)}`;
    return `${apiPath(kind.apiVersion)}${inside}/${found.name}${last}`;
  };

  const everywhere = async (kind: Kind): Promise<string> => {
    const found = await resource(kind);
    if (found === undefined) throw new Error(`${kind.apiVersion} ${kind.kind} is not served`);
    return `${apiPath(kind.apiVersion)}/${found.name}`;
  };

  const write = async (
    method: string,
    where: Promise<string | undefined>,
    text: string,
    type: string,
    { dryRun, fieldValidation = 'Strict', fieldManager = 'test' }: WriteOptions = {},
    query: Readonly<Record<string, string>> = {},
  ): Promise<Verdict> => {
    const search = new URLSearchParams({ fieldValidation, fieldManager, ...query });
    if (dryRun) search.set('dryRun', 'All');
    try {
      const path = await where;
      if (path === undefined)
        return refusal(0, 'UnknownKind', 'the server does not have this kind of object');
      return verdict(await once(method, `${path}?${search}`, { text, type }));
    } catch (error) {
      const answer = answerOf(error);
      if (answer !== undefined) return verdict(answer);
      return refusal(0, 'Unreachable', error instanceof Error ? error.message : String(error));
    }
  };

  return {
    request: once,
    resource,
    close: () => agent.destroy(),
    async get({ namespace, name, ...kind }) {
      const path = await pathOf(kind, namespace, name);
      if (path === undefined) return undefined;
      const answer = await once('GET', path, undefined);
      return answer.status === 404 ? undefined : parse<KubernetesObject>(answer);
    },
    async list(kind, { namespace, ...selectors } = {}) {
      const found = await resource(kind);
      if (found === undefined) throw new Error(`${kind.apiVersion} ${kind.kind} is not served`);
      const inside = namespace === undefined ? '' : `/namespaces/${encodeURIComponent(namespace)}`;
      const search = new URLSearchParams(selectors as Record<string, string>);
      const answer = await once(
        'GET',
        `${apiPath(kind.apiVersion)}${inside}/${found.name}?${search}`,
        undefined,
      );
      // Items of a list do not say what they are.
      return parse<{ items: KubernetesObject[] }>(answer).items.map((item) => ({ ...item, ...kind }));
    },
    async snapshot(kind) {
      const answer = await once('GET', await everywhere(kind), undefined);
      const { items, metadata } = parse<{ items: KubernetesObject[]; metadata: { resourceVersion: string } }>(
        answer,
      );
      return {
        items: items.map((item) => ({ ...item, ...kind })),
        resourceVersion: metadata.resourceVersion,
      };
    },
    stream: async (kind, resourceVersion, listener) =>
      openStream(
        `${await everywhere(kind)}?${new URLSearchParams({ watch: 'true', resourceVersion })}`,
        listener,
      ),
    create: async (object, writeOptions) =>
      write(
        'POST',
        pathOf(object, object.metadata.namespace),
        JSON.stringify(object),
        'application/json',
        writeOptions,
      ),
    createText: async (target, text, type, writeOptions) =>
      write('POST', pathOf(target, target.namespace), text, type, writeOptions),
    update: async (object, writeOptions) =>
      write(
        'PUT',
        pathOf(object, object.metadata.namespace, object.metadata.name ?? ''),
        JSON.stringify(object),
        'application/json',
        writeOptions,
      ),
    apply: async (object, { force = true, ...writeOptions } = {}) =>
      write(
        'PATCH',
        pathOf(object, object.metadata.namespace, object.metadata.name ?? ''),
        JSON.stringify(object),
        'application/apply-patch+yaml',
        writeOptions,
        { force: String(force) },
      ),
    async mergePatch({ namespace, name, ...kind }, patch, { subresource, ...writeOptions } = {}) {
      const full = pathOf(kind, namespace, name).then((path) =>
        path === undefined || subresource === undefined ? path : `${path}/${subresource}`,
      );
      return write('PATCH', full, JSON.stringify(patch), 'application/merge-patch+json', writeOptions);
    },
    async delete({ namespace, name, ...kind }, propagation = 'Background') {
      const path = await pathOf(kind, namespace, name);
      if (path === undefined) return false;
      const answer = await once('DELETE', `${path}?propagationPolicy=${propagation}`, undefined);
      if (answer.status === 404) return false;
      parse(answer);
      return true;
    },
    async serviceAccountToken(namespace, name) {
      const answer = await once(
        'POST',
        `/api/v1/namespaces/${encodeURIComponent(namespace)}/serviceaccounts/${encodeURIComponent(name)}/token`,
        {
          text: JSON.stringify({
            apiVersion: 'authentication.k8s.io/v1',
            kind: 'TokenRequest',
            spec: { expirationSeconds: 86_400 },
          }),
          type: 'application/json',
        },
      );
      return parse<{ status: { token: string } }>(answer).status.token;
    },
  };
}

const apiPath = (apiVersion: string): string =>
  apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;

function parse<T>(answer: Answer): T {
  const { status, body } = answer;
  if (status >= 200 && status <= 299) return JSON.parse(body) as T;
  throw Object.assign(new Error(`the API server answers ${status}: ${body.slice(0, 500)}`), { answer });
}

/** The answer that made `parse` throw; undefined for other errors. */
const answerOf = (error: unknown): Answer | undefined =>
  error instanceof Error && 'answer' in error ? (error.answer as Answer) : undefined;

function verdict(answer: Answer): Verdict {
  const { status, body, warnings } = answer;
  if (status >= 200 && status <= 299)
    return { ok: true, object: JSON.parse(body) as KubernetesObject, warnings };
  try {
    const { reason, message, details } = JSON.parse(body) as {
      reason?: string;
      message?: string;
      details?: { causes?: Extract<Verdict, { ok: false }>['causes'] };
    };
    return {
      ok: false,
      status,
      reason: reason ?? '',
      message: message ?? body,
      causes: details?.causes ?? [],
      warnings,
    };
  } catch {
    return { ...refusal(status, '', body), warnings };
  }
}

const refusal = (status: number, reason: string, message: string): Extract<Verdict, { ok: false }> => ({
  ok: false,
  status,
  reason,
  message,
  causes: [],
  warnings: [],
});

/** The texts of Warning headers, which Node joins: `299 - "text", 299 - "text"` (RFC 7234, quoted-string). */
export function readWarnings(header: string | string[] | undefined): string[] {
  const joined = Array.isArray(header) ? header.join(', ') : (header ?? '');
  return [...joined.matchAll(/\d{3} \S+ "((?:[^"\\]|\\.)*)"/g)].map(([, text = '']) =>
    text.replace(/\\(.)/g, '$1'),
  );
}
