// A desk with one busy queue, and agents who listen to it: the ground of the scenes that only measure.
import { mustSend } from '../node.ts'
import { askOver, type Desk, firstAdmin, hireAt } from './measured.ts'
import type { Person } from './world.ts'

export interface Listening {
  agents: Person[]
  queue: string
  tickets: string[]
  /** Posts a message and resolves with the time of the answer, on the clock of this process. */
  post(ticket: string, text: string): Promise<number>
}

const AGENTS = 10

export async function prepare(desk: Desk, { tickets: count }: { tickets: number }): Promise<Listening> {
  const url = (): string => desk.nodes[0]?.url ?? ''
  const admin = await firstAdmin(url())
  const hire = hireAt(url(), admin)
  const agents: Person[] = []
  for (let i = 0; i < AGENTS; i++) agents.push({ ...(await hire('agent', `agent ${i}`)), moves: false })
  const settings = await mustSend(url(), { path: '/v1/settings', token: admin.token })
  const ask = askOver(url)
  const tickets: string[] = []
  for (let i = 0; i < count; i++) {
    const { status, body } = await ask(admin, 'POST', '/v1/tickets', { subject: `Printer ${i}`, body: 'It burns.' })
    if (status !== 201) throw new Error(`a ticket is not taken: ${JSON.stringify(body)}`)
    tickets.push(body.id)
  }
  let next = 0
  return {
    ...{ agents, tickets, queue: String(settings.default_queue_id) },
    post: async (ticket, text) => {
      const agent = agents[next++ % agents.length]
      await mustSend(url(), { method: 'POST', path: `/v1/tickets/${ticket}/messages`, token: agent?.token, body: { body: text } })
      return performance.timeOrigin + performance.now()
    },
  }
}
