/**
 * What a call of a plugin outside of any run comes to.
 *
 * @param result what the plugin gave
 * @throws DdaError `DDA_PLUGIN_STUCK` where nothing is left that could ever settle it; whatever it is rejected with
 */
export async function pluginCall<T>(plugin: string, call: string, result: PromiseLike<T>): Promise<T> {
  const { CallLog } = await import('@dda-thinker/core')
  const meter = new CallLog().meter(plugin, call)
  return meter.wait(meter.begin(), result)
}
