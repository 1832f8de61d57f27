import { createHttpService, type HttpService } from '@dda-thinker/http-service'
import type { DdaError } from '@dda-thinker/plugin-api'
import { type ContentStore, Thumbnails } from '@dda-thinker/store'
import { ViewedProject, type ViewedProjectOptions } from '../records/viewed-project.ts'
import { addAnnotationRoutes } from './annotation-routes.ts'
import { readApp } from './app-files.ts'
import { addDataRoutes } from './data-routes.ts'
import { addPictureRoutes } from './picture-routes.ts'

export interface ViewerOptions extends ViewedProjectOptions {
  readonly images: ContentStore
  /** Address to listen on. Default `127.0.0.1`. Any other than loopback needs a token. */
  readonly host?: string
  /** Default 0: a free one. */
  readonly port?: number
  readonly token?: string | undefined
  /** Names beside its address that it may be called by. */
  readonly hosts?: readonly string[]
  /** Folder of the built page. Default: the one in this package. */
  readonly app?: string
  /** Told errors that are the server's own. */
  readonly onError?: (error: unknown) => void
}

const STATUS: Readonly<Record<string, number>> = {
  DDA_ANNOTATION_INVALID: 400,
  DDA_VIEW_ANSWER: 400,
  DDA_VIEW_ANSWER_LOST: 409,
  DDA_VIEW_PICTURE: 404,
  DDA_VIEW_RUN: 404,
  DDA_VIEW_REQUEST: 400,
  // The record was written anew while it was looked at: the page asks again.
  DDA_DATA_CHANGED: 409,
  DDA_DATA_MISSING: 409,
}

/**
 * A server that shows the records of a project to a browser. It writes what people say of rollouts, and thumbnails beside the pictures; where it may
 * not, everything else is shown.
 *
 * @throws DdaError `DDA_VIEW_APP`, `DDA_HTTP_NO_TOKEN`
 */
export async function createViewer(options: ViewerOptions): Promise<HttpService> {
  const { images, app: folder, host, port, token, hosts, onError } = options
  const files = await readApp(folder)
  const http = createHttpService({
    ...(host === undefined ? {} : { host }),
    ...(port === undefined ? {} : { port }),
    ...(hosts === undefined ? {} : { hosts }),
    ...(onError === undefined ? {} : { onError }),
    token,
    drainSeconds: 2,
    statusOf: ({ code }: DdaError) => STATUS[code],
  })
  const { app } = http
  app.get('/', (_request, reply) => reply.type('text/html; charset=utf-8').send(files.html))
  app.get('/app.js', (_request, reply) => reply.type('text/javascript; charset=utf-8').send(files.code))
  app.get('/app.css', (_request, reply) => reply.type('text/css; charset=utf-8').send(files.style))
  addPictureRoutes(app, images, new Thumbnails(images))
  const project = new ViewedProject(options)
  addDataRoutes(app, project)
  addAnnotationRoutes(app, project)
  return http
}
