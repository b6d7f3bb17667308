import { type Static, Type } from 'typebox'
import { fromJson, toJson } from '../../platform/codecs.ts'
import { ExternalId, MetadataKey, nullable } from '../../platform/http/schemas.ts'
import { invalidField } from '../../platform/problems.ts'

const MOST_PAIRS = 50

/** A change of metadata, RFC 7396: a null takes its pair away, null for the whole takes all. */
export const MetadataPatch = nullable(
  Type.Record(MetadataKey, nullable(Type.String({ maxLength: 500 })), {
    additionalProperties: false,
    maxProperties: 2 * MOST_PAIRS,
    description: 'Pairs to set; a pair with null is taken away, and null instead of an object takes all away.',
  }),
)
export type MetadataPatch = Static<typeof MetadataPatch>

/** The keys that imported objects have, as a PATCH may change them. */
export const importedPatch = {
  external_id: Type.Optional(nullable(ExternalId)),
  metadata: Type.Optional(MetadataPatch),
}

/** A metadata column after a change. The same pairs give the same text. */
export function mergeMetadata(column: string, patch: MetadataPatch): string {
  const pairs = new Map(Object.entries(patch === null ? {} : fromJson<Record<string, string>>(column)))
  for (const [key, value] of Object.entries(patch ?? {})) {
    if (value === null) pairs.delete(key)
    else pairs.set(key, value)
  }
  if (pairs.size > MOST_PAIRS) throw invalidField('/metadata', 'too_many', `must have at most ${MOST_PAIRS} entries`)
  return toJson(Object.fromEntries(pairs))
}
