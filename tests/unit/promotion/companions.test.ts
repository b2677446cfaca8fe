import { describe, expect, test } from 'vitest';
import type { PromotedComponent } from '../../../scripts/checks/promotion/subject.ts';
import type { Finding } from '../../../scripts/finding.ts';
import { findCompanions } from '../../../scripts/promotion/companions.ts';
import type { Mixer } from '../../../scripts/promotion/mix.ts';
import type { PinEdit } from '../../../scripts/promotion/pin.ts';

const edit = (component: string): PinEdit => ({
  component: { component } as PromotedComponent,
  to: 'b'.repeat(40),
});
const finding = (message: string): Finding => ({
  rule: 'reference/service-port',
  severity: 'error',
  message,
  fix: 'Correct it.',
  file: 'base/web/deployment.yaml',
  line: 1,
  column: 1,
});
const mixer = { now: { environment: { builds: [] } } } as unknown as Mixer;

/** Components of which each needs others at their newer state: whatever moves without them breaks. */
function search(
  promoted: string,
  needs: Readonly<Record<string, readonly string[]>>,
  others: string[],
  message = '',
) {
  let tries = 0;
  const found = findCompanions({
    mixer,
    edits: [edit(promoted)],
    candidates: others.map(edit),
    findings: [finding(message)],
    broken: (edits) => {
      tries += 1;
      const moved = new Set(edits.map(({ component }) => component.component));
      return [...moved].flatMap((name) =>
        (needs[name] ?? []).filter((needed) => !moved.has(needed)).map((needed) => finding(needed)),
      );
    },
  });
  return { found, tries };
}

const many = Array.from({ length: 20 }, (_, index) => `other-${index}`);

describe('what has to be promoted too', () => {
  test('is what the finding names, and may go first when it stands by itself', () => {
    const { found, tries } = search(
      'web',
      { web: ['api'] },
      ['api', ...many],
      'no port 80 in Service shop/api',
    );
    expect(found).toEqual({ components: ['api'], before: true, smallest: true });
    expect(tries).toBe(2);
  });

  test('goes with it where neither can be alone', () => {
    expect(
      search('web', { web: ['api'], api: ['web'] }, ['api', ...many], 'Service api-service').found,
    ).toEqual({ components: ['api'], before: false, smallest: true });
  });

  test('is found among all that lag where nothing names it', () => {
    const { found } = search('web', { web: ['other-7'] }, many.slice(0, 8));
    expect(found).toEqual({ components: ['other-7'], before: true, smallest: true });
  });

  test('may be several, each of which is needed', () => {
    const { found } = search('web', { web: ['api'], api: ['store'] }, ['store', 'queue', 'api'], 'api');
    expect(found).toEqual({ components: ['store', 'api'], before: true, smallest: true });
  });

  test('is undefined where not even all of them help', () => {
    expect(search('web', { web: ['nobody'] }, ['api', ...many]).found).toBeUndefined();
    expect(search('web', { web: ['nobody'] }, []).found).toBeUndefined();
  });

  test('is looked for in a bounded number of tries, and said to be perhaps too much', () => {
    const { found, tries } = search('web', { web: many.filter((_, index) => index % 2 === 0) }, many);
    expect(tries).toBeLessThanOrEqual(12);
    expect(found?.smallest).toBe(false);
    expect(found?.components).toEqual(expect.arrayContaining(many.filter((_, index) => index % 2 === 0)));
  });

  test('is not guessed from a part of a word', () => {
    const { found } = search(
      'web',
      { web: ['other-0'] },
      ['api', 'other-0'],
      'the apis of other-00 are not there',
    );
    expect(found).toEqual({ components: ['other-0'], before: true, smallest: true });
  });
});
