import type { StageDefinition } from '../stage.ts';
import { cel } from './cel.ts';
import { duplicateListKey } from './duplicate-list-key.ts';
import { enumValue } from './enum.ts';
import { format } from './format.ts';
import { pattern } from './pattern.ts';
import { range } from './range.ts';
import { required } from './required.ts';
import { type SchemaSubject, schemaSubjects } from './subject.ts';
import { type } from './type.ts';
import { unknownField } from './unknown-field.ts';
import { unknownKind } from './unknown-kind.ts';

/** Each object against the OpenAPI schema of its kind, strictly, as the API server validates it. */
export const schemaStage: StageDefinition<SchemaSubject> = {
  stage: 'schema',
  rules: [
    unknownKind,
    unknownField,
    type,
    required,
    enumValue,
    pattern,
    range,
    format,
    duplicateListKey,
    cel,
  ],
  subjects: schemaSubjects,
};
