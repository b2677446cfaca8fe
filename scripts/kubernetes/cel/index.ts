/** The CEL of a Kubernetes 1.36 API server: type-checked and evaluated as the server does. */
export { type Bindings, compile, type Program } from './compile.ts';
export { CelSyntaxError } from './syntax.ts';
export { dyn, parseType, printType, type Type } from './types.ts';
export { CelError, fromJson, type Lazy, type Value } from './values.ts';
