// Who listens to what.
import type { Chance } from '../../moving/chance.ts'
import type { Kind } from './stream.ts'
import { everybody, type Person, type World } from './world.ts'

export interface Subscription {
  person_id: string
  kind: Kind
  topics: string[]
}

/** As many as are wanted, of all roles, on both transports, to every kind of topic. */
export function chooseSubscriptions(world: World, { count, chance }: { count: number; chance: Chance }): Subscription[] {
  const people = everybody(world)
  return Array.from({ length: count }, (_, i) => {
    const person = people[i % people.length]
    if (!person) throw new Error('there is nobody')
    const kind = Math.floor(i / people.length) % 2 === 0 ? 'event stream' : 'web socket'
    return { person_id: person.id, kind, topics: chooseTopics(world, { person, chance }) }
  })
}

function chooseTopics(world: World, { person, chance }: { person: Person; chance: Chance }): string[] {
  const isStaff = person.role !== 'requester'
  // The tickets were raised by the requesters in turn; every agent works in the first queue.
  const known = world.tickets.filter((id, i) => {
    if (person.role === 'admin') return true
    return isStaff
      ? world.firstQueues.get(id) === world.queues[0]
      : world.requesters[i % world.requesters.length]?.id === person.id
  })
  const queues = isStaff ? world.queues.slice(0, person.role === 'admin' ? 4 : 1) : world.queues.slice(0, 3)
  const ticket = (): string => `ticket:${chance.one(known)}`
  const queue = (): string => `queue:${chance.one(queues)}`
  const view = `view:${world.views.get(person.id)}`
  switch (chance.below(isStaff ? 7 : 6)) {
    case 0:
      return ['me']
    case 1:
      return ['all']
    case 2:
      return [queue()]
    case 3:
      return [ticket()]
    case 4:
      return [...new Set([ticket(), ticket()])]
    case 5:
      return ['me', queue(), ticket()]
    default:
      return [view]
  }
}
