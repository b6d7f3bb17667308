/** The kind of timer that makes a job go on; its subject is the job. */
export const STEP = 'jobs.step'
