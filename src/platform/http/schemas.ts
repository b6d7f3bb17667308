import { type Static, type TObject, type TSchema, Type } from 'typebox'

/** Names a shape: in the OpenAPI it becomes a component of that name. */
export function named<S extends TSchema>(name: string, schema: S): S {
  return { ...schema, 'x-name': name }
}

/** An object that refuses unknown keys. */
export function strict<P extends Record<string, TSchema>>(properties: P, description?: string): TObject<P> {
  return Type.Object(properties, { additionalProperties: false, ...(description ? { description } : {}) })
}

/**
 * An object that also takes a family of names, `fields[amount]=10` and `fields[amount][gte]=10`: for a query whose parameters
 * are named by what others have set up. `key` is what may stand in the brackets, as a pattern.
 */
export function withFamily<P extends Record<string, TSchema>>(
  properties: P,
  family: { name: string; key: string; values: TSchema; bounds: Record<string, TSchema>; description: string },
): TObject<P> {
  const { name, key, values, bounds, description } = family
  const bound = Object.entries(bounds).map(([sign, schema]) => [`^${name}\\[${key}\\]\\[${sign}\\]$`, schema])
  return Type.Object(properties, {
    additionalProperties: false,
    patternProperties: { [`^${name}\\[${key}\\]$`]: values, ...Object.fromEntries(bound) },
    'x-family': { name, key, values, bounds, description },
  })
}

/** The same shape, or null. Simple types become `type: [t, 'null']`, which serialises without trying alternatives. */
export function nullable<S extends TSchema>(schema: S) {
  const { type, enum: values } = schema as { type?: unknown; enum?: readonly unknown[] }
  if (typeof type !== 'string' || type === 'object' || type === 'array')
    return Type.Unsafe<Static<S> | null>({ anyOf: [schema, { type: 'null' }] })
  return Type.Unsafe<Static<S> | null>({ ...schema, type: [type, 'null'], ...(values ? { enum: [...values, null] } : {}) })
}

/** A point in time on the wire. */
export const Time = Type.String({
  format: 'date-time',
  description: 'RFC 3339, UTC, with milliseconds.',
  examples: ['2026-11-22T09:12:00.000Z'],
})

/** A key of metadata; in JSON Schema the names of members are told by a pattern. */
export const MetadataKey = Type.String({ pattern: '^[\\s\\S]{1,64}$' })

export const Metadata = Type.Record(MetadataKey, Type.String({ maxLength: 500 }), {
  additionalProperties: false,
  maxProperties: 50,
  description: 'At most 50 pairs of text that Beckon keeps and never reads.',
})

export const ExternalId = Type.String({
  minLength: 1,
  maxLength: 200,
  // Databases do not agree on whether trailing spaces count.
  pattern: '^\\S(.*\\S)?$',
  description: 'Your own id of this object, unique per kind.',
})

/** The query of every list. */
export const PageQuery = {
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 25, description: 'How many at most.' })),
  cursor: Type.Optional(
    Type.String({ minLength: 1, maxLength: 2000, description: 'Where the last page ended: its `next_cursor`.' }),
  ),
}

/** The envelope of a list. */
export function listOf<S extends TSchema>(name: string, item: S) {
  return named(
    name,
    Type.Object({
      object: Type.Literal('list'),
      data: Type.Array(item),
      has_more: Type.Boolean({ description: 'Whether there is a next page.' }),
      next_cursor: nullable(Type.String({ description: 'Give it as `cursor` for the next page.' })),
      total: Type.Optional(Type.Integer({ description: 'With `include=total`: how many in all.' })),
    }),
  )
}

export const ProblemBody = named(
  'Problem',
  Type.Object(
    {
      type: Type.String({ description: 'The address of a page about this code.' }),
      title: Type.String(),
      status: Type.Integer(),
      code: Type.String({ description: 'Stable: programs decide by it. More may be added.' }),
      detail: Type.Optional(Type.String()),
      request_id: Type.String(),
      errors: Type.Optional(
        Type.Array(
          Type.Object({
            pointer: Type.Optional(Type.String({ description: 'RFC 6901, into the body.' })),
            parameter: Type.Optional(Type.String()),
            code: Type.String(),
            detail: Type.String(),
          }),
        ),
      ),
      allowed: Type.Optional(Type.Array(Type.String(), { description: 'What the state allows instead.' })),
      missing_fields: Type.Optional(Type.Array(Type.String(), { description: 'What the object must have first.' })),
      ticket_ids: Type.Optional(Type.Array(Type.String(), { description: 'The tickets that stand in the way.' })),
      merged_into_id: Type.Optional(Type.String({ description: 'The ticket that it was merged into.' })),
      last_message_id: Type.Optional(
        nullable(Type.String({ description: 'The last message that you see; null where there is none.' })),
      ),
      new_message_count: Type.Optional(Type.Integer({ description: 'How many messages came after the one that you expected.' })),
      location: Type.Optional(Type.String({ description: 'The path of what the request made when it was done.' })),
      position: Type.Optional(Type.Integer({ description: 'Where the log ends: from where to go on.' })),
      oldest: Type.Optional(Type.Integer({ description: 'The position behind which the log can be followed.' })),
      current_version: Type.Optional(Type.Integer({ description: 'The version that the object has now.' })),
    },
    { description: 'RFC 9457, with members that some codes carry.' },
  ),
)
export type ProblemBody = Static<typeof ProblemBody>
