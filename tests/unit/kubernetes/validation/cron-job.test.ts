import { expect, test } from 'vitest';
import { scheduleFault } from '../../../../scripts/kubernetes/validation/cron-job.ts';

// Each was given to kube-apiserver 1.36.3, which agreed.
test.each([
  '* * * * *',
  '  0 0 1 1 0  ',
  '*\t* * * *',
  '*/60 * * * *',
  '5/15 * * * *',
  '1,,2 * * * *',
  ', * * * *',
  '5-10/2 2-4 ? jan,MAR mon-fri',
  '*-5 * * * *',
  '+5 * * * *',
  '00 07 * * *',
  '* * 31 2 *',
  '@daily',
  '@every 1h30m',
  '@every 0s',
])('%j is a schedule', (schedule) => {
  expect(scheduleFault(schedule)).toBeUndefined();
});

test.each([
  ['* * * *', '4 fields'],
  ['* * * * * *', '6 fields'],
  ['60 * * * *', 'the most is 59'],
  ['* 24 * * *', 'the most is 23'],
  ['* * 0 * *', 'the least is 1'],
  ['* * * 13 *', 'the most is 12'],
  ['* * * * 7', 'the most is 6'],
  ['5-1 * * * *', 'begins after its end'],
  ['* * * * sat-sun', 'begins after its end'],
  ['*/0 * * * *', 'the step is 0'],
  ['*/x * * * *', 'the step is no number'],
  ['1-2-3 * * * *', 'too many hyphens'],
  ['1/2/3 * * * *', 'too many slashes'],
  ['L * * * *', 'no number'],
  ['-5 * * * *', 'no number'],
  ['@reboot', 'by name'],
  ['@every 1d', 'by name'],
])('%j is none: %s', (schedule, why) => {
  expect(scheduleFault(schedule)).toContain(why);
});
