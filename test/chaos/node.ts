// Starts and ends Beckon processes for the chaos scripts, and speaks HTTP with them. Loopback only.
import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { Agent, type IncomingHttpHeaders, request } from 'node:http'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'

const root = join(import.meta.dirname, '../..')
const READY_WITHIN_MS = 30_000
const STOPS_WITHIN_MS = 25_000

export const admin = { email: 'admin@chaos.example', password: 'correct-horse-battery-9' }
/** Several nodes of one installation share it. */
export const secret = randomBytes(32).toString('base64url')

const children = new Set<ChildProcess>()
const folders = new Set<string>()
process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL')
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130))

/** A folder that is gone when the script ends. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'beckon-chaos-'))
  folders.add(folder)
  return folder
}

/** A child process that does not outlive the script. */
export interface Child {
  pid: number
  hasEnded(): boolean
  kill(signal: NodeJS.Signals): void
  /** Resolves with the exit code, or with the name of the signal that ended it. */
  ended: Promise<number | string>
}

export function startChild(command: string[], { env, logFile }: { env: Record<string, string>; logFile: string }): Child {
  const log = openSync(logFile, 'a')
  const [program = '', ...parameters] = command
  const child = spawn(program, parameters, { cwd: root, env, stdio: ['ignore', log, log] })
  children.add(child)
  const { promise: ended, resolve } = Promise.withResolvers<number | string>()
  let over = false
  const end = (how: number | string): void => {
    over = true
    children.delete(child)
    resolve(how)
  }
  child.once('error', (error) => end(error.message))
  child.once('exit', (code, signal) => end(code ?? signal ?? 'unknown'))
  return { pid: child.pid ?? 0, hasEnded: () => over, kill: (signal) => void child.kill(signal), ended }
}

/** A running Beckon. */
export interface BeckonNode extends Child {
  url: string
  /** How long it took from its start until /readyz said yes. */
  readyMs: number
  /** What it has logged so far. */
  logged(): string
  /** Tells it to stop, and resolves with its exit code. */
  stop(): Promise<number | string>
}

export interface NodeOptions {
  /** Holds its data and its log. */
  folder: string
  port: number
  databaseUrl?: string | undefined
  env?: Record<string, string>
  /** What to start it under, such as strace. */
  under?: string[]
  /** Another main than Beckon's own. */
  main?: string[]
  readyWithinMs?: number
}

/** Starts a Beckon and resolves when it is ready. */
export async function startNode({
  folder,
  port,
  databaseUrl,
  env = {},
  under = [],
  main,
  readyWithinMs = READY_WITHIN_MS,
}: NodeOptions): Promise<BeckonNode> {
  const logFile = join(folder, 'beckon.log')
  const started = performance.now()
  const child = startChild([...under, process.execPath, ...(main ?? ['src/main.ts', 'serve'])], {
    logFile,
    env: {
      PATH: process.env.PATH ?? '',
      HOME: folder,
      PORT: String(port),
      BECKON_DATA_DIR: folder,
      BECKON_SECRET: secret,
      BECKON_ADMIN_EMAIL: admin.email,
      BECKON_ADMIN_PASSWORD: admin.password,
      BECKON_ACCESS_TOKEN_SECONDS: '86400',
      BECKON_RATE_LIMIT_PER_MINUTE: '0',
      BECKON_DRAIN_SECONDS: '0',
      BECKON_LOG_LEVEL: 'warn',
      BECKON_LOG_FORMAT: 'json',
      ...(databaseUrl === undefined ? {} : { DATABASE_URL: databaseUrl }),
      ...env,
    },
  })
  const url = `http://127.0.0.1:${port}`
  const logged = (): string => readFileSync(logFile, 'utf8')
  for (;;) {
    if (child.hasEnded()) throw new Error(`Beckon ended at its start:\n${logged()}`)
    if (performance.now() - started > readyWithinMs) throw new Error(`Beckon did not become ready:\n${logged()}`)
    const answer = await send(url, { path: '/readyz', timeoutMs: 2000 }).catch(() => undefined)
    if (answer?.status === 200) break
    await wait(20)
  }
  return {
    ...child,
    url,
    readyMs: Math.round(performance.now() - started),
    logged,
    stop: async () => {
      child.kill('SIGTERM')
      const timer = setTimeout(() => child.kill('SIGKILL'), STOPS_WITHIN_MS)
      const code = await child.ended
      clearTimeout(timer)
      return code
    },
  }
}

// Below those that the system gives to outgoing connections: whoever is started again finds its port free.
const [FIRST_PORT, LAST_PORT] = [20_000, 32_000]

/** A port of loopback that nobody listens on now. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = Math.floor(between(FIRST_PORT, LAST_PORT))
    if (await isFree(port)) return port
  }
}

function isFree(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const probe = createServer()
  probe.once('error', () => resolve(false))
  probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)))
  return promise
}

export type Json = Record<string, unknown>

export interface Answer {
  status: number
  headers: IncomingHttpHeaders
  text: string
  body: Json
}

export interface Sent {
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  path: string
  token?: string | undefined
  /** Its Idempotency-Key. */
  key?: string | undefined
  body?: Json
  timeoutMs?: number
}

const agent = new Agent({ keepAlive: true, maxSockets: 64 })

/** Sends one request; rejects when no whole answer came. */
export function send(url: string, { method = 'GET', path, token, key, body, timeoutMs = 60_000 }: Sent): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>()
  const text = body === undefined ? undefined : JSON.stringify(body)
  const headers: Record<string, string> = {}
  if (token !== undefined) headers.authorization = `Bearer ${token}`
  if (key !== undefined) headers['idempotency-key'] = key
  if (text !== undefined) {
    headers['content-type'] = 'application/json'
    headers['content-length'] = String(Buffer.byteLength(text))
  }
  const outgoing = request(new URL(path, url), { method, headers, agent }, (incoming) => {
    const chunks: Buffer[] = []
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
    incoming.once('error', reject)
    incoming.once('end', () => {
      const whole = Buffer.concat(chunks).toString('utf8')
      const { statusCode: status = 0, headers, complete } = incoming
      if (complete) resolve({ status, headers, text: whole, body: whole === '' ? {} : (JSON.parse(whole) as Json) })
      else reject(new Error('the answer was cut off'))
    })
  })
  const timer = setTimeout(() => outgoing.destroy(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs)
  outgoing.once('error', reject)
  outgoing.once('close', () => {
    clearTimeout(timer)
    reject(new Error('the connection was closed'))
  })
  outgoing.end(text)
  return promise
}

/** As `send`, for what must succeed. */
export async function mustSend(url: string, sent: Sent): Promise<Json> {
  const answer = await send(url, sent)
  if (answer.status >= 300) throw new Error(`${sent.path} answered ${answer.status}: ${answer.text}`)
  return answer.body
}

/** Logs somebody in: the access token. */
export async function logIn(url: string, who: { email: string; password: string }): Promise<string> {
  const session = await mustSend(url, { method: 'POST', path: '/v1/auth/login', body: { ...who } })
  return String(session.access_token)
}

/** What a log tells of bugs: answers of 500, workers that failed, the end of a process. */
export function bugsIn(log: string): string[] {
  return log.split('\n').filter((line) => /"internal_error"|"level":60|(sequencer|dispatcher|timekeeper) failed"/.test(line))
}

/** The pth percentile, 0 to 1, of numbers in any order. */
export function percentile(numbers: readonly number[], p: number): number {
  const sorted = [...numbers].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * p))] ?? 0
}

/** A number between two others. */
export function between(low: number, high: number): number {
  return low + Math.random() * (high - low)
}
