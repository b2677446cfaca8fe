import type { Client, Kind, KubernetesObject } from './client.ts';

export type WatchEvent = {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly object: KubernetesObject;
};

export interface Watching {
  /** Ends it; returns why it had ended before, if it had: then something may have gone unseen. */
  stop(): string | undefined;
}

/**
 * Sees every object of a kind, as it is now and with every change from then on, in order and without gaps. What lasts less
 * long than the time between two questions is seen only this way.
 */
export async function watch(
  client: Client,
  kind: Kind,
  observe: (event: WatchEvent) => void,
): Promise<Watching> {
  const { items, resourceVersion } = await client.snapshot(kind);
  for (const object of items) observe({ type: 'ADDED', object });
  let end: string | undefined;
  const close = await client.stream(kind, resourceVersion, {
    line(text) {
      const event = JSON.parse(text) as { type: string; object: KubernetesObject };
      // A bookmark or an error; after an error the server ends the stream.
      if (event.type === 'ADDED' || event.type === 'MODIFIED' || event.type === 'DELETED')
        observe(event as WatchEvent);
      else if (event.type === 'ERROR') end ??= text;
    },
    end: (reason) => {
      end ??= reason;
    },
  });
  return {
    stop() {
      const broken = end;
      close();
      return broken;
    },
  };
}
