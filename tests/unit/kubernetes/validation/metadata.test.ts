import { describe, expect, test } from 'vitest';
import { validateBeyondSchema } from '../../../../scripts/kubernetes/validation/index.ts';

const messages = (apiVersion: string, kind: string, metadata: Record<string, unknown>): string[] =>
  validateBeyondSchema({ apiVersion, kind, metadata: { name: 'web', ...metadata } }).map(
    ({ message }) => message,
  );

describe('owners', () => {
  const found = (apiVersion: string): string[] =>
    messages('v1', 'ConfigMap', { ownerReferences: [{ apiVersion, kind: 'Widget', name: 'a', uid: 'b' }] });

  test.each(['v1', 'apps/v1', '/v1'])('%s is a version', (apiVersion) => {
    expect(found(apiVersion)).toEqual([]);
  });

  test.each(['', 'apps/', 'a/b/c', '/'])('`%s` is none', (apiVersion) => {
    expect(found(apiVersion)).toEqual([expect.stringContaining('not a group and a version')]);
  });

  test('an owner without anything misses all of it', () => {
    expect(messages('v1', 'ConfigMap', { ownerReferences: [{}] })).toHaveLength(4);
  });
});

describe('generation', () => {
  test.each([
    ['v1', 'ConfigMap'],
    ['v1', 'Service'],
    ['networking.k8s.io/v1', 'IPAddress'],
  ])('%s %s has it checked', (apiVersion, kind) => {
    expect(messages(apiVersion, kind, { generation: -1 })).toContainEqual(
      expect.stringContaining('`metadata.generation` is negative'),
    );
    expect(messages(apiVersion, kind, { generation: 3 })).not.toContainEqual(
      expect.stringContaining('generation'),
    );
  });

  test.each([
    ['v1', 'Pod'],
    ['apps/v1', 'Deployment'],
    ['example.com/v1', 'Widget'],
  ])('%s %s has it set anew', (apiVersion, kind) => {
    expect(messages(apiVersion, kind, { generation: -1 })).not.toContainEqual(
      expect.stringContaining('generation'),
    );
  });
});

describe('names', () => {
  const name = (apiVersion: string, kind: string, metadata: Record<string, unknown>): string[] =>
    messages(apiVersion, kind, metadata).filter((message) => message.startsWith('`metadata.'));

  test.each(['A_b', 'a b', 'a:b', 'x'.repeat(300)])('a signing request may be called %s', (text) => {
    expect(name('certificates.k8s.io/v1', 'CertificateSigningRequest', { name: text })).toEqual([]);
  });

  test('but not what a URL cannot hold', () => {
    expect(name('certificates.k8s.io/v1', 'CertificateSigningRequest', { name: 'a/b' })).toHaveLength(1);
  });

  test('an Event of the core group has a free name, one of events.k8s.io has not', () => {
    expect(name('v1', 'Event', { name: 'A_b' })).toEqual([]);
    expect(name('events.k8s.io/v1', 'Event', { name: 'A_b' })).toHaveLength(1);
  });

  test('a prefix is looked at, but for a few kinds', () => {
    expect(name('v1', 'ConfigMap', { generateName: 'A_' })).toHaveLength(1);
    expect(name('resource.k8s.io/v1', 'DeviceClass', { generateName: 'A_' })).toEqual([]);
  });
});
