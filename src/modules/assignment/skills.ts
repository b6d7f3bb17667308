import { type RawBuilder, sql } from 'kysely'
import { joinBehind } from '../../platform/database/dialect.ts'
import { prepare } from '../../platform/database/prepared.ts'
import type { Reader } from '../../platform/database/schema.ts'

const skillsOf = prepare((db, { ticket_id }: { ticket_id: string }) =>
  db.selectFrom('ticket_skills').select(['skill', 'relax_at']).where('ticket_id', '=', ticket_id).orderBy('skill'),
)

/** What a ticket asks for, those skills included that bind no longer. */
export function askedSkills(db: Reader, ticket_id: string): Promise<{ skill: string; relax_at: number | null }[]> {
  return skillsOf(db, { ticket_id })
}

/** The skills of a ticket that bind at a moment. */
export async function boundSkills(db: Reader, { ticket_id, now }: { ticket_id: string; now: number }): Promise<string[]> {
  const asked = await skillsOf(db, { ticket_id })
  return asked.filter(({ relax_at }) => relax_at === null || relax_at > now).map(({ skill }) => skill)
}

// The line first: what tickets ever asked for grows with the years, and a line does not.
const boundInLine = prepare((db, { queue_id, now }: { queue_id: string; now: number }) => ({
  compile: () =>
    sql<{ ticket_id: string; skill: string }>`select ticket_skills.ticket_id, ticket_skills.skill
      from tickets ${joinBehind(db)} ticket_skills on ticket_skills.ticket_id = tickets.id
      where tickets.queue_id = ${queue_id} and tickets.waiting_rank is not null
      and (ticket_skills.relax_at is null or ticket_skills.relax_at > ${now}) order by ticket_skills.skill`.compile(db),
}))

/** The skills that bind of all tickets that wait in a queue, by ticket. */
export async function boundSkillsInLine(db: Reader, line: { queue_id: string; now: number }): Promise<Map<string, string[]>> {
  const found = new Map<string, string[]>()
  for (const { ticket_id, skill } of await boundInLine(db, line)) found.set(ticket_id, [...(found.get(ticket_id) ?? []), skill])
  return found
}

/** The rule `missingSkills` as a condition on a row of `tickets`: the agent has every skill that binds. */
export function hasSkillsFor({ user_id, now }: { user_id: unknown; now: unknown }): RawBuilder<boolean> {
  // Counted, so that MariaDB looks at the skills of one ticket: for a `not exists` it would first gather those of all.
  return sql<boolean>`(select count(*) from ticket_skills as asked where asked.ticket_id = tickets.id
    and (asked.relax_at is null or asked.relax_at > ${now})
    and not exists (select 1 from agent_skills as held where held.user_id = ${user_id} and held.skill = asked.skill)) = 0`
}
