import { defineProblem } from '../../platform/problems.ts'

export const TooManyCannedReplies = defineProblem(
  'too_many_canned_replies',
  409,
  'Somebody has at most 500 canned replies. Delete one first.',
)
export const TooManyMacros = defineProblem('too_many_macros', 409, 'Somebody has at most 500 macros. Delete one first.')
export const ShortcutTaken = defineProblem(
  'shortcut_taken',
  409,
  'This shortcut is taken among those who share it. Choose another one.',
)
export const PlaceholderMissing = defineProblem(
  'placeholder_missing',
  422,
  'A placeholder has no value in this ticket. `errors` says which: give a text for each in `values`.',
)
export const CannedReplyNotUsable = defineProblem(
  'canned_reply_not_usable',
  409,
  'A file of this canned reply cannot be sent. `errors` says which: take it out, or put in another one.',
)
export const MacroNotApplicable = defineProblem(
  'macro_not_applicable',
  409,
  'This macro asks for something that this ticket cannot be. `errors` says what: change the macro, or do it by hand.',
)
