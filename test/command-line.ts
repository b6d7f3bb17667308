import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'

const main = join(import.meta.dirname, '../src/main.ts')
// No setting of Beckon: what one command has compiled, the next need not.
const { PATH = '', NODE_COMPILE_CACHE = '' } = process.env

/** How a command ended, and what it said. */
export interface Ended {
  code: number | null
  out: string
  err: string
}

/** A server that runs in a process of its own. */
export interface Served {
  url: string
  process: ChildProcess
  /** What it has said on stdout so far. */
  out(): string
  ended: Promise<Ended>
}

/** A command that goes on. */
export interface Going {
  process: ChildProcess
  /** Resolves with what it has said on stdout once what it has said is so; throws when it ends before. */
  until(isMeant: (out: string, err: string) => boolean): Promise<string>
  ended: Promise<Ended>
}

/** The command line in a folder of its own, with no setting but those that are given. */
export interface CommandLine {
  folder: string
  run(words: string[], options?: { env?: Record<string, string>; input?: string }): Promise<Ended>
  /** Starts a command that goes on until it is told to stop. */
  start(words: string[], env?: Record<string, string>): Going
  /** Starts `serve` on a free port and waits until it listens. */
  serve(env?: Record<string, string>): Promise<Served>
}

/** Opens a folder for commands, which is taken away when the test ends. */
export function openCommandLine(t: TestContext): CommandLine {
  const folder = mkdtempSync(join(tmpdir(), 'beckon-cli-'))
  const running = new Set<ChildProcess>()
  t.after(() => {
    for (const child of running) child.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  })

  const start = (words: string[], env: Record<string, string>) => {
    const child = spawn(process.execPath, [main, ...words], { cwd: folder, env: { PATH, NODE_COMPILE_CACHE, ...env } })
    running.add(child)
    const said = { out: '', err: '' }
    child.stdout.on('data', (chunk: Buffer) => {
      said.out += chunk
    })
    child.stderr.on('data', (chunk: Buffer) => {
      said.err += chunk
    })
    const { promise: ended, resolve } = Promise.withResolvers<Ended>()
    child.on('close', (code) => {
      running.delete(child)
      resolve({ code, ...said })
    })
    return { child, said, ended }
  }

  return {
    folder,
    async run(words, { env = {}, input = '' } = {}) {
      const { child, ended } = start(words, env)
      child.stdin.end(input)
      return ended
    },
    start(words, env = {}) {
      const { child, said, ended } = start(words, env)
      child.stdin.end()
      const until: Going['until'] = (isMeant) =>
        new Promise((resolve, reject) => {
          const look = (): void => {
            if (isMeant(said.out, said.err)) resolve(said.out)
          }
          child.stdout.on('data', look)
          child.stderr.on('data', look)
          child.on('close', () => reject(new Error(`it ended before: ${said.out}${said.err}`)))
          look()
        })
      return { process: child, until, ended }
    },
    async serve(env = {}) {
      const { child, said, ended } = start(['serve', '--port', '0'], { BECKON_DRAIN_SECONDS: '0', ...env })
      child.stdin.end()
      while (!said.out.includes('"listening"') && child.exitCode === null) await wait(20)
      const port = /"port":(\d+)[^\n]*"listening"/.exec(said.out)?.[1]
      if (!port) throw new Error(`it does not listen: ${said.out}${said.err}`)
      return { url: `http://127.0.0.1:${port}`, process: child, out: () => said.out, ended }
    },
  }
}
