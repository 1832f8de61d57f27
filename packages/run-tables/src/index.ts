// Runs as tables that can be asked, and the same as files.
export { exportTables, type QueryResult, RunTables, type TablesOptions } from './run-tables.ts'
export { type TableColumn, TABLES, type TableSpec } from './tables.ts'
