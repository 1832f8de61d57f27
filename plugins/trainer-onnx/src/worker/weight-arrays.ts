/** Makes an array of weights, gradients or moments: of zeros. */
export type CreateArray = (length: number) => Float32Array

/** @param shared whether threads have to see them; arrays that they share cannot be given to the runtime */
export function weightArrays(shared: boolean): CreateArray {
  return shared
    ? (length) => new Float32Array(new SharedArrayBuffer(length * Float32Array.BYTES_PER_ELEMENT))
    : (length) => new Float32Array(length)
}
