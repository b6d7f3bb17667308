import { setTimeout as wait } from 'node:timers/promises'
import { smoke } from './smoke.ts'

/** Something that can be deployed: an image by its digest, and the version that it says it is. */
export interface Release {
  /** `ghcr.io/owner/beckon@sha256:…` */
  image: string
  /** As `/version` says it, without a `v`. */
  version: string
}

/** Where to, and how patiently. */
export interface Deployment {
  /** The public address of the service. */
  url: string
  /** The deploy hooks of all services that run the image. Secrets: they are never printed. */
  hooks: readonly string[]
  release: Release
  /** What to go back to; undefined where there is no way back. */
  previous?: Release | undefined
  /** An API key with which the smoke test also reads; without it, it stays outside. */
  apiKey?: string | undefined
  /** How long a version may take until it is the only one that answers. */
  seconds: number
  pauseMs: number
  say: (line: string) => void
}

/** What came of it. Only the first is a success. */
export type Outcome = 'deployed' | 'rolled back' | 'failed'

// Old and new instances answer side by side for a while: one answer of the new one proves nothing.
const ANSWERS_IN_A_ROW = 5
const TIMEOUT_MS = 5000

/**
 * Deploys a release by the hooks, waits until `/version` says so, tests it, and goes back to the previous one where any of that fails.
 * Never throws.
 */
export async function deploy(deployment: Deployment): Promise<Outcome> {
  const { release, previous, say } = deployment
  const fault = await bring(deployment, release)
  if (fault === undefined) return 'deployed'
  say(`${release.version} failed: ${fault}`)
  if (previous === undefined) {
    say('There is no way back: mend it forward, or restore the backup from before and deploy the version that made it.')
    return 'failed'
  }
  say(`Going back to ${previous.version}.`)
  const second = await bring(deployment, previous)
  if (second === undefined) return 'rolled back'
  say(`${previous.version} failed, too: ${second}`)
  return 'failed'
}

/** Brings a release up, and says what is wrong with it, if anything. */
async function bring({ url, hooks, seconds, pauseMs, apiKey, say }: Deployment, { image, version }: Release) {
  for (const hook of hooks) {
    const refusal = await callHook(hook, image)
    if (refusal !== undefined) return refusal
  }
  say(`Called ${hooks.length === 1 ? 'the deploy hook' : `${hooks.length} deploy hooks`} for ${image}.`)
  const last = await waitForVersion(url, { version, seconds, pauseMs })
  if (last !== undefined) return `${url} does not answer as ${version} within ${seconds} s; at last it ${last}`
  say(`${url} answers as ${version}.`)
  const faults = await smoke(url, { version, apiKey })
  if (faults.length > 0) return faults.join('; ')
  say('The smoke test has passed.')
  return undefined
}

/** Asks Render to deploy an image, and says what is wrong, if anything. The hook is a secret, so it is not quoted. */
async function callHook(hook: string, image: string): Promise<string | undefined> {
  const url = URL.parse(hook)
  if (url === null) return 'a deploy hook is no URL'
  url.searchParams.set('imgURL', image)
  try {
    const answer = await fetch(url, { method: 'POST', signal: AbortSignal.timeout(30_000) })
    await answer.body?.cancel()
    return answer.ok ? undefined : `the deploy hook at ${url.host} answers ${answer.status}`
  } catch {
    return `the deploy hook at ${url.host} cannot be reached`
  }
}

/** Waits until only this version answers; undefined when it does, else what was answered at last. */
async function waitForVersion(url: string, { version, seconds, pauseMs }: { version: string; seconds: number; pauseMs: number }) {
  const givenUp = performance.now() + seconds * 1000
  for (let inARow = 0; ; await wait(pauseMs)) {
    const found = await versionAt(url).catch((error: unknown) => error)
    inARow = found === version ? inARow + 1 : 0
    if (inARow >= ANSWERS_IN_A_ROW) return undefined
    if (performance.now() > givenUp) return found instanceof Error ? found.message : `says ${found}`
  }
}

/** The version that answers at an address. Throws what is wrong where none does. */
export async function versionAt(url: string): Promise<string> {
  // A connection that is kept would lead to the same instance again and again.
  const headers = { connection: 'close' }
  const answer = await fetch(new URL('/version', url), { headers, signal: AbortSignal.timeout(TIMEOUT_MS) }).catch(
    (cause: unknown) => {
      throw new Error('does not answer', { cause })
    },
  )
  if (!answer.ok) {
    await answer.body?.cancel()
    throw new Error(`answers ${answer.status}`)
  }
  const said: unknown = await answer.json().catch(() => undefined)
  if (typeof said !== 'object' || said === null || !('version' in said)) throw new Error('answers something else than a version')
  return String(said.version)
}
