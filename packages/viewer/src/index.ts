// The records of a project for people who look at pictures: a server with its page.
export { createViewer, type ViewerOptions } from './server/viewer-server.ts'
export type { ViewedProjectOptions } from './records/viewed-project.ts'
export { type ExportedView, exportView, type ExportViewOptions } from './export/export-view.ts'
