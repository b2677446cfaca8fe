import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fluxUrl, readCheckout } from '../../../scripts/bootstrap/git.ts';
import { resolveSource, sourceSecret } from '../../../scripts/bootstrap/source.ts';

describe('fluxUrl', () => {
  it.each([
    ['https://git.example.com/a/b.git', 'https://git.example.com/a/b.git', 'https', false],
    ['https://me:token@git.example.com/a/b', 'https://git.example.com/a/b', 'https', true],
    ['https://token@git.example.com/a/b', 'https://git.example.com/a/b', 'https', true],
    ['http://10.0.0.1:3000/a/b', 'http://10.0.0.1:3000/a/b', 'http', false],
    ['git@git.example.com:a/b.git', 'ssh://git@git.example.com/a/b.git', 'ssh', false],
    ['git.example.com:a/b.git', 'ssh://git@git.example.com/a/b.git', 'ssh', false],
    ['ssh://git.example.com:2222/a/b', 'ssh://git@git.example.com:2222/a/b', 'ssh', false],
    ['ssh://deploy@git.example.com/a/b', 'ssh://deploy@git.example.com/a/b', 'ssh', false],
  ])('%s', (remote, url, scheme, hadCredentials) => {
    expect(fluxUrl(remote)).toEqual({ ok: true, url, scheme, hadCredentials });
  });

  it.each(['/srv/git/b.git', '../b', './b.git', 'file:///srv/b.git', 'git://git.example.com/b'])(
    'refuses %s, which a cluster cannot fetch',
    (remote) => expect(fluxUrl(remote).ok).toBe(false),
  );
});

describe('with a repository', () => {
  let root: string;
  const git = (...args: string[]): void => {
    execFileSync('git', ['-C', root, '-c', 'user.name=a', '-c', 'user.email=a@example.com', ...args], {
      stdio: 'ignore',
    });
  };
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'bootstrap-git-'));
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  const commit = (): void => {
    git('init', '-b', 'trunk');
    writeFileSync(join(root, 'a'), '1');
    git('add', 'a');
    git('commit', '-m', 'one');
  };

  it('reads remote, branch and what is not published', async () => {
    commit();
    git('remote', 'add', 'origin', 'https://me:secret@git.example.com/a/b');
    git('update-ref', 'refs/remotes/origin/trunk', 'HEAD');
    writeFileSync(join(root, 'a'), '2');
    git('commit', '-am', 'two');
    writeFileSync(join(root, 'a'), '3');
    const resolved = await resolveSource(root, {}, false);
    expect(resolved).toEqual({
      ok: true,
      source: {
        url: 'https://git.example.com/a/b',
        scheme: 'https',
        branch: 'trunk',
        notes: [
          'the password or token in the address was left out: it belongs into a Secret',
          '1 changed file not committed: Flux deploys only what is pushed',
          '1 commit not pushed: Flux deploys only what is pushed',
        ],
      },
    });
    expect(JSON.stringify(resolved)).not.toContain('secret@');
  });

  it('takes what was given before what the checkout says', async () => {
    commit();
    const resolved = await resolveSource(root, { url: 'https://h/r', branch: 'x' }, false);
    expect(resolved.ok && [resolved.source.url, resolved.source.branch]).toEqual(['https://h/r', 'x']);
  });

  it.each([
    ['no repository', () => {}, /is not a Git repository/],
    ['no remote', commit, /no remote called origin/],
    [
      'a detached HEAD',
      () => {
        commit();
        git('remote', 'add', 'origin', 'https://h/r');
        git('checkout', '--detach');
      },
      /no branch is checked out/,
    ],
    [
      'a remote on this machine',
      () => {
        commit();
        git('remote', 'add', 'origin', '/srv/b.git');
      },
      /path on this machine/,
    ],
  ])('refuses %s, but not in a dry run', async (_, prepare, message) => {
    prepare();
    const resolved = await resolveSource(root, {}, false);
    expect(resolved.ok ? '' : resolved.error.message).toMatch(message);
    expect((await resolveSource(root, {}, true)).ok).toBe(true);
  });

  it('refuses a branch without a commit: Flux would find nothing', async () => {
    git('init', '-b', 'trunk');
    git('remote', 'add', 'origin', 'https://h/r');
    const resolved = await resolveSource(root, {}, false);
    expect(resolved.ok ? '' : resolved.error.message).toMatch(/branch trunk has no commit/);
    expect((await resolveSource(root, {}, true)).ok).toBe(true);
  });

  it('says what Flux will not see: new files, a branch that was never pushed, another branch', async () => {
    commit();
    git('remote', 'add', 'origin', 'https://h/r');
    writeFileSync(join(root, 'new'), '1');
    const resolved = await resolveSource(root, { branch: 'main' }, false);
    expect(resolved.ok && resolved.source.notes).toEqual([
      'branch trunk is checked out, and described here: Flux deploys main',
      '1 changed file not committed: Flux deploys only what is pushed',
      'branch trunk is not at origin, as far as this clone knows: Flux deploys only what is pushed',
    ]);
  });

  it('says that there is no repository', async () => {
    expect((await readCheckout(root)).ok).toBe(false);
  });
});

describe('sourceSecret', () => {
  const state = (keys?: string[]) => ({
    sourceSecretKeys: keys && new Set(keys),
    namespaces: new Set(['flux-system']),
  });
  const ssh = { url: 'ssh://git@git.example.com:2222/a/b', scheme: 'ssh' } as const;
  const https = { url: 'https://git.example.com/a/b', scheme: 'https' } as const;

  it('is used where it has what the address needs', () => {
    expect(sourceSecret(ssh, state(['identity', 'known_hosts']), 'kubectl')).toEqual({
      ok: true,
      secret: 'flux-system',
    });
    expect(sourceSecret(https, state(['username', 'password']), 'kubectl')).toEqual({
      ok: true,
      secret: 'flux-system',
    });
    expect(sourceSecret(https, state(['identity', 'known_hosts']), 'kubectl')).toEqual({
      ok: true,
      secret: undefined,
    });
    expect(sourceSecret(https, state(), 'kubectl')).toEqual({ ok: true, secret: undefined });
  });

  it('must be there for SSH, and the message says how to make it', () => {
    const refused = sourceSecret(
      ssh,
      { ...state(['identity']), namespaces: new Set() },
      'kubectl --context x',
    );
    const fix = refused.ok ? '' : refused.error.fix;
    expect(fix).toContain('kubectl --context x create namespace flux-system');
    expect(fix).toContain('ssh-keyscan -p 2222 git.example.com > known_hosts');
    expect(fix).toContain('create secret generic flux-system --from-file=identity=');
    expect(fix).toContain('--url https://git.example.com/a/b');
  });
});
