// Uploads and downloads one large file, beside plain `cat` over a socket on the same machine: what counts is the ratio. Both write to
// the same disk and sync it. Says what Beckon's process held in memory meanwhile.
//   node bench/attachments.ts [--mib 1024] [--runs 3]
import { execFileSync, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { closeSync, fstatSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { admin, freePort, logIn, mustSend, startNode, temporaryFolder } from '../test/chaos/node.ts'

const { values } = parseArgs({ options: { mib: { type: 'string', default: '1024' }, runs: { type: 'string', default: '3' } } })
const mib = Number(values.mib)
const folder = temporaryFolder()
const file = join(folder, 'large.bin')
writeLarge()

const port = await freePort()
const limit = String(mib * 1_048_576)
const node = await startNode({ folder, port, env: { BECKON_ATTACHMENT_LIMIT_BYTES: limit } })
const token = await logIn(node.url, admin)
const authorization = `Authorization: Bearer ${token}`
const quietBefore = residentMib()
const rows: Record<string, Record<string, number>> = {}
let highest = 0
const watch = setInterval(() => {
  highest = Math.max(highest, residentMib())
}, 50)

for (let run = 1; run <= Number(values.runs); run++) {
  const cat = { upload: await viaCat('upload'), download: await viaCat('download') }
  highest = 0
  let id = ''
  const upload = await timed(async () => {
    const answer = await curl(['-H', authorization, '-F', `file=@${file}`, `${node.url}/v1/attachments`])
    id = String((JSON.parse(answer) as { id?: string }).id)
  })
  const whileUploading = highest
  highest = 0
  const path = `${node.url}/v1/attachments/${id}/content`
  const download = await timed(() => curl(['-H', authorization, '-o', '/dev/null', path]))
  rows[`run ${run}`] = {
    'cat up, MiB/s': perSecond(cat.upload),
    'Beckon up, MiB/s': perSecond(upload),
    'ratio up': ratio(cat.upload, upload),
    'cat down, MiB/s': perSecond(cat.download),
    'Beckon down, MiB/s': perSecond(download),
    'ratio down': ratio(cat.download, download),
    'RSS idle, MiB': quietBefore,
    'RSS up, MiB': whileUploading,
    'RSS down, MiB': highest,
  }
  // Gone again, so that the next one is written anew.
  await fetch(`${node.url}/v1/attachments/${id}`, { method: 'DELETE', headers: { authorization: `Bearer ${token}` } })
}
clearInterval(watch)
await mustSend(node.url, { path: '/readyz' })
await node.stop()
console.table(rows)
console.log(`load ${readFileSync('/proc/loadavg', 'utf8').trim()}`)

function writeLarge(): void {
  const to = openSync(file, 'w')
  for (let i = 0; i < mib; i++) writeSync(to, randomBytes(1_048_576))
  closeSync(to)
}

/** How long `cat` takes on both sides of a socket; up to a file that is synced, down to nowhere. */
async function viaCat(way: 'upload' | 'download'): Promise<number> {
  const target = openSync(way === 'upload' ? join(folder, 'copy.bin') : '/dev/null', 'w')
  const { promise: received, resolve } = Promise.withResolvers<void>()
  const server = createServer({ pauseOnConnect: true }, (socket) => {
    cat(socket, target).then(() => {
      if (way === 'upload') fsyncSync(target)
      resolve()
    })
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('it does not listen')
  const seconds = await timed(async () => {
    const source = openSync(file, 'r')
    const socket = connect(address.port, '127.0.0.1')
    await new Promise<void>((connected) => socket.once('connect', connected))
    await cat(source, socket)
    socket.end()
    await received
    closeSync(source)
  })
  server.close()
  if (way === 'upload' && fstatSync(target).size !== mib * 1_048_576) throw new Error('cat did not bring all of it')
  closeSync(target)
  return seconds
}

/** Lets `cat` itself move the bytes: no program of ours touches them. */
function cat(from: number | Socket, to: number | Socket): Promise<void> {
  const child = spawn('cat', [], { stdio: [from, to, 'inherit'] })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', () => resolve())
  })
}

function curl(parameters: string[]): Promise<string> {
  const child = spawn('curl', ['-sS', '--fail-with-body', ...parameters], { stdio: ['ignore', 'pipe', 'inherit'] })
  let text = ''
  child.stdout.on('data', (chunk) => {
    text += String(chunk)
  })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => (code === 0 ? resolve(text) : reject(new Error(`curl: ${code} ${text}`))))
  })
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now()
  await work()
  return (performance.now() - began) / 1000
}

function perSecond(seconds: number): number {
  return Math.round(mib / seconds)
}

function ratio(cat: number, beckon: number): number {
  return Math.round((cat / beckon) * 100) / 100
}

function residentMib(): number {
  const status = execFileSync('cat', [`/proc/${node.pid}/status`], { encoding: 'utf8' })
  return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024)
}
