import { defineProblem } from '../../platform/problems.ts'

export const AttachmentTooLarge = defineProblem('attachment_too_large', 413, 'The file is larger than this desk takes.')
export const AttachmentTypeNotAllowed = defineProblem(
  'attachment_type_not_allowed',
  422,
  'This desk does not take files of this type.',
)
export const TooManyUploads = defineProblem(
  'too_many_uploads',
  429,
  'You are uploading too many files at once. Wait until one is done.',
)
export const AttachmentNotScanned = defineProblem(
  'attachment_not_scanned',
  409,
  'The file cannot be read before it was scanned and found clean. Try again later.',
)
export const AttachmentInfected = defineProblem(
  'attachment_infected',
  410,
  'The file holds something harmful, and is given to nobody.',
)
