import { serveTasks } from '../../platform/threads.ts'
import { parseMail } from './parse-mail.ts'

// The entry of a parsing thread; `parser.ts` names this file.
serveTasks(parseMail, (read) => ('refused' in read ? [] : [...new Set(read.files.map(({ content }) => content.buffer))]))
