import { type FieldError, invalidFields } from '../../../platform/problems.ts'
import { faultOf } from '../placeholders.ts'
import { type TemplatePart, templateParts } from '../templates.ts'

/** Throws 422 where a part of a template is none, names what there is not, or is longer than its line. */
export function requireWording(given: Partial<Record<TemplatePart, string | null>>): void {
  const errors: FieldError[] = templateParts.flatMap((part): FieldError[] => {
    const text = given[part]
    if (text === null || text === undefined) return []
    if ((part === 'subject' || part === 'greeting') && /[\p{Cc}\u2028\u2029]/u.test(text))
      return [{ pointer: `/${part}`, code: 'not_one_line', detail: 'This stands on one line.' }]
    const fault = faultOf(text)
    return fault ? [{ pointer: `/${part}`, ...fault }] : []
  })
  if (errors.length > 0) throw invalidFields(errors)
}
