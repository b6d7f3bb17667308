// Looks whether imports go down only. Fails when something goes up, and when nothing was looked at.
import { cruise } from 'dependency-cruiser'
import { floorRules } from './floor-rules.ts'

/** An import that goes where it must not. */
export interface Trespass {
  rule: string
  from: string
  to: string
}

/** Follows every import below `src` of a folder. */
export async function walkFloors(baseDir: string): Promise<{ seen: number; trespasses: Trespass[] }> {
  const { output } = await cruise(['src'], {
    ...floorRules.options,
    baseDir,
    validate: true,
    ruleSet: { forbidden: floorRules.forbidden ?? [] },
  })
  if (typeof output === 'string') throw new Error('dependency-cruiser answered with a report instead of its findings')
  const { totalCruised: seen, violations } = output.summary
  return { seen, trespasses: violations.map(({ rule, from, to }) => ({ rule: rule.name, from, to })) }
}

if (import.meta.main) {
  const { seen, trespasses } = await walkFloors(process.cwd())
  for (const { rule, from, to } of trespasses) console.error(`${rule}: ${from} -> ${to}`)
  console.error(seen === 0 ? 'floors: no module was seen' : `floors: ${seen} modules, ${trespasses.length} trespasses`)
  process.exitCode = seen === 0 || trespasses.length > 0 ? 1 : 0
}
