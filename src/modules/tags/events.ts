import { Type } from 'typebox'
import { defineEvent } from '../../platform/events.ts'
import { strict } from '../../platform/http/schemas.ts'

/** A tag has another name from now on, or is `merged` into one that there was; its tickets follow. About the job that does it. */
export const tagRenamed = defineEvent('tag.renamed', strict({ from: Type.String(), to: Type.String(), merged: Type.Boolean() }))
