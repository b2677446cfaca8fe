import { describe, expect, it } from 'vitest';
import { consent } from '../../../scripts/cluster/consent.ts';
import { refusal } from '../../../scripts/cluster/identity.ts';
import { existing, remove, untilGone } from '../../../scripts/cluster/removal.ts';
import { patch, removeVolumes, type Work } from '../../../scripts/cluster/steps.ts';
import { kubectlThat, surroundings } from './fakes.ts';

const references = [
  { kind: 'pods', namespace: 'a', name: 'x' },
  { kind: 'pods', namespace: 'a', name: 'y' },
  { kind: 'persistentvolumes', name: 'x' },
];

describe('removal', () => {
  it('deletes objects of one kind at once, and minds neither what is gone nor a kind that is', async () => {
    const calls: string[] = [];
    const gone = await remove(
      kubectlThat((args) => {
        calls.push(args.join(' '));
        return args[1] === 'pods'
          ? { code: 1, stderr: 'error: the server doesn\'t have a resource type "pods"' }
          : {};
      }),
      references,
    );
    expect(gone).toBeUndefined();
    expect(calls).toEqual([
      'delete pods x y --namespace a --ignore-not-found --wait=false --cascade=background',
      'delete persistentvolumes x --ignore-not-found --wait=false --cascade=background',
    ]);
    const refused = await remove(
      kubectlThat(() => ({ code: 1, stderr: 'Error from server (Forbidden): no' })),
      references,
    );
    expect(refused?.message).toContain('Forbidden');
  });

  it('knows by namespace what is still there', async () => {
    const left = await existing(
      kubectlThat((args) => ({ stdout: args[1] === 'pods' ? 'pod/y\n' : '' })),
      references,
    );
    expect(left).toEqual({ ok: true, left: [references[1]] });
  });

  it('waits, up to a deadline, and through an API server that is away', async () => {
    let round = 0;
    const answers = [{ code: 1, stderr: 'connection refused' }, { stdout: 'pod/x\n' }, { stdout: '' }];
    const one = references.slice(0, 1);
    const kubectl = kubectlThat(() => answers[Math.min(round++, 2)]!);
    expect(await untilGone(kubectl, one, 5000, surroundings())).toEqual({ outcome: 'gone' });
    expect(round).toBe(3);
    const stuck = kubectlThat(() => ({ stdout: 'pod/x\n' }));
    expect(await untilGone(stuck, one, 5, surroundings())).toEqual({ outcome: 'left', left: one });
    const away = kubectlThat(() => ({ code: 1, stderr: 'connection refused' }));
    expect(await untilGone(away, one, 5, surroundings())).toMatchObject({ outcome: 'failed' });
    const { signal } = { signal: AbortSignal.abort() };
    expect(await untilGone(stuck, one, 5, surroundings({ signal }))).toEqual({ outcome: 'interrupted' });
  });
});

describe('patch', () => {
  it('takes what is missing as done, and nothing else', async () => {
    const missing = 'Error from server (NotFound): pods "x" not found';
    const answer = (stderr: string) =>
      patch(
        kubectlThat(() => ({ code: 1, stderr })),
        references.slice(0, 2),
        {},
      );
    expect(await answer(missing)).toBeUndefined();
    expect((await answer(`${missing}\nError from server (Forbidden): no`))?.message).toContain('Forbidden');
    expect(await answer('')).toBeDefined();
    expect(await answer('Warning: old')).toBeDefined();
    expect(
      await patch(
        kubectlThat(() => ({ code: 1 })),
        [],
        {},
      ),
    ).toBeUndefined();
  });
});

it('a volume is told to be kept before its claim goes, so that nobody else removes the directory', async () => {
  const calls: string[] = [];
  const work: Work = {
    kubectl: kubectlThat((args) => {
      calls.push(args.slice(0, 3).join(' '));
      return {};
    }),
    surroundings: surroundings(),
    timeoutMs: 100,
    done: () => {},
  };
  const claim = { kind: 'persistentvolumeclaims', namespace: 'a', name: 'data-x-0' };
  expect(await removeVolumes(work, [claim], ['x-data'])).toBeUndefined();
  expect(calls).toEqual([
    'patch persistentvolumes x-data',
    'delete persistentvolumeclaims data-x-0',
    'get persistentvolumeclaims data-x-0',
    'delete persistentvolumes x-data',
    'get persistentvolumes x-data',
  ]);
});

describe('consent', () => {
  const cluster = { context: 'laptop', server: 'https://h' };
  it('asks with context and server, and needs --yes where nobody can be asked', async () => {
    let question = '';
    const confirm = async (asked: string) => {
      question = asked;
      return true;
    };
    expect(await consent('Reset kafka', { yes: false }, { confirm }, cluster)).toEqual({
      ok: true,
      yes: true,
    });
    expect(question).toBe('Reset kafka in laptop (https://h)? [y/N] ');
    expect(await consent('Reset kafka', { yes: false }, { confirm: undefined }, cluster)).toMatchObject({
      ok: false,
      error: { fix: expect.stringContaining('--yes') },
    });
    expect(await consent('Reset kafka', { yes: true }, { confirm: undefined }, cluster)).toMatchObject({
      yes: true,
    });
  });
});

describe('refusal', () => {
  const identity = { label: undefined, rootPath: undefined, sourceUrl: undefined };
  it('keeps away from a cluster that is something else', () => {
    expect(refusal(identity, 'prototype', 'flux/prototype')).toBeUndefined();
    expect(
      refusal(
        { ...identity, label: 'prototype', rootPath: './flux/prototype/' },
        'prototype',
        'flux/prototype',
      ),
    ).toBeUndefined();
    expect(refusal({ ...identity, label: 'b' }, 'prototype', 'flux/prototype')?.message).toContain('`b`');
    expect(
      refusal({ ...identity, rootPath: './clusters/x' }, 'prototype', 'flux/prototype')?.message,
    ).toContain('./clusters/x');
  });
});
