// Two thousand streams are cut at once, by their side and by the end of the node, and come back within a second.
import { type Crowd, openCrowd } from './crowd.ts'
import { all, atMost, type Figure, type Scene, say, told } from './figure.ts'
import { type Listening, prepare } from './listening.ts'
import { type Desk, openDesk } from './measured.ts'

const STREAMS = 2000
const LIMIT_MS = 15_000
const PATIENCE_MS = 60_000

export const reconnect: Scene = async ({ engine, redis }) => {
  const desk = await openDesk({ engine, redis })
  const crowds = [openCrowd(), openCrowd()]
  try {
    const ground = await prepare(desk, { tickets: 1 })
    const [ticket = ''] = ground.tickets
    const tokens = ground.agents.map(({ token }) => token)
    for (const crowd of crowds)
      await crowd.open({
        ...{ count: STREAMS / crowds.length, kinds: ['event stream', 'web socket'], url: desk.nodes[0]?.url ?? '', tokens },
        ...{ topics: [`ticket:${ticket}`, 'me', `queue:${ground.queue}`], addresses: ['127.0.0.2'], raw: false, deaf: false },
      })
    say(`${engine}: ${STREAMS} streams are open`)
    await desk.lag()
    const cut = await comeBack('cut by the clients', {
      desk,
      crowds,
      ground,
      breakAll: () => Promise.all(crowds.map((crowd) => crowd.cut())),
    })
    const killed = await comeBack('node killed', { desk, crowds, ground, breakAll: () => desk.restart(0) })
    const bugs = await desk.close()
    return [...cut, ...killed, { ...all('bugs in the log', bugs.length, 0), measured: bugs.join('\n').slice(0, 500) || '0' }]
  } finally {
    for (const crowd of crowds) crowd.close()
  }
}

async function comeBack(
  how: string,
  { desk, crowds, ground, breakAll }: { desk: Desk; crowds: Crowd[]; ground: Listening; breakAll: () => Promise<unknown> },
): Promise<Figure[]> {
  const [ticket = ''] = ground.tickets
  const away = `written while they were away, ${how}`
  const marks = await Promise.all(crowds.map((crowd) => crowd.mark(away, PATIENCE_MS)))
  const brokenAt = performance.timeOrigin + performance.now()
  await breakAll()
  await ground.post(ticket, away)
  const back = await Promise.all(crowds.map((crowd) => crowd.ready(PATIENCE_MS)))
  const heard = await Promise.all(marks.map((mark) => mark.heard))
  const after = `written when they were back, ${how}`
  const more = await Promise.all(crowds.map((crowd) => crowd.mark(after, PATIENCE_MS)))
  const lag = await desk.lag()
  await ground.post(ticket, after)
  const heardAfter = await Promise.all(more.map((mark) => mark.heard))
  const count = (answers: readonly { count: number }[]): number => answers.reduce((sum, one) => sum + one.count, 0)
  for (const { ends } of heard) say(`${how}: ${JSON.stringify(ends)}`)
  return [
    all(`${how}: streams that are back`, count(back), STREAMS),
    all(`${how}: heard what they missed`, count(heard), STREAMS),
    all(`${how}: hear what is new`, count(heardAfter), STREAMS),
    atMost(`${how}: the last is back and has what it missed after`, Math.max(...heard.map(({ at }) => at)) - brokenAt, {
      limit: LIMIT_MS,
      unit: 'ms',
    }),
    atMost(`${how}: loop lag`, lag.max, { limit: 500, unit: 'ms' }),
    told(`${how}: loop lag p99`, `${Math.round(lag.p99)} ms`),
  ]
}
