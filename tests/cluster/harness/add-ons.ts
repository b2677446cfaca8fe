import { basename } from 'node:path';
import { ADD_ONS, isDefinitionFile } from '../../../scripts/schemas/sources.ts';
import type { Client } from './client.ts';
import { filesOf, installDefinitions } from './flux.ts';

/** For `programsOf` and `describeWithTools`: what `installAddOns` needs. */
export const addOns: readonly string[] = ADD_ONS.map(({ name }) => name);

/**
 * Applies the definitions that the charts of the add-ons install, and waits until they are served. No controller runs that
 * would act on their objects, and none of their webhooks checks them.
 */
export async function installAddOns(client: Client): Promise<void> {
  for (const source of ADD_ONS)
    await installDefinitions(client, filesOf(source.name), (file) =>
      isDefinitionFile(source, basename(file)),
    );
}
