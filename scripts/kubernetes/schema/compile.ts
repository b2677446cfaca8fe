/** Turns vendored schemas into ajv validators: one per definition, shared by every kind that reaches it. */
import {
  Ajv,
  type AnySchemaObject,
  type ErrorObject,
  type SchemaValidateFunction,
  type ValidateFunction,
} from 'ajv';
import { evaluateRules } from './cel.ts';
import { CUSTOM_BYTE, FORMATS, isQuantity } from './formats.ts';
import { compilePattern } from './pattern.ts';
import { type KindSchema, OBJECT_META, refName, type Store } from './store.ts';
import { isObject, type SchemaNode } from './types.ts';

/** Definitions that are one JSON value of a special form. */
const QUANTITY = 'io.k8s.apimachinery.pkg.api.resource.Quantity';
const INT_OR_STRING = 'io.k8s.apimachinery.pkg.util.intstr.IntOrString';
const MICRO_TIME = 'io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime';

/**
 * Objects without listed fields that hold anything. The server decodes them as raw JSON; every other object without
 * fields is an empty struct.
 */
const FREE_FORM = new Set([
  // A struct without fields, whose contents the server ignores rather than checks.
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceSubresourceStatus',
  'io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1',
  'io.k8s.apimachinery.pkg.runtime.RawExtension',
]);

/**
 * Fields that OpenAPI calls required but that the server takes as absent: their zero value is valid, and a Go struct
 * cannot tell one from the other. Read from the validation code of pkg/apis.
 */
const ZERO_IS_VALID: Readonly<Record<string, readonly string[]>> = {
  'io.k8s.api.apps.v1.ControllerRevision': ['revision'],
  'io.k8s.api.core.v1.ClusterTrustBundleProjection': ['path'],
  'io.k8s.api.core.v1.HTTPHeader': ['value'],
  'io.k8s.api.core.v1.ISCSIPersistentVolumeSource': ['lun'],
  'io.k8s.api.core.v1.ISCSIVolumeSource': ['lun'],
  'io.k8s.api.core.v1.LimitRangeSpec': ['limits'],
  // Behind a feature gate that is off: the server drops it unseen.
  'io.k8s.api.core.v1.PodCertificateProjection': ['signerName', 'keyType'],
  'io.k8s.api.core.v1.PreferredSchedulingTerm': ['preference'],
  'io.k8s.api.core.v1.SleepAction': ['seconds'],
  'io.k8s.api.core.v1.Sysctl': ['value'],
  // An Ingress backend wants both, the source of a claim may be empty; the api-server stage knows which is which.
  'io.k8s.api.core.v1.TypedLocalObjectReference': ['kind', 'name'],
  'io.k8s.api.batch.v1.PodFailurePolicy': ['rules'],
  // Wanted where the strategy is Webhook, which the api-server stage looks at.
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.WebhookConversion': ['conversionReviewVersions'],
  // Nobody looks at the owners of a template, or at a selector of metrics; the api-server stage does at all others.
  'io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelectorRequirement': ['key', 'operator'],
  'io.k8s.apimachinery.pkg.apis.meta.v1.OwnerReference': ['apiVersion', 'kind', 'name', 'uid'],
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinitionVersion': [
    'served',
    'storage',
  ],
  'io.k8s.api.discovery.v1.ForZone': ['name'],
  'io.k8s.api.resource.v1.DeviceCapacity': ['value'],
  'io.k8s.api.resource.v1.DeviceClass': ['spec'],
  'io.k8s.api.resource.v1.ResourceClaim': ['spec'],
  'io.k8s.api.resource.v1.ResourceClaimTemplate': ['spec'],
  'io.k8s.api.resource.v1.ResourceClaimTemplateSpec': ['spec'],
  'io.k8s.api.resource.v1.ResourcePool': ['generation'],
  'io.k8s.api.storage.v1.CSIDriver': ['spec'],
  'io.k8s.api.storage.v1.CSINode': ['spec'],
  'io.k8s.api.storage.v1.CSINodeSpec': ['drivers'],
  'io.k8s.api.storage.v1.TokenRequest': ['audience'],
};

export interface Compiler {
  readonly compile: (kind: KindSchema) => ValidateFunction;
}

/** What the `k8sList` keyword is given. */
interface ListKeys {
  readonly keys?: readonly string[];
  readonly defaults?: Readonly<Record<string, unknown>>;
}

export function createCompiler(store: Store): Compiler {
  const ajv = new Ajv({
    allErrors: true,
    strict: false,
    validateSchema: false,
    // A definition stays one function; inlining it into each user would compile the container schema three times.
    inlineRefs: false,
    addUsedSchema: false,
    logger: false,
    code: {
      optimize: false,
      regExp: Object.assign((source: string) => compilePattern(source) as RegExp, { code: '' }),
    },
  });
  for (const [name, format] of Object.entries(FORMATS)) {
    ajv.addFormat(
      name,
      format.type === 'number'
        ? { type: 'number', validate: format.test as (value: number) => boolean }
        : { type: 'string', validate: format.test as (value: string) => boolean },
    );
  }
  ajv.addKeyword({
    keyword: 'k8sIntOrString',
    validate: (_: unknown, data: unknown) => typeof data === 'string' || Number.isInteger(data),
  });
  ajv.addKeyword({ keyword: 'k8sQuantity', validate: (_: unknown, data: unknown) => isQuantity(data) });
  ajv.addKeyword({ keyword: 'k8sList', type: 'array', errors: true, validate: listKeyword() });

  const rules: SchemaNode[] = [];
  ajv.addKeyword({ keyword: 'k8sRules', errors: true, validate: rulesKeyword(rules) });

  const added = new Set<string>();

  const translate = (
    node: SchemaNode,
    name: string | undefined,
    isRoot: boolean,
    custom: boolean,
  ): AnySchemaObject => {
    const out: Record<string, unknown> = {};
    const child = (sub: SchemaNode): AnySchemaObject => translate(sub, undefined, false, custom);
    if (node.$ref !== undefined) {
      const target = refName(node.$ref);
      addDefinition(target);
      out['$ref'] = target;
      if (node.allOf !== undefined) out['allOf'] = node.allOf.map((sub) => translateValue(sub));
      return out;
    }
    if (name === QUANTITY) return { k8sQuantity: true };
    if (name === MICRO_TIME) return { type: 'string', format: 'k8s-micro-time' };
    // Go's IntOrString holds an int32; in a CRD an int-or-string may be any integer.
    if (name === INT_OR_STRING) return { k8sIntOrString: true, format: 'int32' };
    const intOrString = node['x-kubernetes-int-or-string'] === true;
    if (intOrString) out['k8sIntOrString'] = true;
    else if (node.type !== undefined) out['type'] = node.nullable === true ? [node.type, 'null'] : node.type;

    Object.assign(out, valueKeywords(node));
    // An integer without a format is an int64 to the server.
    if (node.type === 'integer' && node.format === undefined) out['format'] = 'int64';
    if (custom && node.format === 'byte') out['format'] = CUSTOM_BYTE;
    const embedded = node['x-kubernetes-embedded-resource'] === true;
    if (node.properties !== undefined) {
      out['properties'] = Object.fromEntries(
        Object.entries(node.properties).map(([key, sub]) => [key, child(sub)]),
      );
    }
    const required = node.required?.filter(
      (field) => !(name !== undefined && ZERO_IS_VALID[name]?.includes(field)),
    );
    if (required !== undefined && required.length > 0) out['required'] = required;
    if (embedded) {
      const own = (out['properties'] ?? {}) as Record<string, unknown>;
      addDefinition(OBJECT_META);
      out['properties'] = {
        apiVersion: { type: 'string', minLength: 1 },
        kind: { type: 'string', minLength: 1 },
        ...own,
        metadata: { $ref: OBJECT_META },
      };
      out['required'] = [...new Set([...(required ?? []), 'apiVersion', 'kind'])];
    }
    if (typeof node.additionalProperties === 'object')
      out['additionalProperties'] = child(node.additionalProperties);
    else if (isClosed(node, name)) out['additionalProperties'] = false;

    if (node.items !== undefined) out['items'] = child(node.items);
    const listType = node['x-kubernetes-list-type'];
    if (listType === 'set') out['k8sList'] = {};
    if (listType === 'map') {
      const keys = node['x-kubernetes-list-map-keys'] ?? [];
      const item = node.items?.$ref === undefined ? node.items : store.definition(refName(node.items.$ref));
      const defaults = Object.fromEntries(
        keys.flatMap((key) => {
          const value = item?.properties?.[key]?.default;
          return value === undefined ? [] : [[key, value]];
        }),
      );
      out['k8sList'] = { keys, defaults } satisfies ListKeys;
    }
    // The canonical int-or-string repeats itself as anyOf; the keyword above says it with one error, not three.
    if (intOrString) delete out['anyOf'];
    if ((node['x-kubernetes-validations']?.length ?? 0) > 0) {
      rules.push(node);
      out['k8sRules'] = rules.length - 1;
    }
    if (isRoot) delete out['nullable'];
    return out;
  };

  function addDefinition(name: string): void {
    if (added.has(name)) return;
    added.add(name);
    ajv.addSchema(
      { ...translate(store.definition(name), name, false, false), $id: name },
      undefined,
      undefined,
      false,
    );
  }

  return {
    compile: (kind) => ajv.compile(translate(kind.root, kind.definition, true, !kind.builtin)),
  };
}

/** Whether fields that are not listed are refused. */
export function isClosed(node: SchemaNode, name?: string): boolean {
  if (node.type !== 'object' || node.additionalProperties !== undefined) return false;
  if (node['x-kubernetes-preserve-unknown-fields'] === true) return false;
  return !(name !== undefined && FREE_FORM.has(name));
}

const VALUE_KEYWORDS = [
  'enum',
  'format',
  'maxItems',
  'maxLength',
  'maxProperties',
  'maximum',
  'exclusiveMaximum',
  'minItems',
  'minLength',
  'minProperties',
  'minimum',
  'exclusiveMinimum',
  'multipleOf',
  'pattern',
  'uniqueItems',
] as const;

function valueKeywords(node: SchemaNode): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  for (const keyword of VALUE_KEYWORDS) if (node[keyword] !== undefined) out[keyword] = node[keyword];
  // OpenAPI 3.0 writes exclusive bounds as a flag beside the bound.
  for (const [flag, bound] of [
    ['exclusiveMaximum', 'maximum'],
    ['exclusiveMinimum', 'minimum'],
  ] as const) {
    if (out[flag] === true) {
      out[flag] = out[bound];
      delete out[bound];
    } else if (out[flag] === false) delete out[flag];
  }
  // null has to be one of the allowed values before a nullable enum accepts it.
  if (Array.isArray(out['enum']) && node.nullable === true) out['enum'] = [...out['enum'], null];
  for (const keyword of ['allOf', 'anyOf', 'oneOf'] as const) {
    const list = node[keyword];
    if (list !== undefined) out[keyword] = list.map(translateValue);
  }
  if (node.not !== undefined) out['not'] = translateValue(node.not);
  return out;
}

/** A schema inside a combinator constrains values only: it never closes an object (structural schemas forbid it). */
function translateValue(node: SchemaNode): AnySchemaObject {
  const out: Record<string, unknown> = valueKeywords(node);
  if (node.type !== undefined) out['type'] = node.type;
  if (node.required !== undefined && node.required.length > 0) out['required'] = node.required;
  if (node.properties !== undefined) {
    out['properties'] = Object.fromEntries(
      Object.entries(node.properties).map(([key, sub]) => [key, translateValue(sub)]),
    );
  }
  if (node.items !== undefined) out['items'] = translateValue(node.items);
  if (typeof node.additionalProperties === 'object')
    out['additionalProperties'] = translateValue(node.additionalProperties);
  return out;
}

/**
 * Uniqueness in associative lists and sets, as server-side apply demands of an applied object
 * (structured-merge-diff, typed/validate.go): keys that are absent count with the schema's default.
 */
function listKeyword(): SchemaValidateFunction {
  const validate: SchemaValidateFunction = ({ keys, defaults }: ListKeys, data: unknown[]) => {
    const seen = new Map<string, number>();
    const errors: Partial<ErrorObject>[] = [];
    data.forEach((item, index) => {
      let identity: unknown = item;
      if (keys !== undefined) {
        if (!isObject(item)) return;
        const values = keys.map((key) => item[key] ?? defaults?.[key]);
        const missing = keys.filter((_, i) => values[i] === undefined);
        if (missing.length > 0) {
          errors.push({ keyword: 'k8sListKey', params: { index, missing } });
          return;
        }
        identity = values;
      }
      const key = JSON.stringify(identity);
      const first = seen.get(key);
      if (first === undefined) seen.set(key, index);
      else errors.push({ keyword: 'k8sList', params: { index, first, keys, identity } });
    });
    validate.errors = errors;
    return errors.length === 0;
  };
  return validate;
}

function rulesKeyword(nodes: readonly SchemaNode[]): SchemaValidateFunction {
  const validate: SchemaValidateFunction = (index: number, data: unknown) => {
    const node = nodes[index];
    const failures = node === undefined ? [] : evaluateRules(node, data);
    validate.errors = failures.map((failure) => ({ keyword: 'k8sRules', params: { ...failure } }));
    return failures.length === 0;
  };
  return validate;
}
