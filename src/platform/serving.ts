import { AsyncLocalStorage } from 'node:async_hooks'

const serving = new AsyncLocalStorage<string>()

/** Runs `work` for a request: whatever is done within, however deep, can tell for which. */
export function serve<T>(request_id: string, work: () => T): T {
  return serving.run(request_id, work)
}

/** The request that this is done for; undefined for what nobody asked for. */
export function requestServed(): string | undefined {
  return serving.getStore()
}
