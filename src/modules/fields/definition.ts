import { type Definition, type FieldType, type Option, readValue } from './field.ts'

/** What is wrong in a definition, and where. */
export interface Mistake {
  pointer: string
  code: string
  detail: string
}

type Draft = Omit<Definition, 'id' | 'key' | 'is_archived'>

/** What in a definition does not go together. */
export function mistakesIn(field: Draft): Mistake[] {
  return [...misplaced(field), ...wrongOptions(field), ...wrongLimits(field), ...wrongDefault(field)]
}

const only = (pointer: string, of: string): Mistake => ({ pointer, code: 'not_for_type', detail: `Only ${of} have this.` })

function misplaced({ type, options, max_length, minimum, maximum }: Draft): Mistake[] {
  const found: Mistake[] = []
  if (options.length > 0 && !hasOptions(type)) found.push(only('/options', 'choices'))
  if (max_length !== null && type !== 'text') found.push(only('/max_length', 'texts'))
  if (minimum !== null && type !== 'number') found.push(only('/minimum', 'numbers'))
  if (maximum !== null && type !== 'number') found.push(only('/maximum', 'numbers'))
  return found
}

function hasOptions(type: FieldType): boolean {
  return type === 'choice' || type === 'multi_choice'
}

function wrongOptions({ type, options }: Draft): Mistake[] {
  if (!hasOptions(type)) return []
  if (options.length === 0) return [{ pointer: '/options', code: 'required', detail: 'A choice needs options.' }]
  const values = options.map(({ value }) => value)
  return options.flatMap(({ value }, i): Mistake[] => {
    // In a filter these words have a meaning of their own.
    if (value === 'none') return [{ pointer: `/options/${i}/value`, code: 'not_allowed', detail: 'No option is called none.' }]
    if (values.indexOf(value) < i)
      return [{ pointer: `/options/${i}/value`, code: 'duplicate', detail: 'This value is there twice.' }]
    return []
  })
}

function wrongLimits({ minimum, maximum }: Draft): Mistake[] {
  if (minimum === null || maximum === null || minimum <= maximum) return []
  return [{ pointer: '/maximum', code: 'too_small', detail: `must be at least ${minimum}, which is the minimum` }]
}

function wrongDefault(field: Draft): Mistake[] {
  if (field.default === null) return []
  const read = readValue({ ...field, id: '', key: '', is_archived: false }, field.default)
  return 'fault' in read ? [{ pointer: '/default', ...read.fault }] : []
}

/** The options that a change takes away: tickets may have them. */
export function removedOptions(before: readonly Option[], after: readonly Option[]): string[] {
  const kept = new Set(after.map(({ value }) => value))
  return before.filter(({ value }) => !kept.has(value)).map(({ value }) => value)
}
