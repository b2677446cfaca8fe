import type { StageDefinition } from '../stage.ts';
import { alias } from './alias.ts';
import { dataFile } from './data-file.ts';
import { droppedDocument } from './dropped-document.ts';
import { duplicateKey } from './duplicate-key.ts';
import { duplicateListKey } from './duplicate-list-key.ts';
import { emptyFile } from './empty-file.ts';
import { labelValue } from './label-value.ts';
import { mergeKey } from './merge-key.ts';
import { octalNumber } from './octal-number.ts';
import { stringValue } from './string-value.ts';
import { type YamlSubject, yamlSubjects } from './subject.ts';
import { syntax } from './syntax.ts';
import { tabIndentation } from './tab-indentation.ts';

/** One YAML file, or one patch that is written inside another, at a time. */
export const yamlStage: StageDefinition<YamlSubject> = {
  stage: 'yaml',
  readsFiles: true,
  rules: [
    syntax,
    tabIndentation,
    alias,
    duplicateKey,
    duplicateListKey,
    droppedDocument,
    mergeKey,
    stringValue,
    labelValue,
    octalNumber,
    emptyFile,
    dataFile,
  ],
  subjects: yamlSubjects,
};
