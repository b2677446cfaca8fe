import { expect } from 'vitest';
import { type BuildOptions, type BuildResult, buildKustomization } from '../../../scripts/kustomize/build.ts';
import { openMemory } from '../../../scripts/repository/files.ts';
import { openSources } from '../../../scripts/repository/sources.ts';
import {
  at,
  type Json,
  type MapNode,
  originAt,
  type Path,
  textAt,
  toJson,
} from '../../../scripts/yaml/node.ts';

export type Contents = Readonly<Record<string, string | Uint8Array>>;
type Options = Partial<BuildOptions>;
type Built = Extract<BuildResult, { status: 'built' }>;

export const run = (files: Contents, directory = '.', options: Options = {}): BuildResult =>
  buildKustomization(openSources(openMemory(files)), directory, {
    loadRestrictions: 'root-only',
    order: 'none',
    ...options,
  });

/** A build that must succeed. */
export function built(files: Contents, directory = '.', options: Options = {}): Built {
  const result = run(files, directory, options);
  if (result.status !== 'built') throw new Error(JSON.stringify(result, undefined, 1));
  return result;
}

/** The problem of a build that kustomize would refuse, as `code file:line`. */
export function failure(files: Contents, directory = '.', options: Options = {}): string {
  const result = run(files, directory, options);
  if (result.status !== 'failed') throw new Error(`${result.status}, not failed`);
  const [problem] = result.problems;
  expect(problem?.message).not.toBe('');
  expect(problem?.fix).not.toBe('');
  return `${problem?.code} ${problem?.origin.file}:${problem?.origin.line}`;
}

/** The feature for which a build is left to the real binary. */
export function refusal(files: Contents, directory = '.', options: Options = {}): string {
  const result = run(files, directory, options);
  if (result.status !== 'unsupported') throw new Error(`${result.status}, not unsupported`);
  return result.feature;
}

/** `Kind name` of every object, in order. */
export const names = ({ objects }: Built): string[] =>
  objects.map((object) => `${textAt(object, ['kind'])} ${textAt(object, ['metadata', 'name'])}`);

export function object(result: Built, kind: string): MapNode {
  const found = result.objects.find((each) => textAt(each, ['kind']) === kind);
  if (!found) throw new Error(`no ${kind} among ${names(result).join(', ')}`);
  return found;
}

/** The value at a path, with the places of its key and itself: `[value, 'file:line:column', 'file:line:column']`. */
export function traced(node: MapNode, path: Path): [Json | undefined, string, string] {
  const found = at(node, path);
  const key = originAt(node, path);
  const own = found?.origin ?? key;
  return [
    found && toJson(found),
    `${key.file}:${key.line}:${key.column}`,
    `${own.file}:${own.line}:${own.column}`,
  ];
}

export const value = (node: MapNode, ...path: Path): Json | undefined => {
  const found = at(node, path);
  return found && toJson(found);
};

export const deployment = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 1
  selector:
    matchLabels:
      app: web
  template:
    metadata:
      labels:
        app: web
    spec:
      containers:
        - name: web
          image: nginx:1.2
          env:
            - name: A
              value: "1"
            - name: B
              value: b
`;
