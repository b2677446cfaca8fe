import type { Repository } from '../../render/environment.ts';
import type { StageDefinition } from '../stage.ts';
import { copiedValue } from './copied-value.ts';
import { creationRule } from './creation-rule.ts';
import { declaredKeys } from './declared-keys.ts';
import { encryptedFields } from './encrypted-fields.ts';
import { fileName } from './file-name.ts';
import { metadata } from './metadata.ts';
import { missingMac } from './missing-mac.ts';
import { missingSecret } from './missing-secret.ts';
import { plainFile } from './plain-file.ts';
import { recipients } from './recipients.ts';
import { type SecretsSubject, secretsSubject } from './subject.ts';
import { undecryptedValue } from './undecrypted-value.ts';
import { unencryptedValue } from './unencrypted-value.ts';

/** What SOPS has encrypted, judged without a key: one subject for the whole repository. */
export const secretsStage: StageDefinition<SecretsSubject> = {
  stage: 'secrets',
  readsFiles: true,
  rules: [
    copiedValue,
    creationRule,
    declaredKeys,
    encryptedFields,
    fileName,
    metadata,
    missingMac,
    missingSecret,
    plainFile,
    recipients,
    undecryptedValue,
    unencryptedValue,
  ],
  *subjects(repository: Repository) {
    yield { subject: secretsSubject(repository) };
  },
};
