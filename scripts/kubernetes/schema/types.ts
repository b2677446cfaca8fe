/** Shared types of the schema validation. */

/** Path of a value: object keys and list indices from the document's root. */
export type Path = readonly (string | number)[];

export type SchemaErrorCode =
  | 'unknown-kind'
  | 'unknown-field'
  | 'type'
  | 'required'
  | 'enum'
  | 'pattern'
  | 'range'
  | 'format'
  | 'duplicate-list-key'
  | 'cel'
  | 'value';

/** One reason why the API server, under strict field validation, refuses an object. */
export interface SchemaError {
  /** The value at fault; for a missing field the object that lacks it. */
  readonly path: (string | number)[];
  /** Whether a reader should be shown the key of `path` or its value. */
  readonly at: 'key' | 'value';
  readonly message: string;
  /** What to write instead. */
  readonly fix: string;
  readonly code: SchemaErrorCode;
}

export type Scope = 'Namespaced' | 'Cluster';

/** What is known of a served kind without reading its schema. */
export interface KindInfo {
  readonly scope: Scope;
  /** Plural name in URLs, RBAC and admission rules. */
  readonly resource: string;
  /** The server's warning for a deprecated version. */
  readonly deprecated?: string;
}

/** A CEL rule of a CRD, see `x-kubernetes-validations` in the apiextensions API. */
export interface CelRule {
  readonly rule: string;
  readonly message?: string;
  readonly messageExpression?: string;
  readonly reason?: string;
  readonly fieldPath?: string;
  readonly optionalOldSelf?: boolean;
}

/** A vendored schema: OpenAPI v3 as Kubernetes writes it. */
export interface SchemaNode {
  readonly $ref?: string;
  readonly type?: string;
  readonly format?: string;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly items?: SchemaNode;
  readonly additionalProperties?: SchemaNode | boolean;
  readonly required?: readonly string[];
  readonly enum?: readonly unknown[];
  readonly default?: unknown;
  readonly nullable?: boolean;
  readonly pattern?: string;
  readonly allOf?: readonly SchemaNode[];
  readonly anyOf?: readonly SchemaNode[];
  readonly oneOf?: readonly SchemaNode[];
  readonly not?: SchemaNode;
  readonly 'x-kubernetes-int-or-string'?: boolean;
  readonly 'x-kubernetes-preserve-unknown-fields'?: boolean;
  readonly 'x-kubernetes-embedded-resource'?: boolean;
  readonly 'x-kubernetes-list-type'?: 'atomic' | 'set' | 'map';
  readonly 'x-kubernetes-list-map-keys'?: readonly string[];
  readonly 'x-kubernetes-validations'?: readonly CelRule[];
  readonly [keyword: string]: unknown;
}

export type JsonObject = Record<string, unknown>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
