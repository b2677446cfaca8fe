/** Schema validation of Kubernetes objects; see validate.ts. */
export type { KindInfo, Path, SchemaError, SchemaErrorCode, Scope } from './types.ts';
export { loadSchemas, type Schemas, validateObject } from './validate.ts';
