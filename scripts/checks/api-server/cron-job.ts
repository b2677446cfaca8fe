import { apiServerRule } from './api-server-rule.ts';

export const cronJob = apiServerRule('cron-job', {
  title: 'CronJobs have a schedule, a time zone and a name that can be read.',
  why: 'The server refuses the object.',
  fix: 'Write five fields: minute, hour, day of month, month and day of week.',
});
