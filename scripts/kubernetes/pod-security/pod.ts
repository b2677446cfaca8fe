/** The parts of a pod that the Pod Security Standards look at, read from plain JSON. */

export type Json = unknown;
export type JsonMap = Readonly<Record<string, unknown>>;

export interface PodToCheck {
  readonly annotations: Readonly<Record<string, string>>;
  readonly spec: JsonMap;
}

/** Why a pod breaks a check: the reason in few words, and who breaks it how. */
export interface Violation {
  readonly reason: string;
  readonly detail: string;
  /** Names of the containers at fault; empty where it is the pod itself. */
  readonly containers: readonly string[];
}

export const mapOf = (value: Json): JsonMap =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonMap) : {};

export const listOf = (value: Json): readonly Json[] => (Array.isArray(value) ? value : []);

export const textOf = (value: Json): string => (typeof value === 'string' ? value : '');

/** Init containers, containers and ephemeral ones, in the order in which upstream visits them. */
export const containersOf = (spec: JsonMap): readonly JsonMap[] =>
  [spec['initContainers'], spec['containers'], spec['ephemeralContainers']].flatMap((list) =>
    listOf(list).map(mapOf),
  );

export const nameOf = (container: JsonMap): string => textOf(container['name']);

/** `securityContext.<field>` of a pod's spec or of a container. */
export const security = (owner: JsonMap, field: string): Json => mapOf(owner['securityContext'])[field];

export const isSet = (value: Json): boolean => value !== undefined && value !== null;

export const joinQuoted = (items: readonly string[]): string =>
  items.length === 0 ? '' : `"${items.join('", "')}"`;

/** Go's %q for the plain strings that occur here. */
export const quoted = (text: string): string => JSON.stringify(text);

export const plural = (one: string, many: string, count: number): string => (count === 1 ? one : many);

/** `containers "a", "b"`. */
export const containerList = (names: readonly string[]): string =>
  `${plural('container', 'containers', names.length)} ${joinQuoted(names)}`;

export const sorted = (items: Iterable<string>): string[] => [...new Set(items)].sort();

/** A pod in a user namespace (`hostUsers: false`): uid 0 in it is nobody on the node. */
export const inUserNamespace = (spec: JsonMap): boolean => spec['hostUsers'] === false;

export const isWindows = (spec: JsonMap): boolean => mapOf(spec['os'])['name'] === 'windows';

/** `pod`, then the containers at fault: how upstream begins most sentences. */
export const setters = (pod: boolean, containers: readonly string[]): string[] => [
  ...(pod ? ['pod'] : []),
  ...(containers.length > 0 ? [containerList(containers)] : []),
];
