import { isDeepStrictEqual } from 'node:util'

/** A JSON Schema as it stands in the document. */
export type Schema = Record<string, unknown>

/** Collects the named shapes of a document, each once. */
export interface SchemaRegistry {
  /** The schema as it stands in the document: named shapes have become references, and what only TypeBox needs is gone. */
  publish(schema: object): Schema
  /** Every named shape so far, by name. */
  components(): Record<string, Schema>
}

/** An empty registry. Two different shapes with one name are an error. */
export function createSchemaRegistry(): SchemaRegistry {
  const known = new Map<string, Schema>()

  const publishValue = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(publishValue)
    if (typeof value === 'object' && value !== null) return publish(value)
    return value
  }
  const publish = (schema: object): Schema => {
    const entries = Object.entries(schema).filter(([key, value]) => value !== undefined && !key.startsWith('~'))
    const published = Object.fromEntries(
      entries.filter(([key]) => key !== 'x-name').map(([key, value]) => [key, publishValue(value)]),
    )
    const name = (schema as { 'x-name'?: unknown })['x-name']
    if (typeof name !== 'string') return withType(published)
    const before = known.get(name)
    if (before && !isDeepStrictEqual(before, withType(published))) throw new Error(`two different schemas are named ${name}`)
    known.set(name, withType(published))
    return { $ref: `#/components/schemas/${name}` }
  }
  return {
    publish,
    components: () => Object.fromEntries([...known].sort(([a], [b]) => (a < b ? -1 : 1))),
  }
}

// A list of texts says by itself that it is text; code generators and readers want to be told.
function withType(schema: Schema): Schema {
  const { enum: values, type } = schema
  if (type !== undefined || !Array.isArray(values) || !values.every((value) => typeof value === 'string')) return schema
  return { type: 'string', ...schema }
}

/** Whether every object of this shape has a key: in each alternative, where there are several. */
export function hasProperty(schema: object, name: string): boolean {
  const { properties, anyOf } = schema as { properties?: object; anyOf?: object[] }
  if (anyOf) return anyOf.length > 0 && anyOf.every((alternative) => hasProperty(alternative, name))
  return properties !== undefined && Object.hasOwn(properties, name)
}
