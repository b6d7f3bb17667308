// Sends files to a Beckon over and over, and remembers which of them it said it has.
import { createHash, randomBytes, randomInt } from 'node:crypto'
import { Agent, request } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'
import { formOf } from '../forms.ts'
import { between } from './node.ts'

/** What came of one upload. */
export interface Sent {
  state: 'acknowledged' | 'refused' | 'unknown'
  status: number
  code: string
  id: string
  sha256: string
}

const agent = new Agent({ keepAlive: true, maxSockets: 2000 })

/** Uploads one file; `unknown` where no whole answer came. */
export function upload(url: string, { token, name, content }: { token: string; name: string; content: Buffer }): Promise<Sent> {
  const { promise, resolve } = Promise.withResolvers<Sent>()
  const { body, type } = formOf([{ part: 'file', name, content }])
  const sha256 = createHash('sha256').update(content).digest('hex')
  const nothing: Sent = { state: 'unknown', status: 0, code: '', id: '', sha256 }
  const headers = { authorization: `Bearer ${token}`, 'content-type': type, 'content-length': body.length }
  const outgoing = request(new URL('/v1/attachments', url), { method: 'POST', headers, agent }, (incoming) => {
    const chunks: Buffer[] = []
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
    incoming.once('error', () => resolve(nothing))
    incoming.once('end', () => {
      if (!incoming.complete) return resolve(nothing)
      const { statusCode: status = 0 } = incoming
      const answer = JSON.parse(Buffer.concat(chunks).toString('utf8')) as { id?: string; code?: string }
      const state = status === 201 ? 'acknowledged' : 'refused'
      resolve({ state, status, code: answer.code ?? '', id: answer.id ?? '', sha256 })
    })
  })
  const timer = setTimeout(() => outgoing.destroy(), 60_000)
  outgoing.once('error', () => resolve(nothing))
  outgoing.once('close', () => {
    clearTimeout(timer)
    resolve(nothing)
  })
  outgoing.end(body)
  return promise
}

/** What many upload as the same file. */
const popular = Array.from({ length: 5 }, (_, i) => Buffer.alloc(10_000 + i, `popular ${i}`))

/** Uploaders that go on until they are stopped: small files and large ones, new ones and ones that others send, too. */
export function startUploaders({ count, token, urlOf }: { count: number; token: string; urlOf: () => string }) {
  const sent: Sent[] = []
  let stopped = false
  const one = async (): Promise<void> => {
    while (!stopped) {
      const isPopular = Math.random() < 0.3
      const content = isPopular ? popular[randomInt(popular.length)] : randomBytes(Math.round(10 ** between(2, 6.3)))
      const result = await upload(urlOf(), { token, name: 'chaos.bin', content: content ?? Buffer.alloc(1) })
      sent.push(result)
      if (result.state !== 'acknowledged') await wait(50)
    }
  }
  const running = Array.from({ length: count }, one)
  return {
    sent,
    stop: async () => {
      stopped = true
      await Promise.all(running)
    },
  }
}
