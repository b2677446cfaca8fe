import type { Repository } from '../../render/environment.ts';
import type { StageDefinition } from '../stage.ts';
import { apiVersion } from './api-version.ts';
import { changingLabel } from './changing-label.ts';
import { componentKind } from './component-kind.ts';
import { deprecatedField } from './deprecated-field.ts';
import { fieldType } from './field-type.ts';
import { generatorKey } from './generator-key.ts';
import { imageEntry } from './image-entry.ts';
import { loadRestriction } from './load-restriction.ts';
import { missingFile } from './missing-file.ts';
import { notInArtifact } from './not-in-artifact.ts';
import { orphanDirectory } from './orphan-directory.ts';
import { orphanFile } from './orphan-file.ts';
import { outsideRepository } from './outside-repository.ts';
import { patchEntry } from './patch-entry.ts';
import { repeatedField } from './repeated-field.ts';
import { repeatedReference } from './repeated-reference.ts';
import { rivalFile } from './rival-file.ts';
import { selectorLabels } from './selector-labels.ts';
import { type KustomizationSubject, kustomizationSubjects } from './subject.ts';
import { unknownField } from './unknown-field.ts';
import { unmatchedImage } from './unmatched-image.ts';
import { unmatchedPatch } from './unmatched-patch.ts';
import { unmatchedReplacement } from './unmatched-replacement.ts';
import { unpinnedRemote } from './unpinned-remote.ts';
import { unreadDocument } from './unread-document.ts';
import { yieldsNothing } from './yields-nothing.ts';

/** One kustomization.yaml at a time. */
export const kustomizationStage: StageDefinition<KustomizationSubject> = {
  stage: 'kustomization',
  readsFiles: true,
  rules: [
    apiVersion,
    unknownField,
    fieldType,
    repeatedField,
    deprecatedField,
    unreadDocument,
    rivalFile,
    yieldsNothing,
    missingFile,
    outsideRepository,
    loadRestriction,
    notInArtifact,
    componentKind,
    repeatedReference,
    unpinnedRemote,
    patchEntry,
    imageEntry,
    generatorKey,
    selectorLabels,
    changingLabel,
  ],
  subjects: kustomizationSubjects,
};

/** What only all builds together show: what matched nothing anywhere, and files that no kustomization reaches. */
export const kustomizationTreeStage: StageDefinition<Repository> = {
  stage: 'kustomization',
  readsFiles: true,
  rules: [unmatchedPatch, unmatchedImage, unmatchedReplacement, orphanFile, orphanDirectory],
  subjects: (repository) => [{ subject: repository }],
};
