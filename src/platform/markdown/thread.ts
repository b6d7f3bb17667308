import { serveTasks } from '../threads.ts'
import { doTask } from './task.ts'

// The entry of a rendering thread; `renderer.ts` names this file.
serveTasks(doTask)
