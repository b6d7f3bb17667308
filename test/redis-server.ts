import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { TestContext } from 'node:test'

/** A real Redis on this machine, for one test. */
export interface RedisServer {
  url: string
  /** Is killed, or stopped, or goes on. */
  signal(signal: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): Promise<void>
  /** Starts again after it was killed, with nothing of what it had. */
  start(): Promise<void>
}

const OURS = { host: '127.0.0.1', port: 6379 }

/** Starts a Redis that ends with the test; undefined where there is no `redis-server`. */
export async function openRedis(t: TestContext): Promise<RedisServer | undefined> {
  const folder = mkdtempSync(join(tmpdir(), 'beckon-redis-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const port = await freePort()
  let child = await startServer({ port, folder })
  if (!child) return undefined
  t.after(() => child?.kill('SIGKILL'))
  return {
    url: `redis://127.0.0.1:${port}`,
    async signal(signal) {
      const ended = signal === 'SIGKILL' && child ? once(child, 'exit') : undefined
      child?.kill(signal)
      await ended
    },
    async start() {
      child = await startServer({ port, folder })
    },
  }
}

/** The URL of a Redis that nobody may harm: one of our own, or the one of this machine; undefined where there is neither. */
export async function someRedis(t: TestContext): Promise<string | undefined> {
  const own = await openRedis(t)
  return own?.url ?? ((await answers()) ? `redis://${OURS.host}:${OURS.port}` : undefined)
}

/** Why a test is skipped. */
export const NO_REDIS = 'there is no redis-server here'

async function startServer({ port, folder }: { port: number; folder: string }): Promise<ChildProcess | undefined> {
  const settings = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', folder]
  const child = spawn('redis-server', settings, { stdio: ['ignore', 'pipe', 'ignore'] })
  const isThere = await new Promise<boolean>((resolve, reject) => {
    child.once('error', (error) => ('code' in error && error.code === 'ENOENT' ? resolve(false) : reject(error)))
    child.once('exit', (code) => reject(new Error(`redis-server ended with ${code}`)))
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (/ready to accept connections/i.test(line)) resolve(true)
    })
  })
  return isThere ? child : undefined
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const address = probe.address()
  probe.close()
  await once(probe, 'close')
  if (typeof address !== 'object' || address === null) throw new Error('there is no free port')
  return address.port
}

async function answers(): Promise<boolean> {
  const socket = connect(OURS)
  socket.setTimeout(1000, () => socket.destroy(new Error('it is silent')))
  try {
    socket.write('PING\r\n')
    const [bytes] = await once(socket, 'data')
    return String(bytes).startsWith('+PONG')
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}
