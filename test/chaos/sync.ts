// Proves on SQLite that no write is answered before it is on the disk: Beckon runs under strace, and for each 201 the trace must
// show its request read from the socket, then the write-ahead log written with its text, then that log synced, then the answer.
//   npm run chaos:sync [-- --sequential 200 --concurrent 400]
import { execFileSync } from 'node:child_process'
import { createReadStream, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { admin, freePort, logIn, send, startNode, temporaryFolder } from './node.ts'

const { values } = parseArgs({
  options: { sequential: { type: 'string', default: '200' }, concurrent: { type: 'string', default: '400' } },
})
const AT_ONCE = 16
// 1234 10:09:19.123456 write(23<socket:[4711]>, …
const CALL = /^\S+ \S+ (\w+)\(\d+<([^>]*)>/

try {
  execFileSync('strace', ['-V'], { stdio: 'ignore' })
} catch {
  console.error('strace is not here: install it (apt-get install strace) and run this again.')
  process.exit(3)
}

/** One thing that the trace shows, in order. */
type Step = { kind: 'request' | 'logged' | 'answer'; texts: string[] } | { kind: 'sync' }

const folder = temporaryFolder()
const trace = join(folder, 'trace')
const calls = 'trace=read,write,writev,sendto,sendmsg,pwrite64,pwritev,fsync,fdatasync'
const under = ['strace', '-f', '--seccomp-bpf', '-qq', '-y', '-tt', '-s', '16384', '-e', calls, '-e', 'signal=none', '-o', trace]
const node = await startNode({ folder, port: await freePort(), under })
const token = await logIn(node.url, admin)

const sequential = Array.from({ length: Number(values.sequential) }, (_, i) => `sequential-${i}-mark`)
const concurrent = Array.from({ length: Number(values.concurrent) }, (_, i) => `concurrent-${i}-mark`)
for (const text of sequential) await raise(text)
const left = [...concurrent]
const workers = Array.from({ length: AT_ONCE }, async () => {
  for (let text = left.pop(); text !== undefined; text = left.pop()) await raise(text)
})
await Promise.all(workers)
// strace goes when the last process that it follows does.
process.kill(beckonUnder(node.pid), 'SIGTERM')
await node.ended

const steps = await readTrace(trace)
const rows = { sequential: judge(steps, sequential), [`${AT_ONCE} at once`]: judge(steps, concurrent) }
// The judge must be able to say no.
const unsynced = steps.filter(({ kind }) => kind !== 'sync')
const control = judge(unsynced, sequential)
console.table({ ...rows, 'control: syncs cut out': control })
const isRight = Object.values(rows).every((row) => row.answered > 0 && row['synced before the answer'] === row.answered)
const canSayNo = control['synced before the answer'] === 0 && control.answered === sequential.length
if (!isRight) console.error('An answer was given before its write was synced, or the trace does not show it.')
if (!canSayNo) console.error('The control did not fail: this script proves nothing.')
process.exit(isRight && canSayNo ? 0 : 1)

async function raise(text: string): Promise<void> {
  const answer = await send(node.url, { method: 'POST', path: '/v1/tickets', token, body: { subject: text, body: text } })
  if (answer.status !== 201) throw new Error(`${answer.status} ${answer.text}`)
}

/** The Beckon process that a strace started. */
function beckonUnder(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ')[0])
}

/** The steps of a trace that tell of marked texts and of syncs of the write-ahead log, in the order in which calls ended. */
async function readTrace(path: string): Promise<Step[]> {
  const steps: Step[] = []
  const unfinished = new Map<string, string>()
  for await (const line of createInterface({ input: createReadStream(path, 'utf8') })) {
    const pid = line.slice(0, line.indexOf(' '))
    const cut = line.indexOf(' <unfinished ...>')
    // A write is where it begins, so that an answer is never taken for later than it was; a read or a sync is where it ends.
    const isWrite = /^\S+ \S+ (write|writev|sendto|sendmsg|pwrite64|pwritev)\(/.test(line)
    if (cut >= 0) {
      if (isWrite) steps.push(...stepsOf(line.slice(0, cut)))
      else unfinished.set(pid, line.slice(0, cut))
      continue
    }
    const resumed = /^\S+ \S+ <\.\.\. (\w+) resumed>(.*)$/.exec(line)
    if (!resumed) steps.push(...stepsOf(line))
    else if (unfinished.has(pid)) {
      steps.push(...stepsOf(`${unfinished.get(pid)}${resumed[2]}`))
      unfinished.delete(pid)
    }
  }
  return steps
}

function stepsOf(line: string): Step[] {
  const [, call = '', file = ''] = CALL.exec(line) ?? []
  const isLog = file.endsWith('beckon.db-wal')
  if ((call === 'fsync' || call === 'fdatasync') && isLog) return /= 0$/.test(line) ? [{ kind: 'sync' }] : []
  const texts = [...new Set(line.match(/(?:sequential|concurrent)-\d+-mark/g) ?? [])]
  if (texts.length === 0) return []
  if (isLog) return [{ kind: 'logged', texts }]
  if (!file.startsWith('socket:') && !file.startsWith('TCP')) return []
  if (call === 'read') return [{ kind: 'request', texts }]
  return line.includes('HTTP/1.1 201') ? [{ kind: 'answer', texts }] : []
}

interface Verdict {
  answered: number
  'request seen': number
  'log written': number
  'synced before the answer': number
  'syncs in that time': number
}

/** How many of the answers follow a sync that follows their own write to the log, which follows their request. */
function judge(all: readonly Step[], texts: readonly string[]): Verdict {
  const wanted = new Set(texts)
  const reached = new Map<string, 'requested' | 'logged' | 'synced'>()
  const verdict = { answered: 0, 'request seen': 0, 'log written': 0, 'synced before the answer': 0, 'syncs in that time': 0 }
  let begun = false
  for (const step of all) {
    if (step.kind === 'sync') {
      if (begun && verdict.answered < texts.length) verdict['syncs in that time']++
      for (const [text, state] of reached) if (state === 'logged') reached.set(text, 'synced')
      continue
    }
    for (const text of step.texts.filter((text) => wanted.has(text))) {
      begun = true
      const state = reached.get(text)
      switch (step.kind) {
        case 'request':
          verdict['request seen']++
          reached.set(text, 'requested')
          break
        case 'logged':
          // Pages are written again when a neighbour on them changes.
          if (state !== 'requested') break
          verdict['log written']++
          reached.set(text, 'logged')
          break
        case 'answer':
          verdict.answered++
          if (state === 'synced') verdict['synced before the answer']++
      }
    }
  }
  return verdict
}
