/** Absolute path of the folder that holds the templates, a folder each. */
export declare const TEMPLATE_FOLDER: string
