/** @param folder default: the one that the package ships */
export function buildViewer(folder?: string): Promise<void>
