/** One request of the smoke test, and what its answer must be. */
interface Probe {
  path: string
  init?: RequestInit
  status: number
  /** Looks into the answer: what is wrong with it, if anything. */
  look?: (body: unknown) => string | undefined
}

const TIMEOUT_MS = 10_000

/**
 * Asks a running server what shows that it works: process, routing, problems and a look into the database. It changes nothing but that one
 * sign-in fails. Answers what is wrong, nothing if all is well.
 */
export async function smoke(
  url: string,
  { version, apiKey }: { version: string; apiKey?: string | undefined },
): Promise<string[]> {
  const faults: string[] = []
  for (const probe of probesOf(version, apiKey)) {
    const fault = await faultOf(url, probe)
    if (fault !== undefined) faults.push(`${probe.init?.method ?? 'GET'} ${probe.path} ${fault}`)
  }
  return faults
}

function probesOf(version: string, apiKey: string | undefined): Probe[] {
  const nobody = { email: 'smoke-test@example.com', password: 'nobody has this password' }
  const probes: Probe[] = [
    { path: '/livez', status: 200 },
    { path: '/readyz', status: 200 },
    { path: '/version', status: 200, look: (body) => (fieldOf(body, 'version') === version ? undefined : `is not ${version}`) },
    { path: '/openapi.json', status: 200, look: (body) => (fieldOf(body, 'paths') ? undefined : 'has no paths') },
    { path: '/v1/me', status: 401, look: isProblem },
    { path: '/v1/smoke-test', status: 404, look: isProblem },
    {
      path: '/v1/auth/login',
      init: { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(nobody) },
      status: 401,
      look: isProblem,
    },
  ]
  if (apiKey === undefined) return probes
  return [...probes, { path: '/v1/events?limit=1', init: { headers: { authorization: `Bearer ${apiKey}` } }, status: 200 }]
}

async function faultOf(url: string, { path, init = {}, status, look }: Probe): Promise<string | undefined> {
  try {
    const answer = await fetch(new URL(path, url), { ...init, redirect: 'error', signal: AbortSignal.timeout(TIMEOUT_MS) })
    const text = await answer.text()
    if (answer.status !== status) return `answers ${answer.status}, not ${status}`
    return look?.(JSON.parse(text))
  } catch (error) {
    return error instanceof SyntaxError ? 'answers no JSON' : 'does not answer'
  }
}

function isProblem(body: unknown): string | undefined {
  return typeof fieldOf(body, 'code') === 'string' ? undefined : 'is no problem with a code'
}

function fieldOf(body: unknown, key: string): unknown {
  return typeof body === 'object' && body !== null ? Object.entries(body).find(([name]) => name === key)?.[1] : undefined
}
