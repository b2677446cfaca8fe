import type { Reporter } from './reporter.ts';

/** The report for machines. Its shape is a promise: fields are added, never renamed or removed. */
export const json: Reporter = ({ ok, environments, findings, waived, durationMs }) =>
  `${JSON.stringify(
    {
      ok,
      environments,
      findings,
      waived: waived.map(({ finding, waiver }) => ({
        ...finding,
        waiver: { reason: waiver.reason, owner: waiver.owner, expires: waiver.expires },
      })),
      durationMs: Math.round(durationMs),
    },
    null,
    2,
  )}\n`;
