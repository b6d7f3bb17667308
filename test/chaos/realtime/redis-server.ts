// A Redis of the script's own: on a port of its own, keeping nothing, so that it may be killed.
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { type Child, freePort, startChild, temporaryFolder } from '../node.ts'

const UP_WITHIN_MS = 10_000

export interface RedisServer {
  url: string
  kill(signal: NodeJS.Signals): void
  /** Starts it anew after it was killed. */
  restart(): Promise<void>
  /** Runs a command and resolves with the first line of the answer; undefined where none came. */
  run(command: string): Promise<string | undefined>
}

/** Starts a Redis and resolves when it answers. */
export async function startRedis(): Promise<RedisServer> {
  const folder = temporaryFolder()
  const port = await freePort()
  const command = [
    'redis-server',
    '--port',
    String(port),
    '--bind',
    '127.0.0.1',
    '--save',
    '',
    '--appendonly',
    'no',
    '--dir',
    folder,
  ]
  let child: Child | undefined
  const start = async (): Promise<void> => {
    child = startChild(command, { env: { PATH: process.env.PATH ?? '' }, logFile: join(folder, 'redis.log') })
    for (const givenUp = performance.now() + UP_WITHIN_MS; (await ask(port, 'PING')) !== '+PONG'; await wait(20)) {
      if (child.hasEnded()) throw new Error('redis-server ended at its start: is it installed (Debian: redis-server)?')
      if (performance.now() > givenUp) throw new Error('redis-server does not answer')
    }
  }
  await start()
  return {
    url: `redis://127.0.0.1:${port}`,
    kill: (signal) => child?.kill(signal),
    restart: async () => {
      await child?.ended
      await start()
    },
    run: (what) => ask(port, what),
  }
}

function ask(port: number, command: string): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>()
  const socket = connect(port, '127.0.0.1')
  socket.setTimeout(1000, () => socket.destroy())
  socket.once('data', (answer) => {
    resolve(answer.toString('utf8').split('\r\n')[0])
    socket.destroy()
  })
  socket.once('error', () => socket.destroy())
  socket.once('close', () => resolve(undefined))
  socket.write(`${command}\r\n`)
  return promise
}
