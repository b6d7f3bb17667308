import { defineProblem } from '../../platform/problems.ts'

export const TooManyStreams = defineProblem('too_many_streams', 429, 'You have too many live connections. Close some of them.')
export const NodeFull = defineProblem(
  'node_full',
  503,
  'This node holds as many live connections as it may. Try again in a moment.',
)
export const SlowReader = defineProblem(
  'slow_reader',
  408,
  'You do not read what is sent, so the stream ends. Come back with the position that you have: nothing is lost.',
)
export const TooManyFrames = defineProblem('too_many_frames', 429, 'Frames come faster than they are taken. Wait, and send less.')
export const UnknownFrame = defineProblem('unknown_frame', 422, 'There is no frame of this type.')
export const UnreadableFrame = defineProblem('unreadable_frame', 400, 'The frame cannot be read as a JSON object in text.')
