import type { Logger } from './log.ts'
import type { Secrets } from './secrets.ts'

/**
 * How the nodes of one installation tell each other what has just happened. It may lose anything, at any time: nothing that
 * must arrive goes this way.
 */
export interface Bus {
  /** Says something to all other nodes, and not to this one; what takes more than 64 KiB as JSON is lost. Never waits, never throws. */
  publish(channel: string, message: unknown): void
  /** Hears what other nodes say, until the function that it gives is called. What they say is not to be trusted to have a shape. */
  subscribe(channel: string, hear: (message: unknown) => void): () => void
  /** Calls whenever others can be heard again after they could not, and when they can for the first time. */
  onReconnect(call: () => void): void
  close(): Promise<void>
}

/** A bus without other nodes. */
export const silentBus: Bus = {
  publish: () => {},
  subscribe: () => () => {},
  onReconnect: () => {},
  close: async () => {},
}

/**
 * Opens the bus of the settings: without a URL there are no other nodes. It is there at once, whether or not its server is, and
 * what is said while that is away is lost. Installations with different secrets do not hear each other on one server.
 */
export async function openBus({ url, secrets, log }: { url: string | undefined; secrets: Secrets; log: Logger }): Promise<Bus> {
  if (url === undefined) return silentBus
  // Who has no such server need not wait for its client to be read at the start.
  const { openRedisBus } = await import('./redis-bus.ts')
  return openRedisBus({ url, installation: secrets.seal('bus', 'installation'), log })
}
