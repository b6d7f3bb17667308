import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { request as ask, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { TestContext } from 'node:test'

const root = join(import.meta.dirname, '../..')
const { PATH = '', NODE_COMPILE_CACHE = '' } = process.env

/** An image that the host can run: which version is in it, and what is wrong with it. */
export interface Image {
  version: string
  /** `start`: it ends at once. `routes`: it runs, and the API behind it answers 502. */
  broken?: 'start' | 'routes'
}

/** A host of services as Render is one: a public address, and a deploy hook that takes an image. */
export interface Host {
  url: string
  hook: string
  /** The images that the hook was asked for, oldest first. */
  deployed: string[]
  close(): Promise<void>
}

/** A name of an image, by a digest of one digit. */
export function imageOf(digit: string): string {
  return `ghcr.io/owner/beckon@sha256:${digit.repeat(64)}`
}

/** Opens a host on which real servers run, each in a process of its own; `first` runs from the start. */
export async function openHost(t: TestContext, images: Record<string, Image>, first: string): Promise<Host> {
  const folder = mkdtempSync(join(tmpdir(), 'beckon-host-'))
  const running: { child?: ChildProcess; port: number; image: Image } = { port: 0, image: { version: '' } }
  const deployed: string[] = []

  /** Starts the new one, and ends the old one once it listens. One that does not start changes nothing. */
  const deploy = async (name: string): Promise<void> => {
    const image = images[name]
    if (image === undefined) return
    const started = await start(folder, image, deployed.length)
    if (started === undefined) return
    const old = running.child
    Object.assign(running, started, { image })
    old?.kill('SIGKILL')
  }

  const entrance = createServer((request, response): void => {
    const url = new URL(request.url ?? '/', 'http://host')
    if (url.pathname === '/deploy/srv-1') {
      const name = url.searchParams.get('imgURL') ?? ''
      deployed.push(name)
      response.writeHead(200).end('{"deploy":{"id":"dep-1"}}')
      void deploy(name)
      return
    }
    if (running.image.broken === 'routes' && url.pathname.startsWith('/v1')) {
      response.writeHead(502).end('bad gateway')
      return
    }
    const { method, headers } = request
    const onward = ask({ host: '127.0.0.1', port: running.port, path: request.url, method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(response)
    })
    onward.on('error', () => response.writeHead(502).end())
    request.pipe(onward)
  })
  await deploy(first)
  entrance.listen(0, '127.0.0.1')
  await once(entrance, 'listening')
  const { port } = entrance.address() as AddressInfo // it listens on TCP
  const url = `http://127.0.0.1:${port}`

  const close = async () => {
    entrance.closeAllConnections()
    entrance.close()
    if (running.child?.exitCode === null && running.child.signalCode === null) {
      running.child.kill('SIGKILL')
      await once(running.child, 'exit')
    }
    rmSync(folder, { recursive: true, force: true })
  }
  t.after(close)
  return { url, hook: `${url}/deploy/srv-1?key=secret-key`, deployed, close }
}

/** Starts a copy of Beckon that has another version, on a free port; undefined where it ends before it listens. */
async function start(folder: string, { version, broken }: Image, number: number) {
  const home = join(folder, String(number))
  cpSync(join(root, 'src'), join(home, 'src'), { recursive: true, filter: (path) => !path.endsWith('.test.ts') })
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  writeFileSync(join(home, 'package.json'), JSON.stringify({ ...manifest, version }))
  for (const shared of ['node_modules', 'docs']) symlinkSync(join(root, shared), join(home, shared))
  const port = broken === 'start' ? 'no-number' : '0'
  const child = spawn(process.execPath, ['src/main.ts', 'serve', '--port', port], {
    cwd: home,
    env: { PATH, NODE_COMPILE_CACHE },
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  for await (const line of createInterface({ input: child.stdout })) {
    const found = /"port":(\d+).*"listening"/.exec(line)?.[1]
    if (found === undefined) continue
    child.stdout.resume()
    return { child, port: Number(found) }
  }
  return undefined
}
