import { ERRORS_PAGE, errorTable } from '@dda-thinker/plugin-api'

/** Every error of this package; docs/reference/errors.md is printed from it. */
export const errors = errorTable(
  {
    DDA_SERVE_BUSY: {
      message: '{count} requests are waiting, and no more are taken',
      next: 'Send the request again later, or start more replicas.',
    },
    DDA_SERVE_DEADLINE: {
      message: 'the answer is not there after {seconds} s; the work goes on',
      next: 'Send the same request again: it joins the work under way, and nothing is bought twice.',
    },
    DDA_SERVE_JOB_UNKNOWN: {
      message: 'there is no job of this id',
      next: 'Enqueue the request again: what was bought for it is not bought again.',
    },
    DDA_SERVE_MASKED: {
      message: 'the rollout is masked ({code}): {message}',
      next: 'There is no reward for it, and this form of answer has no way to say so; send it again, or leave the sample out.',
    },
    'DDA_SERVE_REQUEST/plan': {
      message: 'a request has either `plan` or `completion`',
      next: 'Send what the policy wrote as `completion`, or the executable plan alone as `plan`.',
    },
    'DDA_SERVE_REQUEST/sample': {
      message: 'a request has either `sampleId` or `sample`',
      next: 'Name a sample of the data by `sampleId`, or send one along as `sample`.',
    },
    'DDA_SERVE_REQUEST/inline': {
      message: 'the sample that came with the request is none: {problem}',
      next: 'Mend it; dda data validate checks a file of such samples.',
    },
    'DDA_SERVE_REQUEST/stream': {
      message: 'the reward has no stream "{stream}"',
      next: 'Its streams are: {streams}.',
    },
    'DDA_SERVE_REQUEST/picture': {
      message: 'a picture of the sample is no base64',
      next: 'Send PNG, JPEG or WebP as base64, or as data:image/png;base64,...',
    },
    'DDA_SERVE_REQUEST/label': {
      message: 'the label of the request names no sample',
      next: 'Let the label column of the data set hold the id of the sample, or a JSON object with `sampleId`.',
    },
    'DDA_SERVE_REQUEST/completion': {
      message: 'the completion cannot be told from the prompt',
      next: 'The query has to begin with the prompt, as the peer sends it.',
    },
  },
  { page: ERRORS_PAGE },
)
